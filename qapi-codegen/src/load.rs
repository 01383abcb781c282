//! Reads a schema and everything it includes: files to one syntax tree.
//!
//! Nothing else in this crate touches the file system.

mod files;
mod read;

pub use files::{Disk, Files, Memory};

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::source::{SourceMap, Span};
use crate::syntax::doc::Doc;
use crate::syntax::doc::faults::DocFaults;
use crate::syntax::parser::{Parser, Upcoming};
use crate::syntax::pragma;
use crate::syntax::quote::quoted;
use crate::syntax::tree::{Expression, Include, Item, SourceModule, Tree, Value};

/// The largest file that is read, in bytes. QEMU's largest has 200 kB.
pub const MAX_FILE_BYTES: u64 = 16 << 20;
/// The most that is read for one schema, in bytes. QEMU's has 800 kB.
pub const MAX_SCHEMA_BYTES: u64 = 32 << 20;
/// The most files one schema may consist of. QEMU's has 46.
pub const MAX_FILES: usize = 1000;
/// How deeply files may include each other. QEMU's schema uses 3 levels.
pub const MAX_INCLUDE_DEPTH: usize = 50;
/// The most values, sections of documentation and directives one schema may hold. QEMU's has 40 000.
pub const MAX_NODES: usize = 1_000_000;

