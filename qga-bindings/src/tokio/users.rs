//! The guest's users, for agents that are awaited.

use std::fmt;

use super::helpers::Awaited;
use crate::users::{self, Login, Password, UserError};
use crate::{Error, ExecuteAsync};

/// The guest's users; from [`Helpers::users`](super::Helpers::users).
pub struct Users<'a, E> {
    agent: Awaited<'a, E>,
}

impl<'a, E: ExecuteAsync<Error = Error> + Send> Users<'a, E> {
    pub(super) fn new(agent: &'a mut E) -> Self {
        Self { agent: Awaited(agent) }
    }

    /// Lists who is logged in. Since QEMU 2.10.
    ///
    /// # Errors
    /// See [`UserError`].
    pub async fn logins(&mut self) -> Result<Vec<Login>, UserError> {
        users::logins(&mut self.agent).await
    }

    /// Lists the keys that a user can log in with over SSH. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub async fn ssh_keys(&mut self, user: &str) -> Result<Vec<String>, UserError> {
        users::ssh_keys(&mut self.agent, user).await
    }

    /// Adds keys to those that a user can log in with; those that are there already stay once. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub async fn add_ssh_keys(&mut self, user: &str, keys: &[&str]) -> Result<(), UserError> {
        users::add_ssh_keys(&mut self.agent, user, keys, false).await
    }

    /// Replaces the keys that a user can log in with. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub async fn replace_ssh_keys(&mut self, user: &str, keys: &[&str]) -> Result<(), UserError> {
        users::add_ssh_keys(&mut self.agent, user, keys, true).await
    }

    /// Removes keys from those that a user can log in with. Since QEMU 5.2.
    ///
    /// # Errors
    /// See [`UserError`].
    pub async fn remove_ssh_keys(&mut self, user: &str, keys: &[&str]) -> Result<(), UserError> {
        users::remove_ssh_keys(&mut self.agent, user, keys).await
    }

    /// Sets a user's password. Since QEMU 2.3.
    ///
    /// # Errors
    /// See [`UserError`].
    pub async fn set_password(&mut self, user: &str, password: &Password) -> Result<(), UserError> {
        users::set_password(&mut self.agent, user, password).await
    }
}

impl<E> fmt::Debug for Users<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").finish_non_exhaustive()
    }
}
