//! Folders with everything in them.

use std::path::{Path, PathBuf};

use qga_bindings::blocking::Helpers as _;
use qga_bindings::files::{DirOptions, FileError, Tree, Verified};

use super::{Done, local};
use crate::context::{Context, Guest};
use crate::failure::Failure;
use crate::output::{Report, human};
use crate::progress::Progress;

/// How many of the things that were left out are told one by one.
const TOLD: usize = 10;

/// Copies a folder out of the guest.
pub(super) fn out(
    context: &Context,
    guest: &mut Guest<'_>,
    path: &str,
    to: &Path,
    verify: bool,
) -> Result<Report, FolderFailure> {
    let to = if contents(path) { to.to_owned() } else { local::destination(to, path)? };
    let progress = Progress::new(None, context.global.quiet);
    let options = DirOptions::new().verify(verify).progress(|done| progress.set(done));
    let copied = guest.agent.files().copy_dir_out(path, &to, options);
    progress.finish();
    done(context, &copied?, &to.display().to_string())
}

/// Copies a folder into the guest.
pub(super) fn into(
    context: &Context,
    guest: &mut Guest<'_>,
    from: &Path,
    path: &str,
    verify: bool,
) -> Result<Report, FolderFailure> {
    let mut files = guest.agent.files();
    let as_such = !contents(&from.to_string_lossy());
    let path = if as_such && (path.ends_with('/') || files.is_dir(path)?) {
        format!("{}/{}", path.trim_end_matches('/'), name(from)?)
    } else {
        path.to_owned()
    };
    let progress = Progress::new(None, context.global.quiet);
    let options = DirOptions::new().verify(verify).progress(|done| progress.set(done));
    let copied = files.copy_dir_in(from, &path, options);
    progress.finish();
    done(context, &copied?, &path)
}

/// Why a folder was not copied: the guest or what is on this side.
pub(super) enum FolderFailure {
    Files(FileError),
    Other(Failure),
}

impl From<FileError> for FolderFailure {
    fn from(error: FileError) -> Self {
        Self::Files(error)
    }
}

impl From<Failure> for FolderFailure {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

/// Whether what is in a folder is meant, and not the folder: `FOLDER/.`.
fn contents(path: &str) -> bool {
    path == "." || path.ends_with("/.")
}

/// The name that a folder of this host has in the guest.
fn name(from: &Path) -> Result<String, Failure> {
    let whole = from.canonicalize().unwrap_or_else(|_| PathBuf::from(from));
    let name = whole.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!("{} has no name that it could have in the guest", from.display()))
            .next("name the folder to copy to, or write FOLDER/. for what is in it")
    })
}

fn done(context: &Context, tree: &Tree, place: &str) -> Result<Report, FolderFailure> {
    for skipped in tree.skipped.iter().take(TOLD) {
        context.output.remark(&format!("{} is left out: {}", skipped.name, skipped.what));
    }
    let told = tree.skipped.len().min(TOLD) as u64;
    if tree.left_out > told {
        context.output.remark(&format!("{} more are left out", tree.left_out - told));
    }
    let files = match tree.files {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    let done = Done {
        files: tree.files,
        bytes: tree.bytes,
        left_out: tree.left_out,
        verified: tree.verified != Verified::No,
    };
    Ok(done.report(&format!("{place}: {files}, {}", human::size(tree.bytes)))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_at_the_end_means_what_is_in_a_folder() {
        assert!(contents(".") && contents("/a/.") && !contents("/a/..") && !contents("/a/b."));
    }

    #[test]
    fn a_folder_has_its_own_name_however_it_is_written() {
        let folder = std::env::temp_dir().canonicalize().unwrap();
        let own = folder.file_name().unwrap().to_str().unwrap();
        assert_eq!(name(&folder.join(".")).unwrap(), own);
        assert!(name(Path::new("/")).is_err());
    }
}
