//! What can be tried on this machine: agents without privileges, with every command disabled that changes something.

use qapi_codegen::schema::Schema;
use xtask::lab::agents::Fetched;
use xtask::lab::confine::DISABLED;

use super::form::{Form, forms};
use super::subject::Subject;
use super::{Outcome, release, trial};
use crate::lab;

/// What a machine need not be able to do though the guests of the lab can: it may have no user `alice`.
const NOT_EVERYWHERE: &[&str] = &["guest-ssh-get-authorized-keys"];

/// Whether a form may fail here that works in a guest.
pub(super) fn may_fail_here(form: &Form) -> bool {
    NOT_EVERYWHERE.contains(&form.command.name)
}

/// Tries every form that is not disabled here, and returns what came of it.
///
/// # Errors
/// What does not fit the agent's release.
pub fn try_here(agent: &Fetched, schema: &Schema) -> Result<Vec<(Form, Outcome)>, String> {
    let mut tried = Vec::new();
    let mut running = lab::start(agent);
    for form in forms().filter(|form| !DISABLED.contains(&form.command.name)) {
        let file = running.dir().join("file").to_string_lossy().into_owned();
        let mut subject = Subject { client: running.client(), file };
        let outcome = trial::attempt(&form, &mut subject, release(agent), schema)
            .map_err(|error| format!("agent {}: {error}", agent.release))?;
        if form.spoils_agent() {
            running = lab::start(agent);
        }
        tried.push((form, outcome));
    }
    Ok(tried)
}
