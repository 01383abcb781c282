//! The shell of a fake guest. It knows the scripts of this crate's helpers, and nothing else.

use super::table::Table;
use super::{Invocation, Run};
use crate::exec::script as processes;
use crate::fake::files::Disk;
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
            processes::MAKE_ROOM => Some(self.make_room()),
            processes::REDIRECT => Some(self.redirect(shell, parameters)),
            processes::CLEAR => {
                clear(&mut self.files.lock(), parameter(0));
                Some(Run::exit(0))
            }
            script => self.run_file_script(script, parameter(0), parameter(1), parameter(2)),
        }
    }

    fn make_room(&self) -> Run {
        let mut disk = self.files.lock();
        let mut dirs = (0..).map(|number| format!("/tmp/qga.{number:06}"));
        let dir = dirs.find(|dir| disk.get(&format!("{dir}/out")).is_none()).unwrap_or_default();
        for name in ["out", "err"] {
            disk.insert(format!("{dir}/{name}"), Vec::new());
        }
        Run::exit(0).stdout(dir)
    }

    /// Runs a program whose output goes to files at once, although it may take its time to end.
    fn redirect(&mut self, shell: &Invocation, parameters: &[String]) -> Run {
        let [dir, stdout, stderr, path, args @ ..] = parameters else { return Run::exit(2) };
        let (path, args) = (path.clone(), args.to_vec());
        let program = Invocation { path, args, ..shell.clone() };
        let missing = || Run::exit(127).stderr(format!("sh: {}: not found\n", program.path));
        let run = self.run(&program).unwrap_or_else(missing);
        let mut disk = self.files.lock();
        for (path, bytes) in [(stdout, &run.stdout), (stderr, &run.stderr)] {
            if path != "/dev/null" {
                disk.append(path, bytes);
            }
        }
        clear(&mut disk, dir);
        Run { stdout: Vec::new(), stderr: Vec::new(), ..run }
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

fn clear(disk: &mut Disk, dir: &str) {
    for name in ["out", "err"] {
        disk.remove(&format!("{dir}/{name}"));
    }
}
