//! Generates from a build script: files to `OUT_DIR`, diagnostics to cargo.

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;

use crate::Options;
use crate::diagnostic::{Diagnostics, Format};
use crate::dialect::Dialect;
use crate::history::History;
use crate::rust::write_file;
use crate::source::{SourceFile, SourceMap};

/// Generates the bindings of the schema at `path` from a build script, to be included as
/// `include!(concat!(env!("OUT_DIR"), "/NAME.rs"))`, where `NAME` is the schema's file name without extension.
///
/// Cargo is told of every file that was read. If the schema is faulty, so is it of each fault, and the build
/// script ends here, with exit code 1. The crate that includes the file needs `qga-bindings` to run it on.
pub fn build(path: impl AsRef<Path>) {
    Options::new().build(path, Dialect::strict());
}

impl Options {
    /// Like [`build`], with these options, and for the schema language of any time.
    pub fn build(&self, path: impl AsRef<Path>, dialect: Dialect) {
        let path = path.as_ref();
        let mut sources = SourceMap::new();
        let mut diagnostics = Diagnostics::new();
        let result = self.generate_into_out_dir(path, dialect, &mut sources, &mut diagnostics);
        let told = tell(path, &sources, &diagnostics, result.as_ref().err());
        if result.is_err() || told.is_err() {
            process::exit(1);
        }
    }

    fn generate_into_out_dir(
        &self,
        path: &Path,
        dialect: Dialect,
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), String> {
        let out =
            env::var_os("OUT_DIR").ok_or("`OUT_DIR` is not set: call this from a build script")?;
        let faulty = || format!("{} cannot be made into bindings", path.display());
        let schema = crate::read(sources, path, dialect, diagnostics).ok_or_else(faulty)?;
        let bindings = self.generate(&History::single(schema)).map_err(|faults| {
            diagnostics.extend(faults);
            faulty()
        })?;
        let mut file = PathBuf::from(path.file_stem().unwrap_or_default());
        file.as_mut_os_string().push(".rs");
        let target = Path::new(&out).join(file);
        write_file(&target, bindings.one_file()).map_err(|error| error.to_string())
    }
}

/// Speaks to cargo, and to whoever reads the output of a failed build script.
fn tell(
    path: &Path,
    sources: &SourceMap,
    diagnostics: &Diagnostics,
    failure: Option<&String>,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let root = path.display().to_string();
    let included = sources.files().iter().map(SourceFile::path).filter(|path| *path != root);
    for file in std::iter::once(root.as_str()).chain(included) {
        // A line end in a path would begin another instruction to cargo.
        if !file.contains(['\n', '\r']) {
            writeln!(out, "cargo::rerun-if-changed={file}")?;
        }
    }
    for line in diagnostics.render(sources, Format::Short).lines() {
        writeln!(out, "cargo::warning=qapi-codegen: {line}")?;
    }
    if let Some(failure) = failure {
        writeln!(out, "cargo::warning=qapi-codegen: {failure}")?;
        let report = diagnostics.render(sources, Format::Human);
        writeln!(io::stderr().lock(), "qapi-codegen: {failure}\n\n{report}")?;
    }
    out.flush()
}
