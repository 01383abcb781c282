//! Tokens to expressions and documentation comments, one at a time.
//!
//! The parser looks one token ahead, as QEMU's own front end does: a fault in that token is found before the
//! expression in front of it is interpreted, so it must be reported first. After a fault reading goes on where
//! something new seems to start.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::dialect::{Allowance, Dialect};
use crate::source::{Span, Spanned};
use crate::syntax::doc::faults::DocFaults;
use crate::syntax::doc::{self, Doc};
use crate::syntax::lexer::{Fault, Lexer, Token, TokenKind};
use crate::syntax::quote::quoted;
use crate::syntax::tree::{Entry, Value, ValueKind};

/// How deeply expressions may nest. QEMU's own front end dies near 1000; its schemas use 7.
pub const MAX_NESTING: usize = 200;

/// What to do about a comma before a closing bracket.
const TRAILING: &str = "remove the comma in front of it";

/// Objects with more members than this look for duplicate keys in a set instead of one by one.
const FEW_KEYS: usize = 16;

/// What stands next at the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upcoming {
    Doc,
    Expression,
    Nothing,
}

/// Reads one text.
#[derive(Debug)]
pub(crate) struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token,
    dialect: Dialect,
    /// How many values and doc sections may still be read; `None` once there were more.
    nodes_left: Option<usize>,
}

impl<'t> Parser<'t> {
    /// A parser at the start of `text`, which lies at `base` in its source map.
    pub(crate) fn new(
        text: &'t str,
        base: u32,
        dialect: Dialect,
        nodes_left: Option<usize>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let lexer = Lexer::new(text, base, dialect);
        let start = Token { kind: TokenKind::End, span: Span::new(base, base) };
        let mut parser = Self { lexer, token: start, dialect, nodes_left };
        parser.advance(diagnostics);
        parser
    }

    /// What [`Self::doc`] or [`Self::expression`] would read.
    pub(crate) fn upcoming(&self) -> Upcoming {
        match self.token.kind {
            TokenKind::End => Upcoming::Nothing,
            _ if self.nodes_left.is_none() => Upcoming::Nothing,
            TokenKind::DocMark => Upcoming::Doc,
            _ => Upcoming::Expression,
        }
    }

    /// How many values and doc sections may still be read; `None` once there were more.
    pub(crate) fn nodes_left(&self) -> Option<usize> {
        self.nodes_left
    }

    /// The same after other texts were read.
    pub(crate) fn set_nodes_left(&mut self, nodes_left: Option<usize>) {
        self.nodes_left = nodes_left;
    }

    /// Reads the documentation comment that stands next; `None` if it only looks like one. Its faults go through
    /// `doc_faults`.
    pub(crate) fn doc(
        &mut self,
        doc_faults: &mut DocFaults,
        diagnostics: &mut Diagnostics,
    ) -> Option<Doc> {
        let mut faults = Diagnostics::new();
        let (doc, end) = doc::parser::parse(&mut self.lexer, self.token, &mut faults);
        doc_faults.report(faults, diagnostics);
        match end {
            doc::parser::End::Closed => self.advance(diagnostics),
            doc::parser::End::Interrupted(Ok(token)) => self.token = token,
            doc::parser::End::Interrupted(Err(fault)) => self.recover(*fault, diagnostics),
        }
        let doc = doc?;
        let mut faults = Diagnostics::new();
        doc::parser::check_texts(&doc, &mut faults);
        doc_faults.report(faults, diagnostics);
        if let Err(fault) = self.count_nodes(doc.sections.len(), doc.span) {
            self.recover(*fault, diagnostics);
        }
        Some(doc)
    }

    /// Reads the expression that stands next; `None` if it is not a whole one.
    pub(crate) fn expression(&mut self, diagnostics: &mut Diagnostics) -> Option<Value> {
        match self.value(0, diagnostics) {
            Ok(value) => {
                self.advance(diagnostics);
                Some(value)
            }
            Err(fault) => {
                self.recover(*fault, diagnostics);
                None
            }
        }
    }

    /// Goes to the next token, or, if that has a fault, to where something new starts.
    fn advance(&mut self, diagnostics: &mut Diagnostics) {
        match self.lexer.next() {
            Ok(token) => self.token = token,
            Err(fault) => self.recover(*fault, diagnostics),
        }
    }

