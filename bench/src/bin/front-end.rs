//! The front end in one process: a schema that is in memory, to its resolved form. Prints the schema's length in bytes, and the
//! median time in microseconds.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use qapi_codegen::diagnostic::{Diagnostics, Format};
use qapi_codegen::dialect::Dialect;
use qapi_codegen::load::load_with;
use qapi_codegen::schema::Schema;
use qapi_codegen::source::SourceMap;
use qga_bench::{copies, median};
use xtask::pins;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, times, count] = arguments.as_slice() else {
        bail!("usage: front-end SCHEMA COPIES COUNT: COUNT runs over as many copies of the schema")
    };
    let mut sources = SourceMap::new();
    let schema = pins::read(&mut sources, Path::new(file), Dialect::strict())?;
    let (files, bytes) = copies::copies(&schema, &sources, times.parse()?);
    let time = median(count, || {
        let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
        let dialect = Dialect::strict();
        let tree = load_with(&files, &mut sources, copies::ROOT, dialect, &mut diagnostics);
        let schema: Option<Schema> =
            tree.and_then(|tree| qapi_codegen::resolve(tree, dialect, &mut diagnostics));
        schema.map(drop).with_context(|| diagnostics.render(&sources, Format::Human))
    })?;
    println!("{bytes} {:.3}", time.as_secs_f64() * 1e6);
    Ok(())
}
