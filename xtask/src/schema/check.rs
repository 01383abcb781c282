//! `schema check`: reads schemas, prints what is wrong with them, or what they say.

use std::io::{self, Write};
use std::process::ExitCode;

use qapi_codegen::diagnostic::{Diagnostics, Format};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::introspect::{self, Names};
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;

const USAGE: &str = "\
usage: cargo xtask schema check [OPTIONS] FILE...

  --dialect strict|any              the rules of QEMU 10.2 (the default), or whatever any release allowed
  --message-format human|short|json how to print what is wrong, to standard error
  --dump FORM                       print what the schema says, to standard output; FORM is one of
      schema             every definition, as this project sees it
      introspect         what query-qmp-schema answers, with the types' real names
      introspect-masked  the same with numbers for names, as on the wire
      qapi-test          what QEMU's own test program prints

Exits with 0 if every file is accepted, 1 if one is not, 2 if the arguments make no sense.";

/// Runs `cargo xtask schema check` with these arguments.
pub(super) fn main(arguments: &[String]) -> ExitCode {
    match Options::parse(arguments) {
        Ok(Some(options)) => check(&options),
        Ok(None) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(complaint) => usage(&complaint),
    }
}

fn usage(complaint: &str) -> ExitCode {
    eprintln!("{complaint}\n\n{USAGE}");
    ExitCode::from(2)
}

struct Options {
    dialect: Dialect,
    format: Format,
    dump: Option<Dump>,
    files: Vec<String>,
}

#[derive(Clone, Copy)]
enum Dump {
    Schema,
    Introspect(Names),
    QapiTest,
}

impl Options {
    /// `None` if help is asked for.
    fn parse(arguments: &[String]) -> Result<Option<Self>, String> {
        let mut options = Self {
            dialect: Dialect::strict(),
            format: Format::Human,
            dump: None,
            files: Vec::new(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let (option, value) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option, Some(value)),
                _ => (argument.as_str(), None),
            };
            if option == "--help" || option == "-h" {
                return Ok(None);
            }
            if !option.starts_with('-') {
                options.files.push(argument.clone());
                continue;
            }
            let value = value.or_else(|| arguments.next().map(String::as_str));
            options.set(option, value.ok_or_else(|| format!("`{option}` needs a value"))?)?;
        }
        if options.files.is_empty() {
            return Err("no file to check".to_owned());
        }
        Ok(Some(options))
    }

    fn set(&mut self, option: &str, value: &str) -> Result<(), String> {
        let unknown = || Err(format!("`{value}` is no value for `{option}`"));
        match option {
            "--dialect" => match value {
                "strict" => self.dialect = Dialect::strict(),
                "any" => self.dialect = Dialect::any(),
                _ => return unknown(),
            },
            "--message-format" => match value {
                "human" => self.format = Format::Human,
                "short" => self.format = Format::Short,
                "json" => self.format = Format::Json,
                _ => return unknown(),
            },
            "--dump" => match value {
                "schema" => self.dump = Some(Dump::Schema),
                "introspect" => self.dump = Some(Dump::Introspect(Names::Real)),
                "introspect-masked" => self.dump = Some(Dump::Introspect(Names::Masked)),
                "qapi-test" => self.dump = Some(Dump::QapiTest),
                _ => return unknown(),
            },
            _ => return Err(format!("unknown option `{option}`")),
        }
        Ok(())
    }
}

fn check(options: &Options) -> ExitCode {
    let mut accepted = true;
    for file in &options.files {
        let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
        let schema = qapi_codegen::read(&mut sources, file, options.dialect, &mut diagnostics);
        print_to(&mut io::stderr(), &diagnostics.render(&sources, options.format));
        accepted &= schema.is_some();
        if let Some((schema, dump)) = schema.zip(options.dump) {
            match write(&schema, dump) {
                Ok(text) => print_to(&mut io::stdout(), &text),
                Err(error) => {
                    print_to(&mut io::stderr(), &format!("cannot dump {file}: {error}\n"));
                    accepted = false;
                }
            }
        }
    }
    if accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes all of `text`. A reader that has gone away has seen all it wants.
fn print_to(stream: &mut dyn Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

fn write(schema: &Schema, dump: Dump) -> anyhow::Result<String> {
    Ok(match dump {
        Dump::Schema => schema.dump(),
        Dump::QapiTest => schema.qapi_test(),
        Dump::Introspect(names) => introspect::to_json(&introspect::introspect(schema, names))?,
    })
}
