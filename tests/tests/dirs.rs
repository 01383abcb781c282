//! Directories between a guest and this side. What a guest sends is made by hand where it is hostile.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use qga_bindings::fake::Run;
use qga_bindings::files::{DirOptions, FileError, FileProblem, Verified};
use qga_tests::agent::Agent;
use qga_tests::archive::{archive, entry};
use qga_tests::folder::Folder;
use qga_tests::with_both_clients;

fn why(error: &FileError) -> String {
    match &*error.problem {
        FileProblem::Local(error) => error.to_string(),
        other => format!("another problem: {other}"),
    }
}

/// What is in a directory: names, and what files have in them.
fn listing(dir: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
            if path.is_dir() {
                found.push((name, None));
                waiting.push(path);
            } else {
                found.push((name, Some(fs::read(&path).unwrap_or_default())));
            }
        }
    }
    found.sort();
    found
}

with_both_clients! {
    fn a_directory_comes_out_with_files_directories_and_names_of_any_length(agent, client) {
        let long = "n".repeat(90);
        let name = format!("./{long}/{long}/{long}");
        let extended = format!("path={name}\n");
        let length = extended.len() + 4;
        let sent = archive(&[
            entry(b'5', "./", "", b""),
            entry(b'0', "./a", "", b"one"),
            entry(b'L', "././@LongLink", "", format!("{name}1\0").as_bytes()),
            entry(b'0', "./cut", "", b"two"),
            entry(b'x', "./pax", "", format!("{length} {extended}").as_bytes()),
            entry(b'0', "./cut", "", b"three"),
            entry(b'5', "./empty/", "", b""),
        ]);
        let disk = agent.add_files();
        agent.add_programs(&disk).insert("/bin/sh", move |_| Run::exit(0).stdout(sent.clone()));
        let scratch = Folder::new().expect("made");
        let tree = done(client.files().copy_dir_out("/x", scratch.join("to"), DirOptions::new())).expect("copied");
        assert_eq!((tree.entries, tree.files, tree.bytes, tree.left_out), (5, 3, 11, 0));
        let deep = format!("{long}/{long}");
        let expected: Vec<(String, Option<Vec<u8>>)> = vec![
            ("a".into(), Some(b"one".into())),
            ("empty".into(), None),
            (long.clone(), None),
            (deep.clone(), None),
            (format!("{deep}/{long}"), Some(b"three".into())),
            (format!("{deep}/{long}1"), Some(b"two".into())),
        ];
        assert_eq!(listing(&scratch.join("to")), expected);
        let mode = fs::metadata(scratch.join("to/a")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o7777, 0o755, "nobody else's rights");
        assert_eq!((disk.open_handles(), disk.paths()), (vec![], Vec::<String>::new()));
    }

    fn a_hostile_archive_writes_nothing_outside_of_its_directory(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        let scratch = Folder::new().expect("made");
        let outside = scratch.join("outside");
        fs::create_dir(&outside).expect("made");
        fs::write(scratch.join("victim"), "untouched").expect("written");
        let absolute = outside.join("x").display().to_string();
        let outside = outside.display().to_string();
        for (what, entries, refused) in [
            ("above", vec![entry(b'0', "../outside/x", "", b"evil")], true),
            ("hidden above", vec![entry(b'0', "./a/../../outside/x", "", b"evil")], true),
            ("absolute", vec![entry(b'0', &absolute, "", b"evil")], true),
            ("long name above", vec![entry(b'L', "", "", b"../outside/x\0"), entry(b'0', "x", "", b"evil")], true),
            ("pax name above", vec![entry(b'x', "", "", b"21 path=../outside/x\n"), entry(b'0', "x", "", b"evil")], true),
            ("through a link", vec![entry(b'2', "l", &outside, b""), entry(b'0', "l/x", "", b"evil")], false),
            ("a hard link", vec![entry(b'1', "h", "../victim", b""), entry(b'0', "h", "", b"evil")], false),
            ("devices", vec![entry(b'3', "d", "", b""), entry(b'4', "e", "", b""), entry(b'6', "f", "", b"")], false),
        ] {
            let sent = archive(&entries);
            programs.insert("/bin/sh", move |_| Run::exit(0).stdout(sent.clone()));
            let to = scratch.join("to");
            let result = done(client.files().copy_dir_out("/x", &to, DirOptions::new()));
            assert_eq!(result.is_err(), refused, "{what}: {result:?}");
            assert!(listing(Path::new(&outside)).is_empty(), "{what}");
            assert_eq!(fs::read(scratch.join("victim")).expect("there"), b"untouched", "{what}");
            assert!(!to.join("d").exists(), "{what}");
            drop(fs::remove_dir_all(&to));
        }
    }

    fn links_that_are_here_already_are_not_followed(agent, client) {
        let sent = archive(&[entry(b'0', "file", "", b"new")]);
        let through = archive(&[entry(b'0', "dir/file", "", b"evil")]);
        let programs = agent.add_programs(&agent.add_files());
        let scratch = Folder::new().expect("made");
        let to = scratch.join("to");
        for dir in [&to, &scratch.join("outside")] {
            fs::create_dir(dir).expect("made");
        }
        fs::write(scratch.join("victim"), "untouched").expect("written");
        symlink(scratch.join("victim"), to.join("file")).expect("linked");
        symlink(scratch.join("outside"), to.join("dir")).expect("linked");
        programs.insert("/bin/sh", move |_| Run::exit(0).stdout(sent.clone()));
        done(client.files().copy_dir_out("/x", &to, DirOptions::new())).expect("the link gives way");
        assert_eq!(fs::read(to.join("file")).expect("there"), b"new");
        assert_eq!(fs::read(scratch.join("victim")).expect("there"), b"untouched");
        programs.insert("/bin/sh", move |_| Run::exit(0).stdout(through.clone()));
        done(client.files().copy_dir_out("/x", &to, DirOptions::new())).expect_err("it leads elsewhere");
        assert!(listing(&scratch.join("outside")).is_empty());
    }

    fn a_directory_that_changes_meanwhile_is_not_taken_for_the_same(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        let scratch = Folder::new().expect("made");
        let sent = [entry(b'0', "./a", "", b"one"), entry(b'0', "./b", "", b"two")];
        for (later, differs) in [
            (vec![sent[0].clone(), sent[1].clone(), entry(b'0', "./new", "", b"not copied")], None),
            (vec![sent[0].clone(), entry(b'0', "./b", "", b"own")], Some("./b")),
            (vec![sent[0].clone(), entry(b'0', "./b", "", b"two more")], Some("./b")),
            (vec![entry(b'0', "./a", "", b""), sent[1].clone()], Some("./a")),
            (vec![sent[0].clone()], Some("")),
        ] {
            let mut archives = vec![archive(&later), archive(&sent)];
            programs.insert("/bin/sh", move |_| Run::exit(0).stdout(archives.pop().unwrap_or_default()));
            let result = done(client.files().copy_dir_out("/x", scratch.join("to"), DirOptions::new().verify(true)));
            let found = match result.map_err(|error| *error.problem) {
                Ok(tree) => {
                    assert_eq!(tree.verified, Verified::ByReading);
                    None
                }
                Err(FileProblem::DiffersIn { name }) => Some(name),
                Err(FileProblem::Differs) => Some(String::new()),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found.as_deref(), differs, "{later:?}");
        }
    }

    fn a_made_up_guest_has_directories_as_far_as_files_are_in_them(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk);
        let long = "n".repeat(150);
        disk.insert(format!("/from/{long}"), "one").insert("/from/a/b", "two").insert("/other", "");
        let scratch = Folder::new().expect("made");
        let mut told = 0;
        let options = DirOptions::new().verify(true).progress(|done| told = done);
        let tree = done(client.files().copy_dir_out("/from", scratch.join("to"), options)).expect("copied");
        assert_eq!((tree.files, tree.bytes, tree.verified), (2, 6, Verified::ByReading));
        assert!(told > 1024, "{told}");
        let options = DirOptions::new().verify(true);
        done(client.files().copy_dir_in(scratch.join("to"), "/back", options)).expect("copied");
        assert_eq!(disk.get(&format!("/back/{long}")).as_deref(), Some(b"one".as_slice()));
        assert_eq!(disk.get("/back/a/b").as_deref(), Some(b"two".as_slice()));
        assert!(done(client.files().is_dir("/back/a")).expect("asked"));
        assert!(!done(client.files().is_dir("/other")).expect("asked"));
        assert!(!disk.paths().iter().any(|path| path.starts_with("/tmp")), "{:?}", disk.paths());
    }

    fn an_archive_past_its_limits_cut_off_or_garbled_is_refused(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        let scratch = Folder::new().expect("made");
        let whole = archive(&[entry(b'0', "a", "", &[b'x'; 600]), entry(b'0', "b", "", b"y")]);
        let mut garbled = whole.clone();
        garbled[0] ^= 1;
        let limits = DirOptions::new;
        for (sent, limits, part) in [
            (whole.clone(), limits().bytes(600), "601 bytes"),
            (whole.clone(), limits().entries(1), "1 entries"),
            (whole[..1000].to_vec(), limits(), "too soon"),
            (whole[..1536].to_vec(), limits(), "too soon"),
            (garbled, limits(), "checksum"),
            (archive(&[entry(b'x', "", "", b"99999 path=x\n")]), limits(), "extended header"),
            (archive(&[entry(b'L', "", "", &vec![b'a'; 70_000])]), limits(), "name is too long"),
        ] {
            programs.insert("/bin/sh", move |_| Run::exit(0).stdout(sent.clone()));
            let error = done(client.files().copy_dir_out("/x", scratch.join("to"), limits)).expect_err(part);
            let part = part.replace("601", "600");
            assert!(why(&error).contains(&part), "{part}: {error}");
        }
        programs.insert("/bin/sh", |_| Run::exit(2).stderr("tar: /x: no such directory"));
        let error = done(client.files().copy_dir_out("/x", scratch.join("to"), limits())).expect_err("failed");
        assert!(error.to_string().contains("no such directory"), "{error}");
    }
}

