//! `qga cp`: files into and out of the guest.

mod end;
mod local;

use clap::Args;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::commands::GuestExec;
use qga_bindings::files::{Copied, CopyOptions, FileError, Verified};
use qga_bindings::{Commands as _, Execute as _};
use serde::Serialize;

use crate::context::{Context, Guest};
use crate::failure::{Failure, exit};
use crate::output::{Report, Text, human};
use crate::progress::Progress;
use crate::target::{self, Target};
use end::End;

/// Copy a file into the guest or out of it.
///
/// A file in the guest is written guest:PATH, or NAME:PATH for a guest of that name; `-` is standard input or output. A local
/// file with a colon in its name is written ./NAME.
#[derive(Args, Debug)]
pub(crate) struct Cp {
    /// From where.
    source: String,

    /// To where; a folder gets a file of the same name.
    destination: String,

    /// Go on where an earlier copy was interrupted.
    #[arg(long)]
    resume: bool,

    /// Compare what was copied with its source.
    #[arg(long)]
    verify: bool,
}

#[derive(Serialize)]
struct Done {
    bytes: u64,
    verified: bool,
}

impl Cp {
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let copied =
            match (End::read(&self.source), End::read(&self.destination)) {
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
        let mut files = guest.agent.files();
        let progress = Progress::new(files.length(path).ok(), context.global.quiet);
        let options = self.options().progress(|done| progress.set(done));
        let (copied, place) = if let End::Local(local) = to {
            let local = local::destination(local, path)?;
            let (file, offset) = local::create(&local, self.resume)?;
            (files.copy_out(path, file, options.offset(offset)), local.display().to_string())
        } else {
            (files.copy_out(path, context.output.guest_writer(), options), String::new())
        };
        progress.finish();
        done(copied.map_err(interrupted)?, &place)
    }

    /// Copies into the guest.
    fn into(
        &self,
        context: &Context,
        guest: &mut Guest<'_>,
        from: End<'_>,
        path: &str,
    ) -> Result<Report, Failure> {
        let End::Local(local) = from else {
            return done(
                guest.agent.files().copy_in(std::io::stdin().lock(), path, self.options())?,
                path,
            );
        };
        let path = end::in_guest(path, local);
        let mut source = local::open(local)?;
        // Without, the agent creates files that everybody in the guest can write to.
        let mode = source.mode.filter(|_| can_set_permissions(guest));
        let mut files = guest.agent.files();
        let offset = if self.resume { files.length(&path).unwrap_or(0) } else { 0 };
        source.skip(offset)?;
        let progress = Progress::new(Some(source.length), context.global.quiet);
        let mut options = self.options().offset(offset).progress(|done| progress.set(done));
        if let Some(mode) = mode.filter(|_| offset == 0) {
            options = options.permissions(mode);
        }
        let copied = files.copy_in(source.file, &path, options);
        progress.finish();
        done(copied.map_err(interrupted)?, &path)
    }
}

/// A copy that can go on says so.
fn interrupted(error: FileError) -> Failure {
    let can_resume = error.done > 0;
    let failure = Failure::from(error);
    if can_resume && failure.next.is_none() {
        return failure.next("--resume goes on from there, if the file is still the same");
    }
    failure
}

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
    let compared = if verified { ", compared" } else { "" };
    let text = Text::line(format!("{place}: {}{compared}", human::size(copied.bytes)));
    Report::new(&Done { bytes: copied.bytes, verified }, text)
}
