//! What people and programs see: results on standard output, everything else on standard error.

pub(crate) mod bytes;
mod escape;
pub(crate) mod human;
mod stream;
mod text;

use std::io;
use std::sync::{Mutex, PoisonError};

use anstream::ColorChoice;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

pub(crate) use escape::{escape, escape_json};
pub(crate) use stream::{GuestWriter, Streamed, captured};
pub(crate) use text::{Cell, Table, Text};

use crate::args::{Color, Global};
use crate::failure::Failure;

/// What a command found: the same for programs and for people.
#[derive(Debug)]
pub(crate) struct Report {
    json: Box<RawValue>,
    text: Text,
}

impl Report {
    /// What is found, exactly, and as it is told to people.
    pub(crate) fn new(json: &impl Serialize, text: Text) -> Result<Self, Failure> {
        Ok(Self { json: to_raw_value(json)?, text })
    }
}

/// How results are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
    JsonLines,
}

/// Where results go.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    raw: bool,
    quiet: bool,
    /// Records that wait for the end of their list, with `--json` for several guests.
    records: Mutex<Vec<(usize, String)>>,
}

/// Which of several guests a result is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a> {
    pub(crate) target: &'a str,
    /// Its place among them.
    pub(crate) order: usize,
}

/// A result of one guest among several.
#[derive(Serialize)]
struct Record<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let format = match (global.json, global.jsonl) {
            (true, _) => Format::Json,
            (_, true) => Format::JsonLines,
            _ => Format::Text,
        };
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        choice.write_global();
        Self { format, raw: global.raw, quiet: global.quiet, records: Mutex::default() }
    }

    /// Shows the result of a command for one guest.
    pub(crate) fn report(&self, report: &Report) -> Result<(), Failure> {
        match self.format {
            Format::Text => self.write(&report.text.render(self.raw)),
            Format::Json => self.write(&line(report.json.get())),
            Format::JsonLines => {
                let lines = match serde_json::from_str::<Vec<&RawValue>>(report.json.get()) {
                    Ok(items) => items.iter().map(|item| line(item.get())).collect(),
                    Err(_) => line(report.json.get()),
                };
                self.write(&lines)
            }
        }
    }

    /// Shows the result of one guest among several, or one of several results.
    pub(crate) fn record(&self, label: Option<Label<'_>>, report: &Report) -> Result<(), Failure> {
        if self.format == Format::Text {
            let text = report.text.render(self.raw);
            return match label {
                None => self.write(&text),
                Some(label) => self.write(&labelled(label.target, &text)),
            };
        }
        match label {
            None => self.write(&line(report.json.get())),
            Some(Label { target, order }) => {
                self.json_record(order, &Record { target, result: Some(&report.json), error: None })
            }
        }
    }

    /// Tells why a command failed.
    pub(crate) fn fail(&self, label: Option<Label<'_>>, failure: &Failure) {
        if failure.message.is_empty() {
            return;
        }
        if let (Some(Label { target, order }), true) = (label, self.format != Format::Text) {
            let record = Record { target, result: None, error: Some(failure) };
            // If it cannot be written, neither can anything else.
            drop(self.json_record(order, &record));
            return;
        }
        let told = match self.format {
            Format::Text => {
                let error = anstyle::AnsiColor::Red.on_default().bold();
                let label =
                    label.map(|label| format!("{}: ", escape(label.target))).unwrap_or_default();
                let next = failure.next.as_ref().map(|next| format!("  next: {}\n", escape(next)));
                let next = next.unwrap_or_default();
                format!("{error}qga{error:#}: {label}{}\n{next}", escape(&failure.message))
            }
            Format::Json | Format::JsonLines => {
                let json = serde_json::to_string(&serde_json::json!({ "error": failure }));
                line(&json.unwrap_or_default())
            }
        };
        stream::stderr(&told);
    }

    /// Ends a list of records.
    pub(crate) fn end_of_records(&self) -> Result<(), Failure> {
        if self.format != Format::Json {
            return Ok(());
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.sort();
        let records: Vec<String> = records.drain(..).map(|(_, record)| record).collect();
        self.write(&format!("[{}]\n", records.join(",\n ")))
    }

    fn json_record(&self, order: usize, record: &Record<'_>) -> Result<(), Failure> {
        let json = serde_json::to_string(record)?;
        if self.format == Format::JsonLines {
            return self.write(&line(&json));
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.push((order, escape_json(&json).into_owned()));
        Ok(())
    }

    /// Whether results are for people.
    pub(crate) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// Shows what a program or a file of the guest has for standard output.
    pub(crate) fn guest_stdout(&self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(stream::guest(io::stdout().lock(), bytes, self.raw)?)
    }

    /// Standard output for what the guest wrote, piece by piece.
    pub(crate) fn guest_writer(&self) -> GuestWriter<io::Stdout> {
        GuestWriter::new(io::stdout(), self.raw)
    }

    /// Standard output and standard error for what a program of the guest wrote, piece by piece.
    pub(crate) fn guest_writers(&self) -> Streamed {
        Streamed { stdout: self.guest_writer(), stderr: GuestWriter::new(io::stderr(), self.raw) }
    }

    /// Shows what a program of the guest has for standard error.
    pub(crate) fn guest_stderr(&self, bytes: &[u8]) {
        // If nobody reads it any more, the program's end is still told.
        drop(stream::guest(io::stderr().lock(), bytes, self.raw));
    }

    /// Shows a line that says what the results after it are of.
    pub(crate) fn heading(&self, text: &str) -> Result<(), Failure> {
        let style = anstyle::Style::new().bold();
        self.write(&format!("{style}{}{style:#}\n", escape(text)))
    }

    /// Says something that is no result, unless we are to be quiet.
    pub(crate) fn remark(&self, text: &str) {
        if !self.quiet {
            stream::stderr(&format!("qga: {}\n", escape(text)));
        }
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        // What is raw has no styles of ours, and escape sequences of its own.
        Ok(if self.raw { stream::raw_stdout(text) } else { stream::stdout(text) }?)
    }
}

/// Says something that is no result, and that nobody may miss.
pub(crate) fn warn(text: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    stream::stderr(&format!("{style}qga{style:#}: {}\n", escape(text)));
}

/// JSON as a line of its own.
fn line(json: &str) -> String {
    let mut line = escape_json(json).into_owned();
    line.push('\n');
    line
}

/// Text whose every line says which guest it is about.
fn labelled(label: &str, text: &str) -> String {
    let label = escape(label);
    text.lines().flat_map(|line| [&label, ": ", line, "\n"].map(str::to_owned)).collect()
}
