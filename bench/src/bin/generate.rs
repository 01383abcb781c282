//! The generator, as a program to be measured: a schema, or all pinned releases, to formatted Rust in a folder.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use qapi_codegen::Options;
use qapi_codegen::diagnostic::Format;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::History;
use qapi_codegen::source::SourceMap;
use xtask::pins::Pins;
use xtask::{codegen, pins};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let bindings = match arguments[..] {
        ["pinned", folder, _] => codegen::bindings(&Pins::open(Path::new(folder))?)?,
        ["schema", file, _] => {
            let mut sources = SourceMap::new();
            let schema = pins::read(&mut sources, Path::new(file), Dialect::strict())?;
            let generated = Options::new().generate(&History::single(schema));
            generated.map_err(|faults| anyhow!("{}", faults.render(&sources, Format::Human)))?
        }
        ["check", file] => {
            pins::read(&mut SourceMap::new(), Path::new(file), Dialect::strict())?;
            return Ok(());
        }
        _ => bail!("usage: generate pinned FOLDER OUT | schema FILE OUT | check FILE"),
    };
    bindings.write_to(arguments[2])?;
    Ok(())
}
