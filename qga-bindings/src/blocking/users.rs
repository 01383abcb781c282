//! The guest's users, for agents that are waited for.

use std::fmt;

use super::helpers::Waited;
use crate::guest::block_on;
use crate::users::{self, Login, Password, UserError};
use crate::{Error, Execute};

/// The guest's users; from [`Helpers::users`](super::Helpers::users).
pub struct Users<'a, E> {
    agent: Waited<'a, E>,
}

impl<'a, E: Execute<Error = Error>> Users<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Waited(agent) }
    }

    /// Lists who is logged in. Since QEMU 2.10.
    ///
    /// # Errors
    /// See [`UserError`].
    pub fn logins(&mut self) -> Result<Vec<Login>, UserError> {
        block_on(users::logins(&mut self.agent))
    }

    /// Lists the keys that a user can log in with over SSH. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub fn ssh_keys(&mut self, user: &str) -> Result<Vec<String>, UserError> {
        block_on(users::ssh_keys(&mut self.agent, user))
    }

    /// Adds keys to those that a user can log in with; those that are there already stay once. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub fn add_ssh_keys(&mut self, user: &str, keys: &[&str]) -> Result<(), UserError> {
        block_on(users::add_ssh_keys(&mut self.agent, user, keys, false))
    }

    /// Replaces the keys that a user can log in with. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub fn replace_ssh_keys(&mut self, user: &str, keys: &[&str]) -> Result<(), UserError> {
        block_on(users::add_ssh_keys(&mut self.agent, user, keys, true))
    }

    /// Removes keys from those that a user can log in with. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub fn remove_ssh_keys(&mut self, user: &str, keys: &[&str]) -> Result<(), UserError> {
        block_on(users::remove_ssh_keys(&mut self.agent, user, keys))
    }

    /// Sets a user's password. Since QEMU 2.3.
    ///
    /// # Errors
    /// See [`UserError`].
    pub fn set_password(&mut self, user: &str, password: &Password) -> Result<(), UserError> {
        block_on(users::set_password(&mut self.agent, user, password))
    }
}

impl<E> fmt::Debug for Users<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").finish_non_exhaustive()
    }
}
