//! Syntax tree to definitions: the right keys with values of the right shape, short forms made long, old forms
//! made new. Names are checked for their spelling, not looked up.

mod condition;
mod condition_text;
pub(crate) mod definition;
mod docs;
mod expr;
mod members;
pub(crate) mod names;
mod shape;

pub use definition::Definitions;

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Allowance, Dialect};
use crate::source::Span;
use crate::syntax::tree::{self, Pragma, Tree};
use definition::{InlineStruct, Item};

/// Checks every definition of `tree` by itself.
///
/// What is wrong goes to `diagnostics`; the result lacks the definitions that are.
pub fn check(tree: Tree, dialect: Dialect, diagnostics: &mut Diagnostics) -> Definitions {
    let mut items = Vec::with_capacity(tree.items.len());
    let mut checker = Checker {
        dialect,
        exempt: Exempt::new(&tree.pragma),
        diagnostics,
        at: Span::default(),
        inline: Vec::new(),
    };
    for item in tree.items {
        match item {
            tree::Item::Include(include) => items.push(Item::Include(include)),
            tree::Item::FreeForm(doc) => items.push(Item::FreeForm(doc)),
            tree::Item::Definition(expression) => checker.definition(expression, &mut items),
        }
    }
    Definitions { items, pragma: tree.pragma, modules: tree.modules }
}

/// The checks of one definition after the other.
struct Checker<'d> {
    dialect: Dialect,
    exempt: Exempt,
    diagnostics: &'d mut Diagnostics,
    /// The definition at hand, where its faults are reported.
    at: Span,
    /// The structs written in place that the definition at hand has.
    inline: Vec<InlineStruct>,
}

/// Who need not follow the rules on names.
struct Exempt {
    command_names: BTreeSet<String>,
    member_names: BTreeSet<String>,
    doc_required: bool,
}

impl Exempt {
    fn new(pragma: &Pragma) -> Self {
        Self {
            command_names: pragma.command_name_exceptions.iter().cloned().collect(),
            member_names: pragma.member_name_exceptions.iter().cloned().collect(),
            doc_required: pragma.doc_required,
        }
    }
}

impl Checker<'_> {
    fn fault(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.at, message)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports what the dialect may forgive: then it is only a warning.
    fn report_unless(&mut self, allowance: Allowance, diagnostic: Diagnostic) {
        let forgiven = self.dialect.allows(allowance);
        self.report(if forgiven { diagnostic.as_warning() } else { diagnostic });
    }
}
