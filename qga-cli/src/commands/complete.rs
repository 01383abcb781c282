//! `qga complete`, which the scripts of `qga completions` call: what the last word of a command line can become.

mod line;
mod paths;
mod values;
mod words;

use std::fmt::Write as _;

use clap::{Args, ValueEnum};

use crate::context::Context;
use crate::failure::{Failure, exit};
use crate::output::escape;
use line::Line;
use words::{Typed, Words};

/// Print what the last word can become. It is called by the scripts that `qga completions` prints.
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct Complete {
    /// How words are quoted.
    shell: Shell,

    /// The characters that end what the shell takes for a word, beside blanks.
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    breaks: String,

    /// The words up to the cursor, or for bash the program and the line.
    #[arg(last = true)]
    words: Vec<String>,
}

/// A shell that completes by asking us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    /// The script that has the shell ask us.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("complete/qga.bash"),
            Self::Zsh => include_str!("complete/qga.zsh"),
            Self::Fish => include_str!("complete/qga.fish"),
        }
    }
}

/// What a word can become.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    value: String,
    help: String,
}

impl Candidate {
    fn new(value: impl Into<String>, help: impl Into<String>) -> Self {
        Self { value: value.into(), help: help.into() }
    }

    /// Whether more of the same word can follow.
    fn is_open(&self) -> bool {
        self.value.ends_with(['/', ':', '='])
    }
}

/// How many are told: nobody reads more.
const MOST: usize = 1000;

impl Complete {
    /// Prints them, one a line. Nobody wants to read of errors while typing.
    pub(crate) fn run(&self, context: &Context) -> Result<u8, Failure> {
        let Words { before, typed } = match (self.shell, self.words.as_slice()) {
            (Shell::Bash, [program, line]) => Words::of_line(program, line, &self.breaks),
            (Shell::Fish, [before @ .., last]) => Words::new(before, Typed::read(last, "")),
            (Shell::Zsh, [before @ .., last]) => Words::new(before, Typed::plain(last)),
            _ => return Ok(exit::USAGE),
        };
        let command = crate::command();
        let mut candidates = values::candidates(&Line::read(command, &before, &typed.text));
        candidates.retain(|candidate| {
            // Names are the guest's: what a terminal would act on is not offered.
            candidate.value.starts_with(&typed.text) && escape(&candidate.value) == candidate.value
        });
        candidates.sort();
        candidates.truncate(MOST);
        let mut lines = String::new();
        for candidate in candidates {
            // Writing to a string cannot fail.
            let _ = match self.shell {
                Shell::Bash => match typed.quoted(&candidate.value, candidate.is_open()) {
                    Some(word) => writeln!(lines, "{word}"),
                    None => Ok(()),
                },
                Shell::Zsh | Shell::Fish => {
                    writeln!(lines, "{}\t{}", candidate.value, escape(&candidate.help))
                }
            };
        }
        context.output.guest_stdout(lines.as_bytes())?;
        Ok(exit::DONE)
    }
}
