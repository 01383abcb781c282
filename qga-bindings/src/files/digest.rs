//! A file in the guest compared with what was copied.

use std::io;

use super::copy::Core;
use super::local::Waiting;
use super::place::time_for;
use super::sha256::Sha256;
use super::{CopyOptions, FileProblem, Verified, script};
use crate::Error;
use crate::exec::script::{is_windows, script as program};
use crate::exec::{self, Exec, Output};
use crate::guest::Guest;

impl<G: Guest> Core<G> {
    /// Compares a file from the offset to its end with the digest of what was copied.
    pub(super) async fn compare(
        &mut self,
        path: &str,
        options: &mut CopyOptions<'_>,
        copied: String,
    ) -> Result<Verified, FileProblem> {
        // The digest of a file that was resumed would be that of the whole.
        let by_program = if options.offset == 0 {
            self.ask_digest(path).await.or_else(read_instead)?
        } else {
            None
        };
        let (found, verified) = match by_program {
            Some(found) => (found, Verified::ByDigest),
            None => (self.read_digest(path, options).await?, Verified::ByReading),
        };
        if found == copied { Ok(verified) } else { Err(FileProblem::Differs) }
    }

    /// What a program of the guest says, if there is one and it may be run.
    async fn ask_digest(&mut self, path: &str) -> Result<Option<String>, FileProblem> {
        let length = self.measure(path).await?;
        let windows = is_windows(&mut self.guest).await?;
        let digest = if windows {
            Exec::new("certutil").args(["-hashfile", path, "SHA256"])
        } else {
            program(script::DIGEST, &[path])
        };
        let output = exec::run(&mut self.guest, &digest.within(time_for(length))).await?;
        Ok(find_digest(&output))
    }

    async fn read_digest(
        &mut self,
        path: &str,
        options: &mut CopyOptions<'_>,
    ) -> Result<String, FileProblem> {
        let mut again = CopyOptions::new().offset(options.offset);
        again.chunk_size = options.chunk_size;
        let (mut digest, mut done) = (Sha256::new(), options.offset);
        let nowhere = &mut Waiting(io::sink());
        self.pull_all(path, nowhere, &mut again, &mut done, Some(&mut digest)).await?;
        Ok(digest.finish())
    }
}

/// Whatever kept a program from telling the digest, reading does not need it; but where not even a command is sent, such as after
/// somebody wanted an end, reading is no way out.
fn read_instead(problem: FileProblem) -> Result<Option<String>, FileProblem> {
    let error = match &problem {
        FileProblem::Agent(error) => Some(error),
        FileProblem::Exec(error) => error.client_error(),
        _ => None,
    };
    if matches!(error, Some(Error::NotSent { .. })) { Err(problem) } else { Ok(None) }
}

/// The digest among what a program wrote: the first word of a line, or a line of its own, with spaces in it on old Windows.
#[inline]
fn find_digest(output: &Output) -> Option<String> {
    let text = std::str::from_utf8(&output.stdout).ok().filter(|_| output.exit.success())?;
    let is_digest =
        |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let candidates = text.lines().flat_map(|line| {
        let word = line.split_whitespace().next().unwrap_or_default().trim_start_matches('\\');
        [word.to_ascii_lowercase(), line.replace(' ', "").to_ascii_lowercase()]
    });
    candidates.into_iter().find(is_digest)
}
