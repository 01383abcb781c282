//! `qga edit`: a file of the guest in the user's own editor.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use qga_bindings::blocking::Helpers as _;

use crate::context::Context;
use crate::failure::{Failure, exit};

/// Edit a file of the guest with $VISUAL or $EDITOR; it is written back if it was changed, and nobody else changed it.
#[derive(Args, Debug)]
pub(crate) struct Edit {
    /// The file.
    path: String,
}

/// How long a file may be that somebody edits, in bytes.
const LIMIT: u64 = 16 << 20;

impl Edit {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let target = context.one()?;
        let before =
            context.with(&target, |guest| Ok(guest.agent.files().read(&self.path, LIMIT)?))?;
        let mut copy = Copy::new(&self.path, &before)?;
        copy.edit()?;
        let after = copy.read()?;
        if after == before {
            context.output.remark("nothing was changed");
            return Ok(exit::DONE);
        }
        context
            .with(&target, |guest| {
                let mut files = guest.agent.files();
                if files.read(&self.path, LIMIT)? != before {
                    return Err(Failure::new(format!(
                        "{} was changed in the guest meanwhile",
                        self.path
                    )));
                }
                Ok(files.write(&self.path, &after)?)
            })
            .map_err(|failure| failure.next(copy.keep()))?;
        Ok(exit::DONE)
    }
}

/// A copy on this side, which is removed when this is dropped.
struct Copy {
    folder: Option<PathBuf>,
    file: PathBuf,
}

impl Copy {
    fn new(path: &str, bytes: &[u8]) -> Result<Self, Failure> {
        // The name tells editors what kind of file it is. It comes from the command line, not from the guest.
        let name = Path::new(path.rsplit('\\').next().unwrap_or(path))
            .file_name()
            .unwrap_or("file".as_ref());
        let create = || {
            let folder = private_folder()?;
            let file = folder.join(name);
            let copy = Self { folder: Some(folder), file };
            File::create_new(&copy.file)?.write_all(bytes)?;
            Ok(copy)
        };
        create().map_err(|error: io::Error| {
            Failure::host(format!("there can be no copy to edit: {error}"))
        })
    }

    /// Lets the user edit it.
    fn edit(&self) -> Result<(), Failure> {
        let editor = ["VISUAL", "EDITOR"]
            .into_iter()
            .find_map(env::var_os)
            .filter(|editor| !editor.is_empty());
        let editor = editor.unwrap_or_else(|| "vi".into());
        // An editor may have arguments, so a shell reads it.
        let mut line = editor.clone();
        line.push(" \"$1\"");
        let ended = Command::new("/bin/sh").arg("-c").arg(line).arg("sh").arg(&self.file).status();
        let shown = editor.to_string_lossy();
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::host(format!("`{shown}` failed: {status}"))
                .next("nothing was written; set EDITOR to the editor that you want")),
            Err(error) => Err(Failure::host(format!("`{shown}` cannot be run: {error}"))),
        }
    }

    fn read(&self) -> Result<Vec<u8>, Failure> {
        fs::read(&self.file)
            .map_err(|error| Failure::host(format!("what was edited cannot be read: {error}")))
    }

    /// Leaves the copy where it is, and says so.
    fn keep(&mut self) -> String {
        self.folder = None;
        format!("what you wrote is kept in {}", self.file.display())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            // What cannot be removed stays.
            drop(fs::remove_dir_all(folder));
        }
    }
}

/// A new folder that nobody else may look into.
fn private_folder() -> io::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut number = 0;
    loop {
        let folder = env::temp_dir().join(format!("qga-edit-{}-{number}", std::process::id()));
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            result => return result.map(|()| folder),
        }
    }
}
