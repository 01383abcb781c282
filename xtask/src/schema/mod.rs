//! `cargo xtask schema ...`: reads, pins, compares and explains schemas. One file per verb.

pub mod add;
mod agent;
mod check;
pub mod compare;
pub mod compile;
pub mod report;
mod skeleton;
pub mod upstream;
pub mod verify;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::Release;
use qapi_codegen::report::Format;

use crate::codegen;
use crate::pins::Pins;
use crate::{print, root};

const USAGE: &str = "\
usage: cargo xtask schema VERB

  check FILE... [--dialect strict|any] [--message-format human|short|json]
        [--dump schema|introspect|introspect-masked|qapi-test]
                          read schemas, print what is wrong with them, or what they say
  compile FILE... [--dialect strict|any] [--rename ITEM=NAME,...]
                            generate bindings of schemas, or of all in a folder, and compile them
  add VERSION --from PATH   pin a release of QEMU: PATH is a schema file (.gz too), a tree, a git checkout
  add --all-tags --from PATH  pin every release tag of a git checkout
  verify [--from PATH]      check what is pinned, and with PATH against upstream's text
  diff A B [--format text|markdown|json] [--deny breaking]
                            what changed between two sides: pinned releases, schema files, QEMU trees
  history [NAME]            the life of one item: `guest-exec.capture-output`
  report --html FILE        all of this as one page for a browser
  agent ADDRESS [--format text|json]
                            which releases a running agent may be of, by the commands that it lists";

/// Runs `cargo xtask schema` with these arguments.
pub fn main(arguments: &[String]) -> ExitCode {
    let Some((verb, rest)) = arguments.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let result = match verb.as_str() {
        "check" => return check::main(rest),
        "compile" => compile_verb(rest),
        "add" => add_verb(rest),
        "verify" => verify_verb(rest),
        "diff" => return diff_verb(rest).unwrap_or_else(|error| fail(&error)),
        "history" => history_verb(rest),
        "report" => report_verb(rest),
        "agent" => return agent::main(rest).unwrap_or_else(|error| fail(&error)),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        unknown => {
            eprintln!("unknown verb `{unknown}`\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    result.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

/// Splits options off: `--name VALUE` for each of `names`, everything else in order.
fn options<'a, const N: usize>(
    arguments: &'a [String],
    names: [&str; N],
) -> Result<([Option<&'a str>; N], Vec<&'a str>)> {
    let (mut values, mut rest) = ([None; N], Vec::new());
    let mut waiting = arguments.iter();
    while let Some(argument) = waiting.next() {
        match names.iter().position(|name| argument == name) {
            Some(at) => {
                values[at] = Some(
                    waiting.next().with_context(|| format!("{argument} needs a value"))?.as_str(),
                );
            }
            None if argument.starts_with("--") && argument != add::ALL_TAGS => {
                bail!("unknown option {argument}")
            }
            None => rest.push(argument.as_str()),
        }
    }
    Ok((values, rest))
}

fn compile_verb(arguments: &[String]) -> Result<()> {
    let ([dialect, renames], files) = options(arguments, ["--dialect", "--rename"])?;
    ensure!(!files.is_empty(), "name the FILE of a schema, or several");
    let dialect = match dialect.unwrap_or("strict") {
        "strict" => Dialect::strict(),
        "any" => Dialect::any(),
        other => bail!("--dialect {other}: expected strict or any"),
    };
    let renames = renames.into_iter().flat_map(|renames| renames.split(','));
    let renames = renames.map(|rename| {
        rename.split_once('=').with_context(|| format!("--rename {rename}: expected ITEM=NAME"))
    });
    compile::run(&files, dialect, &renames.collect::<Result<Vec<_>>>()?)
}

fn add_verb(arguments: &[String]) -> Result<()> {
    let ([from], rest) = options(arguments, ["--from"])?;
    let from = from.context("--from PATH says where the upstream schema is")?;
    ensure!(rest.len() == 1, "name one VERSION, or {}", add::ALL_TAGS);
    let release = if rest == [add::ALL_TAGS] { None } else { Some(rest[0].parse::<Release>()?) };
    add::run(&root()?, release, from.as_ref())
}

fn verify_verb(arguments: &[String]) -> Result<()> {
    let ([from], rest) = options(arguments, ["--from"])?;
    ensure!(rest.is_empty(), "unexpected {}", rest.join(" "));
    let root = root()?;
    let pins = Pins::open(&root.join("schema"))?;
    verify::verify_pins(&pins)?;
    codegen::outputs(&root, &pins)?;
    let snapshots = pins.snapshots.len();
    println!(
        "{} releases in {snapshots} snapshots, canonical and documented",
        pins.releases().len()
    );
    if let Some(from) = from {
        print(&verify::verify_upstream(&pins, from.as_ref())?);
    }
    Ok(())
}

fn diff_verb(arguments: &[String]) -> Result<ExitCode> {
    let ([format, deny], rest) = options(arguments, ["--format", "--deny"])?;
    let [old, new] = rest[..] else { bail!("name two sides: pinned releases or schema files") };
    let format = match format.unwrap_or("text") {
        "text" => Format::Text,
        "markdown" => Format::Markdown,
        "json" => Format::Json,
        other => bail!("--format {other}: expected text, markdown or json"),
    };
    ensure!(matches!(deny, None | Some("breaking")), "--deny knows `breaking` only");
    let pins = Pins::open(&root()?.join("schema"))?;
    let (report, breaking) = compare::compare(&pins, old, new, format)?;
    print(&report);
    Ok(if breaking && deny.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn history_verb(arguments: &[String]) -> Result<()> {
    let ([], rest) = options(arguments, [])?;
    ensure!(rest.len() <= 1, "name one item, or none to list all");
    let history = Pins::open(&root()?.join("schema"))?.history()?;
    print(&compare::life(&history, rest.first().copied())?);
    Ok(())
}

fn report_verb(arguments: &[String]) -> Result<()> {
    let ([html], rest) = options(arguments, ["--html"])?;
    ensure!(rest.is_empty(), "unexpected {}", rest.join(" "));
    let html = html.context("--html FILE says where the page is to be written")?;
    let size = report::report(&Pins::open(&root()?.join("schema"))?, html.as_ref())?;
    println!("{html}: {size} bytes, ready to be opened or sent");
    Ok(())
}
