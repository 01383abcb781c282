//! The shell of a fake guest. It knows the scripts of this crate's helpers, and nothing else.

use super::table::Table;
use super::{Invocation, Run};
use crate::exec::script;

impl Table {
    /// Runs a shell, if that is what was started.
    pub(super) fn run_shell(&mut self, shell: &Invocation) -> Option<Run> {
        let [option, text, _, parameters @ ..] = shell.args.as_slice() else { return None };
        if shell.path != "/bin/sh" || option != "-c" {
            return None;
        }
        let parameter = |at: usize| parameters.get(at).map(String::as_str).unwrap_or_default();
        Some(match text.as_str() {
            script::KILL => match parameter(0).parse() {
                Ok(pid) if self.kill(pid, 9) => Run::exit(0),
                _ => Run::exit(1).stderr("kill: No such process\n"),
            },
            _ => return None,
        })
    }
}
