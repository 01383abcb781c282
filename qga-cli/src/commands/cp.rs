//! `qga cp`: files and folders into and out of the guest.

mod end;
mod folder;
mod local;

use std::path::Path;

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::commands::GuestExec;
use qga_bindings::files::{Copied, CopyOptions, FileError, FileProblem, Verified};
use qga_bindings::{Commands as _, Execute as _};
use serde::Serialize;

use crate::context::{Context, Guest};
use crate::failure::{Failure, exit};
use crate::input::Input;
use crate::interrupt::Interrupt;
use crate::output::{Report, Text, human};
use crate::progress::Progress;
use crate::target::{self, Target};
use end::End;
use folder::FolderFailure;

/// Copy a file into the guest or out of it, or with -r a folder.
///
/// A file in the guest is written guest:PATH, or NAME:PATH for a guest of that name; `-` is standard input or output. A local
/// file with a colon in its name is written ./NAME.
///
/// A folder takes its name along into a folder that is there already, and FOLDER/. stands for what is in it. It goes through an
/// archive, so the guest needs POSIX, `tar`, and room for it. Links are copied into a guest as links; out of a guest, links and
/// devices are left out. Whatever a guest sends, nothing is written outside of the destination.
#[derive(Args, Debug)]
pub(crate) struct Cp {
    /// From where.
    source: String,

    /// To where; a folder gets a file of the same name.
    destination: String,

    /// Copy folders with everything in them.
    #[arg(short, long, conflicts_with = "resume")]
    recursive: bool,

    /// Go on where an earlier copy of a file was interrupted.
    #[arg(long)]
    resume: bool,

    /// Compare what was copied with its source.
    #[arg(long)]
    verify: bool,
}

/// What was copied, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Done {
    files: u64,
    bytes: u64,
    /// How many links, devices and the like were not copied.
    left_out: u64,
    verified: bool,
}

impl Done {
    fn report(&self, told: &str) -> Result<Report, Failure> {
        let compared = if self.verified { ", compared" } else { "" };
        Report::new(self, Text::line(format!("{told}{compared}")))
    }
}

