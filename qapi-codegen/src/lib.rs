//! Reads QAPI, QEMU's schema language, and generates Rust bindings from it.

mod build;
pub mod check;
pub mod corrections;
pub mod diagnostic;
pub mod dialect;
mod error;
pub mod history;
pub mod import;
pub mod introspect;
pub mod load;
mod parallel;
pub mod report;
pub mod rust;
pub mod schema;
pub mod source;
pub mod syntax;

pub use build::build;
pub use error::Error;
pub use rust::{Bindings, Docs, Options, Stale};

use std::path::Path;

use diagnostic::{Diagnostics, Format};
use dialect::Dialect;
use schema::Schema;
use source::SourceMap;
use syntax::tree::Tree;

/// Reads the schema at `path` and everything it includes, by the rules of QEMU 10.2.
///
/// # Errors
/// When anything is wrong with the schema. [`read`] also takes older dialects, and tells of warnings.
pub fn load(sources: &mut SourceMap, path: impl AsRef<Path>) -> Result<Schema, Error> {
    let mut diagnostics = Diagnostics::new();
    read(sources, path, Dialect::strict(), &mut diagnostics).ok_or_else(|| {
        let report = diagnostics.render(sources, Format::Human);
        Error::new(diagnostics.into_iter().collect(), report)
    })
}

/// Reads the schema at `path` and everything it includes. `None` if there are errors among the `diagnostics`.
pub fn read(
    sources: &mut SourceMap,
    path: impl AsRef<Path>,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Schema> {
    let tree = load::load(sources, path, dialect, diagnostics)?;
    resolve(tree, dialect, diagnostics)
}

/// Reads several schemas with everything they include, on all processors. `None` if there are errors among the `diagnostics`.
pub fn read_all(
    sources: &mut SourceMap,
    paths: &[impl AsRef<Path> + Sync],
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Schema>> {
    let shares = sources.shares(paths.len());
    let read = parallel::each(paths.len(), |at| {
        let (mut sources, mut diagnostics) = (shares[at].clone(), Diagnostics::new());
        let schema = read(&mut sources, &paths[at], dialect, &mut diagnostics);
        (sources, diagnostics, schema)
    });
    let mut results = Vec::with_capacity(paths.len());
    for (own, found, schema) in read {
        if own.is_full() {
            results.push(None);
        } else {
            sources.append(own);
            results.push(Some((found, schema)));
        }
    }
    let mut schemas = Vec::with_capacity(paths.len());
    for (path, result) in paths.iter().zip(results) {
        // What did not fit into its share of the offsets has all that are left.
        let (found, schema) = result.unwrap_or_else(|| {
            let mut found = Diagnostics::new();
            let schema = self::read(sources, path, dialect, &mut found);
            (found, schema)
        });
        diagnostics.extend(found);
        schemas.extend(schema);
    }
    (schemas.len() == paths.len()).then_some(schemas)
}

/// Makes a schema of a syntax tree, however that was read. `None` if there are errors among the `diagnostics`.
pub fn resolve(tree: Tree, dialect: Dialect, diagnostics: &mut Diagnostics) -> Option<Schema> {
    if diagnostics.has_errors() {
        return None;
    }
    let definitions = check::check(tree, dialect, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    schema::resolve(definitions, dialect, diagnostics)
}