    fn recover(&mut self, fault: Diagnostic, diagnostics: &mut Diagnostics) {
        if fault.code == Code::SchemaTooLarge {
            self.lexer.skip_to_end();
        } else {
            self.lexer.skip_to_line_start(fault.at.map_or(0, |span| span.start));
        }
        diagnostics.push(fault);
        // Where the lexer stands now there is `{`, `##` or the end: nothing that could have a fault.
        let end = Token { kind: TokenKind::End, span: self.token.span };
        self.token = self.lexer.next().unwrap_or(end);
    }

    fn count_nodes(&mut self, count: usize, at: Span) -> Result<(), Fault> {
        self.nodes_left = self.nodes_left.and_then(|left| left.checked_sub(count));
        if self.nodes_left.is_some() { Ok(()) } else { Err(too_many_nodes(at).into()) }
    }

    /// Goes to the next token of an unfinished expression.
    fn bump(&mut self) -> Result<(), Fault> {
        self.token = self.lexer.next()?;
        while self.token.kind == TokenKind::DocMark && self.dialect.allows(Allowance::LegacyDocs) {
            self.token = self.lexer.next()?;
        }
        Ok(())
    }

    /// Reads the value that begins with the current token; leaves its last token current.
    fn value(&mut self, depth: usize, diagnostics: &mut Diagnostics) -> Result<Value, Fault> {
        let Token { kind, span } = self.token;
        self.count_nodes(1, span)?;
        let kind = match kind {
            TokenKind::LeftBrace | TokenKind::LeftBracket if depth >= MAX_NESTING => {
                return Err(too_deep(span).into());
            }
            TokenKind::LeftBrace => self.object(depth, diagnostics)?,
            TokenKind::LeftBracket => self.array(depth, diagnostics)?,
            TokenKind::String => ValueKind::String(self.lexer.unquote(span)),
            TokenKind::True => ValueKind::Bool(true),
            TokenKind::False => ValueKind::Bool(false),
            TokenKind::Null => ValueKind::Null,
            _ if depth == 0 => {
                return Err(self.expected("a definition, which begins with `{`").into());
            }
            _ => return Err(self.expected("a value").into()),
        };
        Ok(Value { kind, span: span.to(self.token.span) })
    }

    fn object(&mut self, depth: usize, diagnostics: &mut Diagnostics) -> Result<ValueKind, Fault> {
        let open = self.token.span;
        let mut entries = Vec::new();
        let mut keys = Keys::default();
        self.bump()?;
        if self.token.kind == TokenKind::RightBrace {
            return Ok(ValueKind::Object(entries));
        }
        if self.token.kind != TokenKind::String {
            return Err(self.expected_within("a key in single quotes or `}`", open).into());
        }
        loop {
            let key = Spanned::new(self.lexer.unquote(self.token.span), self.token.span);
            self.bump()?;
            if self.token.kind != TokenKind::Colon {
                let wanted = format!("`:` after the key {}", quoted(&key.value));
                return Err(self.expected_within(&wanted, open).into());
            }
            self.bump()?;
            let first = keys.insert(&key.value, &entries);
            if let Some(first) = first {
                diagnostics.push(duplicate_key(&key, first, self.token.span));
            }
            let value = self.value(depth + 1, diagnostics)?;
            if first.is_none() {
                entries.push(Entry { key, value });
            }
            self.bump()?;
            match self.token.kind {
                TokenKind::RightBrace => return Ok(ValueKind::Object(entries)),
                TokenKind::Comma => self.bump()?,
                TokenKind::String => self.tolerate_comma(self.expected("`,` or `}`"), diagnostics),
                _ => return Err(self.expected_within("`,` or `}`", open).into()),
            }
            match self.token.kind {
                TokenKind::String => {}
                TokenKind::RightBrace => {
                    self.tolerate_comma(
                        self.expected("a key in single quotes").help(TRAILING),
                        diagnostics,
                    );
                    return Ok(ValueKind::Object(entries));
                }
                _ => return Err(self.expected_within("a key in single quotes", open).into()),
            }
        }
    }

