//! Directories between a guest and this side, as archives that a program of the guest makes or unpacks.

use std::fs;
use std::io;
use std::path::Path;

use super::copy::Core;
use super::local::Waiting;
use super::place::time_for;
use super::tar::{Packer, Purpose, Tree, Unpacker};
use super::{CopyOptions, DirOptions, FileError, FileProblem, Verified, script};
use crate::exec::script::{run_script, script as program};
use crate::exec::{self, Chunk, ExecError};
use crate::guest::Guest;

/// How much of what a program complains about is kept.
const COMPLAINT: usize = 4096;

impl<G: Guest> Core<G> {
    pub(crate) async fn copy_dir_out(
        &mut self,
        path: &str,
        to: &Path,
        mut options: DirOptions<'_>,
    ) -> Result<Tree, FileError> {
        let result = self.pull_dir(path, to, &mut options).await;
        self.explain(path, 0, result)
    }

    pub(crate) async fn copy_dir_in(
        &mut self,
        from: &Path,
        path: &str,
        mut options: DirOptions<'_>,
    ) -> Result<Tree, FileError> {
        let result = self.push_dir(from, path, &mut options).await;
        self.explain(path, 0, result)
    }

    async fn pull_dir(
        &mut self,
        path: &str,
        to: &Path,
        options: &mut DirOptions<'_>,
    ) -> Result<Tree, FileProblem> {
        fs::create_dir_all(to).map_err(FileProblem::Local)?;
        let unpacker = Unpacker::new(to, Purpose::Write, options);
        let (tree, _) =
            self.pull_archive(path, unpacker, &mut |done| options.progress.tell(done)).await?;
        self.compare_dir(path, to, tree, options).await
    }

    /// Has the guest send an archive, and hands it on.
    async fn pull_archive(
        &mut self,
        path: &str,
        mut unpacker: Unpacker,
        tell: &mut (impl FnMut(u64) + Send),
    ) -> Result<(Tree, Option<String>), FileProblem> {
        let (mut done, mut complaint) = (0, Vec::new());
        let archive = program(script::PACK, &[path]);
        let mut sink = |chunk: Chunk<'_>| match chunk {
            Chunk::Stdout(bytes) => {
                done += bytes.len() as u64;
                tell(done);
                unpacker.feed(bytes)
            }
            Chunk::Stderr(bytes) => {
                let room = COMPLAINT.saturating_sub(complaint.len());
                complaint.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
                Ok(())
            }
        };
        match exec::stream(&mut self.guest, &archive, &mut sink).await {
            Ok(exit) if exit.success() => unpacker.finish().map_err(FileProblem::Local),
            Ok(exit) => Err(failed("pack a directory", exit, complaint)),
            Err(ExecError::Local { error, .. }) => Err(FileProblem::Local(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// Compares a directory of the guest with what was copied, if that is wanted.
    async fn compare_dir(
        &mut self,
        path: &str,
        ours: &Path,
        tree: Tree,
        options: &mut DirOptions<'_>,
    ) -> Result<Tree, FileProblem> {
        if !options.verify {
            return Ok(tree);
        }
        let unpacker = Unpacker::new(ours, Purpose::Compare, options);
        match self.pull_archive(path, unpacker, &mut |_| {}).await? {
            (_, Some(name)) => Err(FileProblem::DiffersIn { name }),
            (found, None) if found.files < tree.files => Err(FileProblem::Differs),
            _ => Ok(Tree { verified: Verified::ByReading, ..tree }),
        }
    }

    async fn push_dir(
        &mut self,
        from: &Path,
        path: &str,
        options: &mut DirOptions<'_>,
    ) -> Result<Tree, FileProblem> {
        let root = fs::metadata(from).map_err(FileProblem::Local)?;
        if !root.is_dir() {
            return Err(FileProblem::Local(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        let purpose = "make room for an archive";
        let archive = self.work(purpose, script::TEMPORARY, &[]).await?;
        let archive = archive.trim_end_matches(['\r', '\n']);
        let result = self.push_archive(from, archive, path, options).await;
        // If this fails too there is nothing left to do about it.
        let _ = self.work("remove a file", script::REMOVE, &[archive]).await;
        self.compare_dir(path, from, result?, options).await
    }

    async fn push_archive(
        &mut self,
        from: &Path,
        archive: &str,
        path: &str,
        options: &mut DirOptions<'_>,
    ) -> Result<Tree, FileProblem> {
        let mut packer = Packer::new(from);
        let mut done = 0;
        let mut told = CopyOptions::new().progress(|done| options.progress.tell(done));
        let source = &mut Waiting(&mut packer);
        self.push(source, archive, &mut told, &mut done).await?;
        let limit = time_for(done);
        let output = run_script(&mut self.guest, script::UNPACK, &[archive, path], limit).await?;
        if output.exit.success() {
            return Ok(packer.into_tree());
        }
        Err(FileProblem::Program { purpose: "unpack a directory", output: Box::new(output) })
    }
}

#[inline]
fn failed(purpose: &'static str, exit: exec::Exit, stderr: Vec<u8>) -> FileProblem {
    FileProblem::Program { purpose, output: Box::new(exec::Output::failed(exit, stderr)) }
}
