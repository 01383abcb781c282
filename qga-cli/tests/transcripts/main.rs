//! Transcripts: what a user types, what comes back, and the exit code. They are documentation as well.
//!
//! Lines that begin with `$ ` are commands, and what follows is what they print. In it, `|` marks standard output,
//! `!` standard error and `=` an exit code that is not 0. Agents of several kinds listen on `linux.sock`, `hostile.sock`
//! and so on in the current folder.

mod guests;
mod shell;
mod strangers;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use qga_tests::golden;

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/cases");
    let trials = match golden::files(&folder, "txt") {
        Ok(files) => {
            let mut trials: Vec<Trial> = files.iter().map(|file| trial(file)).collect();
            trials.push(Trial::test("every_command_has_a_transcript", move || untold(&files)));
            trials
        }
        Err(error) => vec![Trial::test("cases", move || Err(error.into()))],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(file: &Path) -> Trial {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let file = file.to_owned();
    Trial::test(name, move || run(&file))
}

/// Fails if no transcript shows a command.
fn untold(files: &[PathBuf]) -> Result<(), Failed> {
    let mut typed = String::new();
    for file in files {
        let text = std::fs::read_to_string(file)?;
        typed.extend(
            text.lines().filter_map(|line| line.strip_prefix("$ ")).flat_map(|line| [line, " \n"]),
        );
    }
    let untold = support::commands_but(|name| typed.contains(&format!(" {name} ")));
    if untold.is_empty() { Ok(()) } else { Err(format!("no transcript shows {untold:?}").into()) }
}

/// Runs the commands of a transcript again, and compares.
fn run(file: &Path) -> Result<(), Failed> {
    let expected = std::fs::read_to_string(file)?;
    let guests = guests::Guests::start()?;
    let mut actual = String::new();
    for line in expected.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            actual.push_str(line);
            actual.push('\n');
            actual.push_str(&shell::run(command, guests.dir())?);
        } else if !line.starts_with(['|', '!', '=']) {
            actual.push_str(line);
            actual.push('\n');
        }
    }
    let accept = "cargo test --package qga-cli --test transcripts";
    golden::compare(file, &actual, accept).map_err(Failed::from)
}