    fn array(&mut self, depth: usize, diagnostics: &mut Diagnostics) -> Result<ValueKind, Fault> {
        let open = self.token.span;
        let mut elements = Vec::new();
        self.bump()?;
        if self.token.kind == TokenKind::RightBracket {
            return Ok(ValueKind::Array(elements));
        }
        if !self.token.starts_value() {
            return Err(self.expected_within("a value or `]`", open).into());
        }
        loop {
            elements.push(self.value(depth + 1, diagnostics)?);
            self.bump()?;
            match self.token.kind {
                TokenKind::RightBracket => return Ok(ValueKind::Array(elements)),
                TokenKind::Comma => self.bump()?,
                TokenKind::String => self.tolerate_comma(self.expected("`,` or `]`"), diagnostics),
                _ => return Err(self.expected_within("`,` or `]`", open).into()),
            }
            if self.token.kind == TokenKind::RightBracket {
                self.tolerate_comma(self.expected("a value").help(TRAILING), diagnostics);
                return Ok(ValueKind::Array(elements));
            }
            if !self.token.starts_value() {
                return Err(self.expected_within("a value", open).into());
            }
        }
    }

    /// A comma that is missing or too many: what is meant is clear, so reading goes on.
    fn tolerate_comma(&self, fault: Diagnostic, diagnostics: &mut Diagnostics) {
        if !self.dialect.allows(Allowance::LooseCommas) {
            diagnostics.push(fault);
        }
    }

    fn expected_within(&self, wanted: &str, open: Span) -> Diagnostic {
        let fault = self.expected(wanted);
        match self.token.kind {
            TokenKind::End => fault.label(open, "this is never closed"),
            _ => fault,
        }
    }

    fn expected(&self, wanted: &str) -> Diagnostic {
        let found = match self.token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::DocMark => "a documentation comment".to_owned(),
            _ => quoted(self.lexer.slice(self.token.span)),
        };
        let message = format!("expected {wanted}, found {found}");
        let fault = Diagnostic::error(Code::UnexpectedToken, self.token.span, message);
        match self.token.kind {
            TokenKind::DocMark => fault
                .help("within an expression, begin comments with a single `#`; or close it above"),
            _ => fault,
        }
    }
}

impl Token {
    fn starts_value(self) -> bool {
        matches!(
            self.kind,
            TokenKind::LeftBrace
                | TokenKind::LeftBracket
                | TokenKind::String
                | TokenKind::True
                | TokenKind::False
                | TokenKind::Null
        )
    }
}

/// The keys of one object; looked up in a map only once there are many.
#[derive(Default)]
struct Keys {
    many: BTreeMap<String, Span>,
}

impl Keys {
    /// Notes `key`, unless it is one of `entries` already: then the place of that.
    fn insert(&mut self, key: &str, entries: &[Entry]) -> Option<Span> {
        if entries.len() < FEW_KEYS {
            return entries.iter().find(|entry| entry.key.value == key).map(|entry| entry.key.span);
        }
        if self.many.is_empty() {
            let known = entries.iter().map(|entry| (entry.key.value.clone(), entry.key.span));
            self.many.extend(known);
        }
        let first = self.many.get(key).copied();
        if first.is_none() {
            self.many.insert(key.to_owned(), Span::default());
        }
        first
    }
}

/// QEMU's own front end notices this one token after the colon, and says so.
fn duplicate_key(key: &Spanned<String>, first: Span, at: Span) -> Diagnostic {
    let message = format!("the key {} appears twice in one object", quoted(&key.value));
    Diagnostic::error(Code::DuplicateKey, at, message)
        .label(key.span, "appears again")
        .label(first, "first here")
        .help("remove or rename one of them")
}

fn too_deep(at: Span) -> Diagnostic {
    let message = format!("expressions nest more than {MAX_NESTING} deep");
    Diagnostic::error(Code::NestingTooDeep, at, message)
        .help("is a bracket above not closed? Definitions nest a few levels only")
}

fn too_many_nodes(at: Span) -> Diagnostic {
    let message = format!("the schema has more than {} values", crate::load::MAX_NODES);
    Diagnostic::error(Code::SchemaTooLarge, at, message)
        .help("QEMU's own has 40,000: is all of this one schema?")
}

#[cfg(test)]
mod tests;
