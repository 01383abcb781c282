//! The project's commands, tried in copies of the workspace: what they would do to it.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod add;
mod copy;
mod release;
mod upgrade;
mod verify;
