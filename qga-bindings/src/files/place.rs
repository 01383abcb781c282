//! Where a file in the guest goes: in place or instead of another one, with permissions.

use std::time::Duration;

use super::copy::Core;
use super::local::Source;
use super::{Copied, CopyOptions, FileError, FileProblem, script};
use crate::exec::Exit;
use crate::exec::script::run_script;
use crate::guest::Guest;

/// How long a small change to a file may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How many bytes a second a program of the guest gets through at least.
const PACE: u64 = 4 << 20;

/// How long a program of the guest may take for so many bytes.
#[inline]
pub(super) fn time_for(bytes: u64) -> Duration {
    LIMIT + Duration::from_secs(bytes / PACE)
}

impl<G: Guest> Core<G> {
    pub(crate) async fn permissions(&mut self, path: &str) -> Result<u32, FileError> {
        let purpose = "tell the permissions of a file";
        let result = self.work(purpose, script::PERMISSIONS, &[path]).await;
        let mode = result.and_then(|text| {
            let mode = u32::from_str_radix(text.trim(), 8);
            mode.map_err(|_| FileProblem::NotUnderstood { purpose, text })
        });
        self.explain(path, 0, mode)
    }

    pub(crate) async fn is_dir(&mut self, path: &str) -> Result<bool, FileError> {
        let result = self.ask_is_dir(path).await;
        self.explain(path, 0, result)
    }

    async fn ask_is_dir(&mut self, path: &str) -> Result<bool, FileProblem> {
        let output = run_script(&mut self.guest, script::IS_DIR, &[path], LIMIT).await?;
        match output.exit {
            Exit::Code(0) => Ok(true),
            Exit::Code(1) => Ok(false),
            _ => {
                let purpose = "tell whether there is a directory";
                Err(FileProblem::Program { purpose, output: Box::new(output) })
            }
        }
    }

    pub(super) async fn push_in_place(
        &mut self,
        source: &mut impl Source,
        path: &str,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
    ) -> Result<Copied, FileProblem> {
        if let Some(mode) = options.permissions {
            let mode = format!("{mode:o}");
            self.work("set the permissions of a file", script::PERMIT, &[path, &mode]).await?;
        }
        self.push(source, path, options, done).await
    }

    pub(super) async fn push_beside(
        &mut self,
        source: &mut impl Source,
        path: &str,
        options: &mut CopyOptions<'_>,
        done: &mut u64,
    ) -> Result<Copied, FileProblem> {
        if options.offset > 0 {
            return Err(FileProblem::CannotResume);
        }
        let created = self.work("make a file beside another", script::BESIDE, &[path]).await?;
        let new = created.trim_end_matches(['\r', '\n']);
        let mode = options.permissions.map(|mode| format!("{mode:o}")).unwrap_or_default();
        let mut result = self.push(source, new, options, done).await;
        if let Ok(copied) = result {
            let replaced = self.work("replace a file", script::REPLACE, &[new, path, &mode]).await;
            result = replaced.map(|_| copied);
        }
        if result.is_err() {
            // If this fails too there is nothing left to do about it.
            let _ = self.work("remove a file", script::REMOVE, &[new]).await;
            *done = 0;
        }
        result
    }

    /// Runs a script of ours and gives what it prints.
    pub(super) async fn work(
        &mut self,
        purpose: &'static str,
        text: &str,
        parameters: &[&str],
    ) -> Result<String, FileProblem> {
        let output = run_script(&mut self.guest, text, parameters, LIMIT).await?;
        if !output.exit.success() {
            return Err(FileProblem::Program { purpose, output: Box::new(output) });
        }
        String::from_utf8(output.stdout).map_err(|error| {
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            FileProblem::NotUnderstood { purpose, text }
        })
    }
}