/// Reads the schema at `path` and everything it includes from the file system.
///
/// What is wrong goes to `diagnostics`; the tree holds whatever could be read all the same. `None` means that
/// there is not even a root file.
pub fn load(
    sources: &mut SourceMap,
    path: impl AsRef<Path>,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Tree> {
    load_with(&Disk, sources, path, dialect, diagnostics)
}

/// Reads the schema at `path` and everything it includes from `files`.
pub fn load_with(
    files: &dyn Files,
    sources: &mut SourceMap,
    path: impl AsRef<Path>,
    dialect: Dialect,
    diagnostics: &mut Diagnostics,
) -> Option<Tree> {
    let path = path.as_ref();
    let identity = files.identity(path);
    let mut loader = Loader {
        files,
        sources,
        diagnostics,
        dialect,
        root_folder: identity.parent().unwrap_or(Path::new("")).to_owned(),
        read: BTreeSet::new(),
        chain: Vec::new(),
        bytes_left: MAX_SCHEMA_BYTES,
        nodes_left: Some(MAX_NODES),
        doc_faults: DocFaults::new(dialect),
        tree: Tree::default(),
    };
    let readable = loader.file(path, identity, None);
    loader.diagnostics.extend(loader.doc_faults.summary());
    readable.then_some(loader.tree)
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    dialect: Dialect,
    root_folder: PathBuf,
    /// Every file read so far, by identity.
    read: BTreeSet<PathBuf>,
    /// The files being read now, from the root to the current one, by identity.
    chain: Vec<PathBuf>,
    bytes_left: u64,
    /// `None` once there were too many.
    nodes_left: Option<usize>,
    doc_faults: DocFaults,
    tree: Tree,
}

impl Loader<'_> {
    /// Reads one file and what it includes; false if there is no text to read.
    fn file(&mut self, path: &Path, identity: PathBuf, included_at: Option<Span>) -> bool {
        let Some((text, span)) = self.text(path, included_at) else { return false };
        let name = self.module(&identity);
        self.tree.modules.push(SourceModule { name, span });
        self.read.insert(identity.clone());
        self.chain.push(identity);
        self.items(path, &text, span.start);
        self.chain.pop();
        true
    }

    fn items(&mut self, path: &Path, text: &str, base: u32) {
        let mut parser = Parser::new(text, base, self.dialect, self.nodes_left, self.diagnostics);
        let mut doc = None;
        loop {
            match parser.upcoming() {
                // Nobody wants to read more than that many complaints.
                _ if self.diagnostics.is_full() => break,
                Upcoming::Nothing => break,
                Upcoming::Doc => {
                    self.strand(doc.take());
                    doc = parser.doc(&mut self.doc_faults, self.diagnostics);
                }
                Upcoming::Expression => {
                    let Some(value) = parser.expression(self.diagnostics) else {
                        doc = None;
                        continue;
                    };
                    self.nodes_left = parser.nodes_left();
                    self.expression(path, value, doc.take());
                    parser.set_nodes_left(self.nodes_left);
                }
            }
        }
        self.nodes_left = parser.nodes_left();
        self.strand(doc);
    }

    fn expression(&mut self, path: &Path, value: Value, doc: Option<Doc>) {
        let Some(entries) = value.as_object() else {
            return self.diagnostics.push(
                Diagnostic::error(
                    Code::TopLevelNotObject,
                    value.span,
                    "only objects can stand at the top level",
                )
                .help("a schema consists of definitions and directives, each within `{` and `}`"),
            );
        };
        let alone = entries.len() == 1;
        if let Some(target) = value.get("include") {
            self.strand(doc);
            match target.as_str().filter(|_| alone) {
                Some(target_path) => self.include(path, &value, target, target_path),
                None => self.diagnostics.push(invalid_include(&value, target, alone)),
            }
        } else if let Some(pragmas) = value.get("pragma") {
            self.strand(doc);
            if alone {
                let pragma = &mut self.tree.pragma;
                pragma::apply(pragma, pragmas, value.span, self.dialect, self.diagnostics);
            } else {
                self.diagnostics.push(not_alone(Code::PragmaInvalid, "pragma", &value));
            }
        } else {
            let doc = self.attach(doc, &value);
            self.tree.items.push(Item::Definition(Expression { value, doc }));
        }
    }

    fn include(&mut self, path: &Path, directive: &Value, target: &Value, target_path: &str) {
        let at = directive.span;
        let path = path.parent().unwrap_or(Path::new("")).join(target_path);
        let identity = self.files.identity(&path);
        let module = self.module(&identity);
        self.tree.items.push(Item::Include(Include { span: at, module }));
        let fault = if self.chain.contains(&identity) {
            Diagnostic::error(
                Code::IncludeCycle,
                at,
                format!("the file {} would include itself", quoted(target_path)),
            )
            .label(target.span, "is being read already")
            .help("move what both files need to a third one")
        } else if self.read.contains(&identity) {
            return;
        } else if self.chain.len() >= MAX_INCLUDE_DEPTH {
            let message = format!("files include each other more than {MAX_INCLUDE_DEPTH} deep");
            Diagnostic::error(Code::IncludeTooDeep, at, message)
                .help("include the files side by side, from one file")
        } else if self.read.len() >= MAX_FILES {
            let message = format!("the schema consists of more than {MAX_FILES} files");
            Diagnostic::error(Code::SchemaTooLarge, at, message)
                .help("QEMU's own has 46: put some of them together")
        } else {
            self.file(&path, identity, Some(at));
            return;
        };
        self.diagnostics.push(fault);
    }

    /// The name of a module: its path from the root file's folder.
    fn module(&self, identity: &Path) -> String {
        files::relative(identity, &self.root_folder)
    }

    /// The documentation of the definition `value`, if `doc` is that.
    fn attach(&mut self, doc: Option<Doc>, value: &Value) -> Option<Doc> {
        let doc = doc?;
        if doc.symbol.is_some() {
            return Some(doc);
        }
        let fault = Diagnostic::error(
            Code::DocSymbolMissing,
            doc.span,
            "this comment stands before a definition but does not name it",
        )
        .related(value.span, "this definition")
        .help(
            "begin it with a line `@NAME:`, or separate it from the definition by another comment",
        );
        self.doc_faults.report([fault], self.diagnostics);
        self.tree.items.push(Item::FreeForm(doc));
        None
    }

    /// Documentation that no definition follows.
    fn strand(&mut self, doc: Option<Doc>) {
        let Some(doc) = doc else { return };
        if let Some(symbol) = &doc.symbol {
            let fault = Diagnostic::error(
                Code::DocStranded,
                doc.span,
                format!("this documents {}, but no definition follows", quoted(&symbol.value)),
            )
            .help("put it directly above the definition");
            self.doc_faults.report([fault], self.diagnostics);
        } else {
            self.tree.items.push(Item::FreeForm(doc));
        }
    }
}

fn invalid_include(directive: &Value, target: &Value, alone: bool) -> Diagnostic {
    if !alone {
        return not_alone(Code::IncludeInvalid, "include", directive);
    }
    Diagnostic::error(
        Code::IncludeInvalid,
        directive.span,
        "the value of `include` must be a string",
    )
    .label(target.span, "not a string")
    .help("write `{ 'include': 'FILE' }`")
}

fn not_alone(code: Code, key: &str, directive: &Value) -> Diagnostic {
    let message = format!("a directive `{key}` takes no other key");
    let others = directive.as_object().unwrap_or_default().iter();
    let other = others.map(|entry| &entry.key).find(|other| other.value != key);
    let fault = Diagnostic::error(code, directive.span, message);
    match other {
        Some(other) => fault.label(other.span, "does not belong here"),
        None => fault,
    }
    .help("give each directive and each definition an object of its own")
}

#[cfg(test)]
mod tests;