#[test]
fn a_directory_goes_in_and_comes_out_alike() {
    use qga_bindings::blocking::Helpers as _;
    let Some(agent) = Agent::start() else { return };
    let scratch = Folder::new().expect("made");
    let from = scratch.join("from");
    let deep = format!("{0}/{0}/{0}", "long".repeat(20));
    fs::create_dir_all(from.join(&deep)).expect("made");
    fs::create_dir(from.join("empty")).expect("made");
    let big: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    for (name, bytes) in
        [("a b\n'$x\u{e9}", b"1".as_slice()), ("none", b""), ("run", b"#!"), ("big", &big)]
    {
        fs::write(from.join(name), bytes).expect("written");
        fs::write(from.join(&deep).join(name), bytes).expect("written");
    }
    fs::set_permissions(from.join("run"), fs::Permissions::from_mode(0o750)).expect("permitted");
    symlink("run", from.join("link")).expect("linked");

    let mut client = agent.client();
    let mut files = client.files();
    let there = agent.dir().join("there").join("deeper").display().to_string();
    let sent = files.copy_dir_in(&from, &there, DirOptions::new().verify(true)).expect("copied");
    assert_eq!((sent.files, sent.left_out, sent.verified), (8, 0, Verified::ByReading));
    assert!(files.is_dir(&there).expect("asked"));
    assert!(!files.is_dir(&format!("{there}/run")).expect("asked"));
    assert_eq!(listing(Path::new(&there)), listing(&from));
    assert_eq!(fs::read_link(Path::new(&there).join("link")).expect("a link"), Path::new("run"));

    let back = scratch.join("back");
    let came = files.copy_dir_out(&there, &back, DirOptions::new().verify(true)).expect("copied");
    assert_eq!((came.files, came.bytes, came.left_out), (sent.files, sent.bytes, 1));
    assert_eq!(came.skipped[0].name, "./link");
    fs::remove_file(from.join("link")).expect("removed");
    assert_eq!(listing(&back), listing(&from));
    let mode = fs::metadata(back.join("run")).expect("there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o750);
    files.copy_dir_out("/nothing", &back, DirOptions::new()).expect_err("there is none");
    files
        .copy_dir_in(scratch.join("nothing"), &there, DirOptions::new())
        .expect_err("there is none");
    assert_eq!(files.leaked(), []);
}
