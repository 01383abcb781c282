//! Fake agents of a certain release: its commands, its replies, its words.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::dialect::Dialect;
use super::{Agent, Answer};
use crate::Release;
use crate::info::COMMANDS;

/// What the queries of a small Linux guest return, in the newest release.
const REPLIES: &str = include_str!("release/replies.json");

/// Members of the replies that are younger than their command.
const YOUNGER: &[(Release, &str, &str)] = &[
    (Release::new(2, 11), "guest-network-get-interfaces", "statistics"),
    (Release::new(3, 0), "guest-get-fsinfo", "used-bytes"),
    (Release::new(3, 0), "guest-get-fsinfo", "total-bytes"),
    (Release::new(3, 1), "guest-get-fsinfo", "serial"),
    (Release::new(3, 1), "guest-get-fsinfo", "dev"),
    (Release::new(9, 1), "guest-get-fsinfo", "total-bytes-privileged"),
    (Release::new(2, 4), "guest-fstrim", "paths"),
];

impl Agent {
    /// An agent with exactly the commands of a release of QEMU, and with plausible answers to all of them: those of a small
    /// Linux guest called `web-1`, with file systems, files, programs, users and processors of its own. What the commands
    /// change is changed.
    ///
    /// It is also as old as its release in what it lists, refuses and reports.
    pub fn of_release(release: Release) -> Self {
        let agent = Self::new();
        for (name, reply) in replies() {
            let reply = at(release, &name, reply);
            agent.on(&name, move |_| Answer::value(&reply));
        }
        agent.add_programs(&agent.add_files());
        agent.add_file_systems(["/", "/srv"]);
        agent.add_power(Duration::from_secs(3));
        agent.add_clock();
        agent.add_users(["root", "alice"]);
        agent.add_processors(2);
        agent.add_memory_blocks(4);
        if release < Release::new(1, 1) {
            agent.on("guest-shutdown", |_| Answer::empty().then_power_off());
        }
        let commands: BTreeSet<_> = COMMANDS
            .iter()
            .filter(|command| command.since.is_some_and(|since| since <= release))
            .filter(|command| command.until.is_none_or(|until| until > release))
            .map(|command| command.name)
            .collect();
        agent.lock().become_one_of(Dialect::of(release), &commands);
        agent.set_version(&format!("{release}.0"));
        agent
    }
}

fn replies() -> impl Iterator<Item = (String, Value)> {
    let replies: serde_json::Map<_, _> = serde_json::from_str(REPLIES).unwrap_or_default();
    replies.into_iter()
}

/// A reply as it was at a release.
fn at(release: Release, command: &str, mut reply: Value) -> Value {
    for (since, of, member) in YOUNGER {
        if *of == command && release < *since {
            remove(&mut reply, member);
        }
    }
    reply
}

/// Removes a member wherever it is.
fn remove(value: &mut Value, member: &str) {
    match value {
        Value::Object(members) => {
            members.remove(member);
            for value in members.values_mut() {
                remove(value, member);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                remove(element, member);
            }
        }
        _ => {}
    }
}
