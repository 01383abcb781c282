//! QEMU's own front end, to compare ours with: the one of the release whose test cases the lab has, run by Python.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;
use xtask::install::find_python;
use xtask::lab::source;

use crate::agent::skip;
use crate::lab::lab;

/// The variable that says that it must be there.
const REQUIRED: &str = "QGA_REQUIRE_REFERENCE";

/// QEMU's front end. It ends when this is dropped.
#[derive(Debug)]
pub struct Reference {
    tree: PathBuf,
    program: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What it makes of a schema.
#[derive(Debug)]
pub enum Verdict {
    /// It reads.
    Accepted {
        /// As QEMU's test program prints it.
        structure: String,
        /// As clients see it.
        introspection: Value,
        /// The same, with types that have numbers for names.
        masked: Value,
    },
    /// It does not.
    Rejected {
        /// The line of the complaint; none if it is not about any.
        line: Option<usize>,
        /// The complaint.
        message: String,
    },
    /// The front end has failed itself.
    Crashed,
}

impl Reference {
    /// Starts it; or nothing, which is told loudly.
    ///
    /// # Panics
    /// It does not start; or it is not there, and `QGA_REQUIRE_REFERENCE` says that it must be.
    #[expect(clippy::expect_used, reason = "a test whose peer does not start has failed")]
    pub fn start() -> Option<Self> {
        let cases = source::fetched_test_cases(&lab());
        let tree = cases.ok().and_then(|cases| Some(cases.parent()?.parent()?.to_owned()));
        let Some((tree, python)) = tree.zip(find_python()) else {
            skip(
                REQUIRED,
                "QEMU's own front end: `cargo xtask conformance` fetches it, and it needs Python",
            );
            return None;
        };
        let mut program = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("reference/front_end.py"))
            .arg(&tree)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let input = program.stdin.take();
        let output = BufReader::new(program.stdout.take().expect("it is piped"));
        Some(Self { tree, program, input, output })
    }

    /// QEMU's sources.
    pub fn tree(&self) -> &Path {
        &self.tree
    }

    /// What it makes of the schema in a file.
    ///
    /// # Panics
    /// It has ended, or says what is none of its answers.
    #[expect(clippy::expect_used, reason = "a test whose peer does not answer has failed")]
    pub fn read(&mut self, schema: &Path) -> Verdict {
        let input = self.input.as_mut().expect("it is piped");
        writeln!(input, "{}", schema.display()).expect("it reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it answers");
        let mut answer: Value = serde_json::from_str(&line).expect("it answers");
        if answer.get("crash").is_some() {
            return Verdict::Crashed;
        }
        if let Some(message) = answer.get("message").and_then(Value::as_str) {
            let line = answer.get("line").and_then(Value::as_u64);
            let line = line.and_then(|line| usize::try_from(line).ok());
            return Verdict::Rejected { line, message: message.to_owned() };
        }
        Verdict::Accepted {
            structure: answer["structure"].as_str().expect("it is text").to_owned(),
            introspection: answer["introspection"].take(),
            masked: answer["masked"].take(),
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // It ends with its input; there is nothing to be done about an error.
        drop(self.input.take());
        drop(self.program.wait());
    }
}
