//! The shell of a fake guest. It knows the scripts of this crate's helpers, and nothing else.

use super::table::Table;
use super::{Invocation, Run};
use crate::exec::script as processes;
use crate::fake::files::Disk;
use crate::files::{archive, script as files, sha256_of};

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
            files::PACK => self
                .run_tar(&["-cf", "-", "-C", parameter(0), "."])
                .or_else(|| self.pack(parameter(0))),
            files::UNPACK => self
                .run_tar(&["-xf", parameter(0), "-C", parameter(1)])
                .or_else(|| Some(self.unpack(parameter(0), parameter(1)))),
            script => self.run_file_script(script, parameter(0), parameter(1), parameter(2)),
        }
    }

    /// What is called `tar` in this guest, if there is such a program.
    fn run_tar(&mut self, args: &[&str]) -> Option<Run> {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self.run(&Invocation { path: "tar".to_owned(), args, ..Invocation::default() })
    }

    fn pack(&self, dir: &str) -> Option<Run> {
        let found = below(&self.files.lock(), dir);
        // Whoever puts another shell in place says what there is instead.
        (!found.is_empty()).then(|| Run::exit(0).stdout(archive::pack(found)))
    }

    fn unpack(&self, file: &str, dir: &str) -> Run {
        let mut disk = self.files.lock();
        for (name, mode, bytes) in archive::unpack(&disk.get(file).unwrap_or_default()) {
            let path = format!("{}/{name}", dir.trim_end_matches('/'));
            disk.insert(path.clone(), bytes);
            disk.permit(&path, &format!("{mode:o}"));
        }
        Run::exit(0)
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
            files::IS_DIR => Run::exit(i64::from(below(&disk, path).is_empty())),
            files::TEMPORARY => {
                let mut new = (0..).map(|number| format!("/tmp/qga.{number:06}"));
                let new = new.find(|new| disk.get(new).is_none())?;
                disk.insert(new.clone(), Vec::new());
                Run::exit(0).stdout(new + "\n")
            }
            _ => return None,
        })
    }
}

/// The files below a directory. There are no directories without any.
fn below(disk: &Disk, dir: &str) -> Vec<archive::Entry> {
    let prefix = format!("{}/", dir.trim_end_matches('/'));
    let entry = |path: &str| {
        let mode = disk.permissions(path).and_then(|mode| u32::from_str_radix(&mode, 8).ok());
        let name = path.strip_prefix(&prefix)?.to_owned();
        Some((name, mode.unwrap_or(0o666), disk.get(path)?))
    };
    disk.paths().iter().filter_map(|path| entry(path)).collect()
}

fn clear(disk: &mut Disk, dir: &str) {
    for name in ["out", "err"] {
        disk.remove(&format!("{dir}/{name}"));
    }
}
