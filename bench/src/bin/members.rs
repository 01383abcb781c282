//! Types with many members: the time from the schema of one to its bindings, in microseconds, and with a folder the bindings
//! too, as a package that decodes.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use qapi_codegen::diagnostic::Format;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::History;
use qapi_codegen::source::SourceMap;
use qapi_codegen::{Bindings, Options};
use qga_bench::median;
use xtask::pins;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["time", members, count] => {
            let schema = schema(members.parse()?);
            let time = median(count, || bindings(&schema).map(drop))?;
            println!("{:.3}", time.as_secs_f64() * 1e6);
        }
        ["package", members, folder] => {
            let members: usize = members.parse()?;
            let folder = Path::new(folder);
            bindings(&schema(members))?.write_to(folder.join("src/generated"))?;
            let text = format!("\"{{{}}}\"", reply(members).replace('"', "\\\""));
            fs::write(folder.join("src/reply.rs"), text)
                .with_context(|| format!("in {}", folder.display()))?;
        }
        _ => bail!("usage: members time MEMBERS COUNT | package MEMBERS FOLDER"),
    }
    Ok(())
}

/// A struct of numbers, every other one optional, with a description of each.
fn schema(members: usize) -> String {
    let (mut doc, mut data) = (String::new(), Vec::with_capacity(members));
    for at in 0..members {
        let mark = if at % 2 == 0 { "" } else { "*" };
        doc.extend(["#\n# @member-", &at.to_string(), ": a number\n"]);
        data.push(format!("'{mark}member-{at}': 'int'"));
    }
    format!(
        "##\n# @Many:\n#\n# Many numbers.\n{doc}##\n{{ 'struct': 'Many', 'data': {{ {} }} }}\n",
        data.join(", ")
    )
}

/// The members of a value, in order.
fn reply(members: usize) -> String {
    let members = (0..members).map(|at| format!("\"member-{at}\": {at}"));
    members.collect::<Vec<_>>().join(", ")
}

fn bindings(schema: &str) -> Result<Bindings> {
    let mut sources = SourceMap::new();
    let schema = pins::read_text(&mut sources, "many.json", schema, Dialect::strict())?;
    let generated = Options::new().generate(&History::single(schema));
    generated.map_err(|faults| anyhow!("{}", faults.render(&sources, Format::Human)))
}