impl Cp {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let ends = (End::read(&self.source), End::read(&self.destination));
        if self.recursive && matches!(ends, (End::Stream, _) | (_, End::Stream)) {
            return Err(Failure::usage("a folder cannot be copied through a stream").next(
                "copy an archive: tar c FOLDER | qga cp - guest:/tmp/folder.tar; or the other way round, \
                 qga sh 'tar c FOLDER' | tar x",
            ));
        }
        let copied =
            match ends {
                (End::Guest(name, path), to @ (End::Local(_) | End::Stream)) => context
                    .with(&one(context, name)?, |guest| self.out(context, guest, path, to))?,
                (from @ (End::Local(_) | End::Stream), End::Guest(name, path)) => context
                    .with(&one(context, name)?, |guest| self.into(context, guest, from, path))?,
                (End::Guest(..), End::Guest(..)) => {
                    return Err(Failure::usage("both files are in guests")
                        .next("copy through here: qga cp guest:FROM - | qga cp - OTHER:TO"));
                }
                _ => {
                    return Err(Failure::usage("neither file is in a guest").next(
                    "write the one that is as guest:PATH, or NAME:PATH for a guest of that name",
                ));
                }
            };
        // Where the copy is the output, nothing else is.
        if self.destination != "-" {
            context.output.report(&copied)?;
        }
        Ok(exit::DONE)
    }

    fn options(&self) -> CopyOptions<'static> {
        CopyOptions::new().verify(self.verify)
    }

    /// Copies out of the guest.
    fn out(
        &self,
        context: &Context,
        guest: &mut Guest<'_>,
        path: &str,
        to: End<'_>,
    ) -> Result<Report, Failure> {
        let interrupt = Interrupt::watch()?;
        guest.agent.interrupted_by(&interrupt);
        let End::Local(local) = to else {
            let writer = context.output.guest_writer();
            let copied = self.file_out(context, guest, path, writer, 0, &interrupt);
            return done(copied.map_err(|error| self.failed(guest, error, &interrupt))?, "");
        };
        if self.recursive && self.is_dir(guest, path, &interrupt)? {
            let copied = folder::out(context, guest, path, local, self.verify);
            return copied.map_err(|error| self.folder_failed(guest, error, &interrupt));
        }
        let local = local::destination(local, path)?;
        let (file, offset) = local::create(&local, self.resume)?;
        let copied = self.file_out(context, guest, path, file, offset, &interrupt);
        let copied = copied.map_err(|error| self.failed(guest, error, &interrupt))?;
        done(copied, &local.display().to_string())
    }

    fn file_out(
        &self,
        context: &Context,
        guest: &mut Guest<'_>,
        path: &str,
        to: impl std::io::Write,
        offset: u64,
        interrupt: &Interrupt,
    ) -> Result<Copied, FileError> {
        let progress = Progress::new(guest.agent.files().length(path).ok(), context.global.quiet);
        let options = self.options().offset(offset).progress(|done| progress.set(done));
        // If this has kept us from asking how long it is, it has to keep us from what follows.
        guest.agent.interrupted_by(interrupt);
        let copied = guest.agent.files().copy_out(path, to, options);
        progress.finish();
        copied
    }

    /// Copies into the guest.
    fn into(
        &self,
        context: &Context,
        guest: &mut Guest<'_>,
        from: End<'_>,
        path: &str,
    ) -> Result<Report, Failure> {
        let interrupt = Interrupt::watch()?;
        guest.agent.interrupted_by(&interrupt);
        let End::Local(local) = from else {
            let mut input = Input::new(&interrupt);
            let copied = guest.agent.files().copy_in(&mut input, path, self.options());
            let copied = copied.map_err(|error| self.failed(guest, error, &interrupt))?;
            input.whole()?;
            return done(copied, path);
        };
        if self.recursive && local.is_dir() {
            let copied = folder::into(context, guest, local, path, self.verify);
            return copied.map_err(|error| self.folder_failed(guest, error, &interrupt));
        }
        let path = end::in_guest(path, local);
        let copied = self.file_into(context, guest, local, &path, &interrupt)?;
        done(copied.map_err(|error| self.failed(guest, error, &interrupt))?, &path)
    }

    fn file_into(
        &self,
        context: &Context,
        guest: &mut Guest<'_>,
        local: &Path,
        path: &str,
        interrupt: &Interrupt,
    ) -> Result<Result<Copied, FileError>, Failure> {
        let mut source = local::open(local)?;
        // Without, the agent creates files that everybody in the guest can write to.
        let mode = source.mode.filter(|_| can_set_permissions(guest));
        let offset = if self.resume { guest.agent.files().length(path).unwrap_or(0) } else { 0 };
        source.skip(offset)?;
        let progress = Progress::new(Some(source.length), context.global.quiet);
        let mut options = self.options().offset(offset).progress(|done| progress.set(done));
        if let Some(mode) = mode.filter(|_| offset == 0) {
            options = options.permissions(mode);
        }
        // If this has kept us from asking something, it has to keep us from what follows.
        guest.agent.interrupted_by(interrupt);
        let copied = guest.agent.files().copy_in(source.file, path, options);
        progress.finish();
        Ok(copied)
    }

    fn is_dir(
        &self,
        guest: &mut Guest<'_>,
        path: &str,
        interrupt: &Interrupt,
    ) -> Result<bool, Failure> {
        let asked = guest.agent.files().is_dir(path);
        asked.map_err(|error| self.folder_failed(guest, error.into(), interrupt))
    }

    fn folder_failed(
        &self,
        guest: &mut Guest<'_>,
        error: FolderFailure,
        interrupt: &Interrupt,
    ) -> Failure {
        match error {
            FolderFailure::Files(error) => self.failed(guest, error, interrupt).or_next(
                "folders need a POSIX guest with `tar`, where programs may be run and there is room for an archive",
            ),
            FolderFailure::Other(failure) => failure,
        }
    }

    /// Why a copy was not made. One that was interrupted leaves no program running, and one that can go on says so.
    fn failed(&self, guest: &mut Guest<'_>, error: FileError, interrupt: &Interrupt) -> Failure {
        let (path, can_resume) = (error.path.clone(), error.done > 0);
        if let Some(exit) = interrupt.exit() {
            if let FileProblem::Exec(error) = *error.problem
                && let Some(mut process) = error.into_process()
            {
                // It ends by itself if it cannot be killed.
                let _ = guest.agent.processes().kill(&mut process);
            }
            let failure = Failure::with_exit("interrupted", exit);
            return if can_resume { failure.next(RESUME) } else { failure };
        }
        let agent_said = matches!(*error.problem, FileProblem::Agent(_));
        let failure = Failure::from(error);
        if can_resume {
            failure.or_next(RESUME)
        } else if agent_said
            && !self.recursive
            && guest.agent.files().is_dir(&path).is_ok_and(|yes| yes)
        {
            failure.next("it is a folder: -r copies it with everything in it")
        } else {
            failure
        }
    }
}

const RESUME: &str = "--resume goes on from there, if the file is still the same";

/// The guest that is named, or else the one that the command is for.
fn one(context: &Context, name: Option<&str>) -> Result<Target, Failure> {
    match name {
        Some(name) => target::named(name),
        None => context.one(),
    }
}

/// Whether the guest has the means: a POSIX guest where programs may be run.
fn can_set_permissions(guest: &mut Guest<'_>) -> bool {
    guest.agent.capabilities().is_ok_and(|can| can.of::<GuestExec>().is_enabled())
        && guest.agent.guest_get_osinfo().is_ok_and(|os| os.id.as_deref() != Some("mswindows"))
}

fn done(copied: Copied, place: &str) -> Result<Report, Failure> {
    let verified = copied.verified != Verified::No;
    let done = Done { files: 1, bytes: copied.bytes, left_out: 0, verified };
    done.report(&format!("{place}: {}", human::size(copied.bytes)))
}
