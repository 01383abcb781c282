//! A made-up guest, so that everything can be tried and tested without one.

mod answers;
mod programs;

use std::sync::OnceLock;
use std::time::Duration;

use qga_bindings::fake::{Agent, Answer};
use serde_json::json;

/// The agent of the made-up guest. There is one in a process, whose state lives as long.
pub fn the_agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(agent)
}

/// An agent of such a guest.
pub fn agent() -> Agent {
    let agent = Agent::new();
    for (command, value) in answers::answers() {
        agent.on(command, move |_| Answer::value(&value));
    }
    let files = agent.add_files();
    for (path, content) in [
        ("/etc/hostname", "demo\n"),
        ("/etc/motd", "Welcome to a guest that does not exist.\n"),
        ("/dev/null", ""),
        ("/proc/uptime", "93784.25 180000.01\n"),
    ] {
        files.insert(path, content);
    }
    programs::add(&agent.add_programs(&files), &files);
    agent.add_file_systems(["/", "/var/lib/data"]);
    agent.add_power(Duration::from_millis(300));
    for command in [
        "guest-ssh-add-authorized-keys",
        "guest-ssh-remove-authorized-keys",
        "guest-set-user-password",
    ] {
        agent.on(command, |_| Answer::empty());
    }
    agent.on("guest-fstrim", |_| {
        Answer::value(&json!({"paths": [
            {"path": "/", "trimmed": 1_073_741_824, "minimum": 0},
            {"path": "/var/lib/data", "error": "the discard operation is not supported"},
        ]}))
    });
    agent
}
