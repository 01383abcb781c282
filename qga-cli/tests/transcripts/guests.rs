//! The guests that transcripts talk to.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use qga_bindings::fake::{Agent, Answer};
use qga_tests::bridge::Bridge;

use crate::strangers;

/// Guests of several kinds, in a folder with a socket for each.
pub(crate) struct Guests {
    linux: Bridge,
    _others: Vec<Bridge>,
    _strangers: Box<dyn std::any::Any>,
}

impl Guests {
    pub(crate) fn start() -> io::Result<Self> {
        let linux = Bridge::start(qga_cli::demo::agent())?;
        let link = |name: &str, agent: Agent| {
            let bridge = Bridge::start(agent)?;
            symlink(bridge.socket(), linux.dir().join(name))?;
            Ok::<_, io::Error>(bridge)
        };
        let others = vec![
            link("hostile.sock", hostile())?,
            link("old.sock", old())?,
            link("strict.sock", strict())?,
        ];
        symlink(linux.socket(), linux.dir().join("linux.sock"))?;
        let strangers = strangers::settle(linux.dir())?;
        // What else runs on this machine does not matter here.
        std::fs::create_dir_all(linux.dir().join(".config/qga"))?;
        std::fs::write(linux.dir().join(".config/qga/config.toml"), "discover = false\n")?;
        std::fs::create_dir(linux.dir().join("bin"))?;
        for (name, script) in [("virsh", VIRSH), ("ss", SS)] {
            let program = linux.dir().join("bin").join(name);
            std::fs::write(&program, script)?;
            std::fs::set_permissions(&program, Permissions::from_mode(0o755))?;
        }
        Ok(Self { linux, _others: others, _strangers: Box::new(strangers) })
    }

    pub(crate) fn dir(&self) -> &Path {
        self.linux.dir()
    }
}

/// What libvirt's program does, as far as it matters here.
const VIRSH: &str = r#"#!/bin/sh
case "$*" in
*guest-sync-delimited*) echo "libvirt cannot read what this is answered with" >&2; exit 1 ;;
*"--domain vm1 "*guest-sync*) echo '{"return":1}' ;;
*"--domain vm3 "*) echo "error: Requested operation is not valid: domain is not running" >&2; exit 1 ;;
*"--domain vm1 "*guest-get-host-name*) echo '{"return":{"host-name":"vm1"}}' ;;
*"--domain vm1 "*guest-get-load*) exec sleep 10 ;;
*"--domain vm1 "*)
    echo "error: internal error: unable to execute QEMU agent command 'x': The command x has not been found" >&2
    exit 1 ;;
*) echo "error: failed to get domain 'vm2'" >&2; exit 1 ;;
esac
"#;

/// What the host's program says of the connections to `busy.sock`.
const SS: &str = r#"#!/bin/sh
cat <<END
u_str ESTAB 0 0 * 171 * 172 users:(("virtqemud",pid=77,fd=4))
u_str ESTAB 0 0 $PWD/busy.sock 172 * 171 users:(("qemu-system-x86",pid=9,fd=5))
END
"#;

/// What a terminal would act on, all at once.
const HOSTILE: &str = "x\u{1b}]0;title\u{7}\u{1b}[2J\r\u{9b}31m\u{202e}evil\u{2028}\n\u{e0041}y";

/// A guest whose every text is meant to do something to the terminal.
fn hostile() -> Agent {
    let agent = Agent::new();
    let texts = serde_json::json!({ "host-name": HOSTILE });
    agent.on("guest-get-host-name", move |_| Answer::value(&texts));
    let users = serde_json::json!([{ "user": HOSTILE, "domain": HOSTILE, "login-time": -1.5 }]);
    agent.on("guest-get-users", move |_| Answer::value(&users));
    agent.on("guest-get-load", |_| Answer::error(HOSTILE, HOSTILE));
    let disks = serde_json::json!([{ "name": HOSTILE, "partition": false, "dependencies": [HOSTILE], "alias": HOSTILE }]);
    agent.on("guest-get-disks", move |_| Answer::value(&disks));
    agent
}

/// A guest whose agent knows little.
fn old() -> Agent {
    let agent = Agent::new();
    agent.without("guest-sync-delimited");
    agent
}

/// A guest whose administrator allows little.
fn strict() -> Agent {
    let agent = qga_cli::demo::agent();
    for command in ["guest-get-users", "guest-get-fsinfo"] {
        agent.disable(command);
    }
    agent
}
