//! The project's own commands: `cargo xtask help`.

mod conformance;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use xtask::test::TestOptions;

const USAGE: &str = "\
usage: cargo xtask VERB [ARGUMENTS]

  demo                      regenerate the bindings, then talk to a local agent that cannot do harm
  codegen [--check]         bring everything that is generated up to date, or say what is not
  schema VERB ...           read, pin, compare and explain schemas
  test [--corpus DIR] [--no-install]
                            run every check there is, installing what it needs; also called ci
  release --check|--record  whether the version says what changed since the last; note the present as released
  package                   pack what is published, and build what depends on it
  oldest                    check the bindings with the oldest compiler that they promise to do with
  conformance [--corpus DIR]
                            compare the front end with QEMU's own test cases
  compatibility [SUITE...]  try every command on agents of several releases, and write docs/compatibility.md
  bench [FAMILY...]         what everything costs, side by side with others; writes docs/performance.md
  lab VERB ...              real agents of several releases, and guests for them
  help                      print this text

`cargo xtask VERB --help` says more about a verb.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let Some((verb, rest)) = arguments.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match verb.as_str() {
        "schema" => xtask::schema::main(rest),
        "demo" if rest.is_empty() => report(xtask::root().and_then(|root| xtask::demo::run(&root))),
        "release" => report(release_verb(rest)),
        "codegen" => report(codegen_verb(rest)),
        "test" | "ci" => report(test_verb(rest)),
        "package" if rest.is_empty() => {
            report(xtask::root().and_then(|root| xtask::package::run(&root)))
        }
        "oldest" if rest.is_empty() => {
            report(xtask::root().and_then(|root| xtask::oldest::run(&root)))
        }
        "conformance" => conformance::main(rest),
        #[cfg(unix)]
        "compatibility" => {
            report(xtask::root().and_then(|root| xtask::compatibility::run(&root, rest)))
        }
        #[cfg(unix)]
        "bench" => xtask::bench::main(rest),
        #[cfg(unix)]
        "lab" => xtask::lab::main(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        unknown => {
            eprintln!("unknown verb `{unknown}`\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn report(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn codegen_verb(arguments: &[String]) -> Result<()> {
    let check = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => bail!("usage: cargo xtask codegen [--check]"),
    };
    xtask::codegen::run(&xtask::root()?, check)
}

fn release_verb(arguments: &[String]) -> Result<()> {
    let root = xtask::root()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--check"] => print!("{}", xtask::release::check(&root)?),
        ["--record"] => xtask::release::record(&root)?,
        _ => bail!("usage: cargo xtask release --check|--record"),
    }
    Ok(())
}

fn test_verb(arguments: &[String]) -> Result<()> {
    let mut options = TestOptions::default();
    let mut waiting = arguments.iter();
    while let Some(argument) = waiting.next() {
        match argument.as_str() {
            "--corpus" => {
                let folder = waiting.next().context("--corpus needs a folder")?;
                options.corpus =
                    Some(PathBuf::from(folder).canonicalize().with_context(|| folder.clone())?);
            }
            "--no-install" => options.no_install = true,
            unknown => bail!(
                "unknown option {unknown}: usage: cargo xtask test [--corpus DIR] [--no-install]"
            ),
        }
    }
    xtask::test::run(&xtask::root()?, &options)
}
