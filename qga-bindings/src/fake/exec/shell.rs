//! The shell of a fake guest. It knows the scripts of this crate's helpers, and nothing else.

use super::table::Table;
use super::{Invocation, Run};
use crate::exec::script as processes;
use crate::files::script as files;
use crate::files::sha256_of;

impl Table {
    /// Runs a shell, if that is what was started.
    pub(super) fn run_shell(&mut self, shell: &Invocation) -> Option<Run> {
        let [option, text, _, parameters @ ..] = shell.args.as_slice() else { return None };
        if shell.path != "/bin/sh" || option != "-c" {
            return None;
        }
        let parameter = |at: usize| parameters.get(at).map(String::as_str).unwrap_or_default();
        match text.as_str() {
            processes::KILL => Some(match parameter(0).parse() {
                Ok(pid) if self.kill(pid, 9) => Run::exit(0),
                _ => Run::exit(1).stderr("kill: No such process\n"),
            }),
            script => self.run_file_script(script, parameter(0), parameter(1), parameter(2)),
        }
    }

    fn run_file_script(&self, script: &str, path: &str, second: &str, third: &str) -> Option<Run> {
        let mut disk = self.files.lock();
        let not_found = || Run::exit(1).stderr(format!("{path}: No such file or directory\n"));
        Some(match script {
            files::PERMIT => {
                let bytes = disk.get(path).unwrap_or_default();
                disk.insert(path.to_owned(), bytes);
                disk.permit(path, second);
                Run::exit(0)
            }
            files::PERMISSIONS => match disk.permissions(path) {
                Some(mode) => Run::exit(0).stdout(format!("{mode}\n")),
                None => not_found(),
            },
            files::BESIDE => {
                let new = (0..).map(|number| format!("{path}.{number:06}"));
                let new = new.into_iter().find(|new| disk.get(new).is_none())?;
                disk.insert(new.clone(), Vec::new());
                disk.permit(&new, "600");
                Run::exit(0).stdout(new + "\n")
            }
            files::REPLACE => {
                let kept = disk.permissions(second).unwrap_or_default();
                let mode = if third.is_empty() { &kept } else { third };
                if !mode.is_empty() {
                    disk.permit(path, mode);
                }
                if disk.rename(path, second) { Run::exit(0) } else { not_found() }
            }
            files::REMOVE => {
                disk.remove(path);
                Run::exit(0)
            }
            files::DIGEST => match disk.get(path) {
                Some(bytes) => Run::exit(0).stdout(format!("{}  -\n", sha256_of(&bytes))),
                None => not_found(),
            },
            _ => return None,
        })
    }
}
