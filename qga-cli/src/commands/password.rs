//! `qga password`: sets a password, which is never an argument.

use std::io::{self, IsTerminal as _, Read as _};

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::users::Password as Secret;
use serde_json::json;

use crate::context::{Context, Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Text};

/// Set a user's password: it is asked for on a terminal, and otherwise the first line of standard input.
#[derive(Args, Debug)]
pub(crate) struct Password {
    /// The user.
    user: String,

    /// It is hashed already, as the guest's system stores it.
    #[arg(long)]
    hashed: bool,
}

struct Setting<'a> {
    user: &'a str,
    password: Secret,
}

/// How long a password may be, in bytes.
const LONGEST: u64 = 4096;

impl Password {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let password = read(&self.user)?;
        if password.is_empty() {
            return Err(Failure::usage("the password is empty")
                .next("type one, or write it to standard input"));
        }
        let password = if self.hashed { Secret::hashed(password) } else { Secret::new(password) };
        context.ask(&Setting { user: &self.user, password })
    }
}

impl Query for Setting<'_> {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        guest.agent.users().set_password(self.user, &self.password)?;
        Report::new(
            &json!({ "user": self.user }),
            Text::line(format!("the password of {} is set", self.user)),
        )
    }
}

fn read(user: &str) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::host(format!("the password cannot be read: {error}"));
    if io::stdin().is_terminal() {
        let password =
            rpassword::prompt_password(format!("new password of {user}: ")).map_err(failed)?;
        let again = rpassword::prompt_password("once more: ").map_err(failed)?;
        return if password == again {
            Ok(password)
        } else {
            Err(Failure::usage("the two differ"))
        };
    }
    let mut text = String::new();
    io::stdin().take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
