//! `qga keys`: who may log in by SSH.

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use qga_bindings::blocking::Helpers as _;
use serde_json::json;

use crate::confirm::confirm;
use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// List, add or remove the SSH keys that a user may log in with.
#[derive(Args, Debug)]
pub(crate) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List a user's keys.
    List {
        /// The user.
        user: String,
    },
    /// Add keys to those of a user.
    Add {
        #[command(flatten)]
        keys: Given,
        /// Remove all others.
        #[arg(long)]
        replace: bool,
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
    /// Remove some of a user's keys.
    Remove {
        #[command(flatten)]
        keys: Given,
    },
}

#[derive(Args, Debug)]
struct Given {
    /// The user.
    user: String,
    /// Keys, each as one line such as `ssh-ed25519 AAAA... name`.
    key: Vec<String>,
    /// A file with one key a line; `-` is standard input.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// What is done with a user's keys.
enum Work<'a> {
    List(&'a str),
    Add(&'a str, Vec<String>),
    Replace(&'a str, Vec<String>),
    Remove(&'a str, Vec<String>),
}

impl Keys {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let work = match &self.action {
            Action::List { user } => Work::List(user),
            Action::Add { keys, replace: false, .. } => Work::Add(&keys.user, keys.read()?),
            Action::Add { keys, yes, .. } => {
                let given = keys.read()?;
                confirm(&format!("Remove all other keys of {}?", keys.user), *yes)?;
                Work::Replace(&keys.user, given)
            }
            Action::Remove { keys } => Work::Remove(&keys.user, keys.read()?),
        };
        context.ask(&work)
    }
}

impl Given {
    /// The keys of the command line and of the file, at least one.
    fn read(&self) -> Result<Vec<String>, Failure> {
        let mut keys = self.key.clone();
        if let Some(file) = &self.file {
            let mut text = String::new();
            let read = if file.as_os_str() == "-" {
                io::stdin().read_to_string(&mut text).map(|_| text)
            } else {
                std::fs::read_to_string(file)
            };
            let text = read.map_err(|error| {
                Failure::host(format!("{} cannot be read: {error}", file.display()))
            })?;
            let lines = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'));
            keys.extend(lines.map(str::to_owned));
        }
        if keys.is_empty() {
            return Err(Failure::usage("there is no key")
                .next("give it as an argument, or a file with --file"));
        }
        Ok(keys)
    }
}

impl Query for Work<'_> {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut users = guest.agent.users();
        let (user, count, done) = match self {
            Work::List(user) => {
                let keys = users.ssh_keys(user)?;
                // Each on a line of its own, whatever is in it.
                let text = keys.iter().fold(Text::default(), Text::and_line);
                return Report::new(&json!({ "user": user, "keys": keys }), text);
            }
            Work::Add(user, keys) => {
                users.add_ssh_keys(user, &refs(keys))?;
                (user, keys.len(), "added")
            }
            Work::Replace(user, keys) => {
                users.replace_ssh_keys(user, &refs(keys))?;
                (user, keys.len(), "set")
            }
            Work::Remove(user, keys) => {
                users.remove_ssh_keys(user, &refs(keys))?;
                (user, keys.len(), "removed")
            }
        };
        let text = Text::line(format!("{count} keys of {user} {done}"));
        Report::new(&json!({ "user": user, done: count }), text)
    }
}

fn refs(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}
