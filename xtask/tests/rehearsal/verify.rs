//! `schema verify`: what is pinned against itself, and against upstream's texts.

use crate::copy::{Copy, git};

/// A text as upstream has them: with comments that say since when things exist.
const UPSTREAM: &str = "\
##
# @guest-ping:
#
# Says that it is there.
#
# Since: 1.5
##
{ 'command': 'guest-ping' }

##
# @guest-sync:
#
# Says a number.
#
# @id: the number
#
# Returns: the number
##
{ 'command': 'guest-sync', 'data': { 'id': 'int' }, 'returns': 'int' }
";

const DOCS: &str = "\
[commands.guest-ping]
doc = \"P.\"
[commands.guest-sync]
doc = \"S.\"
[commands.guest-sync.arguments]
id = \"I.\"
";

/// A copy that knows one release, 1.2, pinned from that text.
fn pinned(folder: &str) -> Copy {
    let copy = Copy::make(folder);
    std::fs::remove_dir_all(copy.root.join("schema/snapshots")).expect("removed");
    copy.write("schema/docs.toml", DOCS);
    copy.write("schema/corrections.toml", "");
    copy.write("upstream.json", UPSTREAM);
    copy.xtask(&["schema", "add", "1.2", "--from", "upstream.json"]);
    copy
}

#[test]
fn what_comments_say_of_releases_is_compared_with_what_the_pins_prove() {
    let copy = pinned("verify-since");
    let said = copy.xtask(&["schema", "verify", "--from", "upstream.json"]);
    for line in [
        "1 releases in 1 snapshots, canonical and documented\n",
        "1.2: guest-ping says since 1.5; the first release with it is 1.2\n",
        "1.2: guest-sync does not say since when it exists; it is in 1.2\n",
        "upstream.json: importing it gives what is pinned\n",
    ] {
        assert!(said.contains(line), "{line} is missing in {said}");
    }
}

#[test]
fn another_text_than_was_pinned_is_told() {
    let copy = pinned("verify-other");
    copy.write("upstream.json", &UPSTREAM.replace("'int'", "'str'"));
    let refusal = copy.refused(&["schema", "verify", "--from", "upstream.json"]);
    assert!(refusal.contains("upstream.json holds the text of no pinned release"), "{refusal}");
}

#[test]
fn a_snapshot_that_was_edited_is_told() {
    let copy = pinned("verify-edited");
    let path = "schema/snapshots/1.2.json";
    let snapshot = copy.read(path);
    copy.write(path, &snapshot.replace("'command':", "'command' :"));
    let refusal = copy.refused(&["schema", "verify"]);
    assert!(refusal.contains("snapshot 1.2 is not canonical"), "{refusal}");
    copy.write(path, &snapshot.replace("'int'", "'str'"));
    let refusal = copy.refused(&["schema", "verify", "--from", "upstream.json"]);
    assert!(refusal.contains("importing 1.2 from upstream.json gives something else"), "{refusal}");
    std::fs::remove_file(copy.root.join(path)).expect("removed");
    let refusal = copy.refused(&["schema", "verify"]);
    assert!(refusal.contains("the snapshot of 1.2 is gone"), "{refusal}");
}

#[test]
fn every_pinned_release_of_a_checkout_is_verified() {
    let copy = pinned("verify-checkout");
    let checkout = copy.root.join("qemu");
    std::fs::create_dir_all(&checkout).expect("created");
    git(&checkout, &["init", "--quiet"]);
    for tag in ["v1.2.0", "v1.3.0"] {
        copy.write("qemu/qapi-schema-guest.json", UPSTREAM);
        git(&checkout, &["add", "."]);
        git(&checkout, &["commit", "--quiet", "--allow-empty", "--message", tag]);
        git(&checkout, &["tag", tag]);
    }
    copy.xtask(&["schema", "add", "--all-tags", "--from", "qemu"]);
    let said = copy.xtask(&["schema", "verify", "--from", "qemu"]);
    assert!(said.contains("qemu: importing 2 releases gives what is pinned"), "{said}");
    let list = copy.read("schema/releases.toml");
    let other = list.replacen("sha256 = \"", "sha256 = \"0", 1);
    copy.write("schema/releases.toml", &other);
    let refusal = copy.refused(&["schema", "verify", "--from", "qemu"]);
    assert!(
        refusal.contains("the text of 1.2 in qemu is not the one that was pinned"),
        "{refusal}"
    );
}
