//! The guest's users: who is logged in, the keys they log in with, their passwords.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_core::ser::{Serialize, Serializer};

use crate::guest::Guest;
use crate::types::GuestUser;
use crate::wire::{self, Wiped};
use crate::{Command, Empty, Error, Release, commands};

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Login {
    /// Name of the user.
    pub user: String,
    /// Domain of the account; Windows only.
    pub domain: Option<String>,
    /// Since when; `None` if the agent gives no sensible time.
    pub since: Option<SystemTime>,
}

/// A password, or the hash of one. It is overwritten when dropped, and never shown by `Debug`.
///
/// So are the copies that this crate makes on the way to the connection. What the operating system and the guest make of it
/// is beyond its reach: whoever can read the channel can read the password.
#[derive(Clone)]
pub struct Password {
    bytes: Wiped,
    crypted: bool,
}

impl Password {
    /// A password as the user types it. The guest's rules for passwords apply.
    pub fn new(password: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Wiped::from(password.into()), crypted: false }
    }

    /// The hash of a password as the guest's system stores it, such as `$6$...`. The agent does not check its form. Windows
    /// guests cannot do it.
    pub fn hashed(hash: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Wiped::from(hash.into()), crypted: true }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").field("crypted", &self.crypted).finish_non_exhaustive()
    }
}

/// Why something about a user was not done.
#[derive(Debug)]
#[non_exhaustive]
pub enum UserError {
    /// A command failed: there is no such user, or the guest's rules are against it.
    Agent(Error),
    /// A key is empty or has a line break in it. Agents write down almost anything as a key, so nothing was sent.
    Key {
        /// Its position in the list, from 0.
        position: usize,
    },
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        Self::Agent(error)
    }
}

impl fmt::Display for UserError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(error) => error.fmt(f),
            Self::Key { position } => {
                write!(f, "key {position} is no key: it is empty or has a line break in it")
            }
        }
    }
}

impl std::error::Error for UserError {
    #[inline]
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Agent(error) => std::error::Error::source(error),
            Self::Key { .. } => None,
        }
    }
}

impl From<GuestUser> for Login {
    #[inline]
    fn from(user: GuestUser) -> Self {
        let since = Duration::try_from_secs_f64(user.login_time).ok();
        Self {
            user: user.user,
            domain: user.domain,
            since: since.and_then(|time| UNIX_EPOCH.checked_add(time)),
        }
    }
}

pub(crate) async fn logins(guest: &mut impl Guest) -> Result<Vec<Login>, UserError> {
    let users = guest.execute(&commands::GuestGetUsers::new(), None).await?;
    Ok(users.into_iter().map(Into::into).collect())
}

pub(crate) async fn ssh_keys(guest: &mut impl Guest, user: &str) -> Result<Vec<String>, UserError> {
    let command = commands::GuestSshGetAuthorizedKeys::new(user);
    Ok(guest.execute(&command, None).await?.keys)
}

pub(crate) async fn add_ssh_keys(
    guest: &mut impl Guest,
    user: &str,
    keys: &[&str],
    reset: bool,
) -> Result<(), UserError> {
    check(keys)?;
    let mut command = commands::GuestSshAddAuthorizedKeys::new(user, keys.iter().copied());
    if reset {
        command = command.reset(true);
    }
    guest.execute(&command, None).await?;
    Ok(())
}

pub(crate) async fn remove_ssh_keys(
    guest: &mut impl Guest,
    user: &str,
    keys: &[&str],
) -> Result<(), UserError> {
    check(keys)?;
    let command = commands::GuestSshRemoveAuthorizedKeys::new(user, keys.iter().copied());
    guest.execute(&command, None).await?;
    Ok(())
}

#[inline]
fn check(keys: &[&str]) -> Result<(), UserError> {
    let is_wrong = |key: &&str| key.trim().is_empty() || key.contains(['\r', '\n']);
    match keys.iter().position(is_wrong) {
        Some(position) => Err(UserError::Key { position }),
        None => Ok(()),
    }
}

pub(crate) async fn set_password(
    guest: &mut impl Guest,
    user: &str,
    password: &Password,
) -> Result<(), UserError> {
    guest.execute(&SetPassword { user, password }, None).await?;
    Ok(())
}

/// `guest-set-user-password`, without a copy of the password.
struct SetPassword<'a> {
    user: &'a str,
    password: &'a Password,
}

impl Serialize for SetPassword<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        wire::write(s)?
            .must("username", self.user)?
            .must("password", &wire::Bytes(self.password.bytes.as_slice()))?
            .must("crypted", &self.password.crypted)?
            .end()
    }
}

impl Command for SetPassword<'_> {
    const NAME: &'static str = commands::GuestSetUserPassword::NAME;
    const SINCE: Option<Release> = commands::GuestSetUserPassword::SINCE;
    type Output = Empty;
}
