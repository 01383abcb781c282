//! The lines of a documentation comment to its sections: which belongs to which, and which must not stand there.
//!
//! Every fault is reported and then overlooked: the comment is read to its end in any case.

use std::collections::BTreeMap;

pub(crate) use crate::syntax::doc::lines::End;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::syntax::doc::lines::{self, Line, Lines, junk_after_mark};
use crate::syntax::doc::opening::{Opening, at_name, opening};
use crate::syntax::doc::section::Draft;
use crate::syntax::doc::{Doc, Section, SectionKind};
use crate::syntax::lexer::{Lexer, Token, is_space};
use crate::syntax::quote::quoted;

/// Reads the comment that begins with the token `start`; `None` if that is no more than a line of `#`s.
pub(crate) fn parse(
    lexer: &mut Lexer<'_>,
    start: Token,
    faults: &mut Diagnostics,
) -> (Option<Doc>, End) {
    let junk = lexer.slice(start.span).trim_start_matches("##");
    if lexer.slice(start.span) != "##" {
        faults.push(junk_after_mark(Code::DocStart, start.span));
        let blank = junk.trim_matches(is_space).is_empty();
        if lexer.slice(start.span).starts_with("###") || !blank && !lines::is_closed(lexer.clone())
        {
            return (None, End::Closed);
        }
    }
    let lines = Lines::new(lexer, start.span, faults);
    let draft = Draft { kind: SectionKind::Plain, span: start.span, lines: Vec::new() };
    let mut reader =
        Reader { lines, line: None, sections: Vec::new(), draft, seen: Seen::default() };
    let symbol = reader.comment();
    let span = start.span.to(reader.lines.last);
    (Some(Doc { span, symbol, sections: reader.sections }), reader.lines.into_end())
}

/// Reports sections without text. QEMU's own front end looks for them only after the token that follows the
/// comment.
pub(crate) fn check_texts(doc: &Doc, faults: &mut Diagnostics) {
    for section in doc.sections.iter().filter(|section| section.text.is_empty()) {
        let what = match &section.kind {
            SectionKind::Plain => continue,
            SectionKind::Member(name) => format!("the member {}", quoted(name)),
            SectionKind::Feature(name) => format!("the feature {}", quoted(name)),
            SectionKind::Returns => "`Returns:`".to_owned(),
            SectionKind::Errors => "`Errors:`".to_owned(),
            SectionKind::Since => "`Since:`".to_owned(),
            SectionKind::Todo => "`TODO:`".to_owned(),
        };
        faults.push(
            Diagnostic::error(Code::DocTextMissing, section.span, format!("{what} has no text"))
                .help("describe it after the colon, or on indented lines below"),
        );
    }
}

/// What may appear only once.
#[derive(Default)]
struct Seen<'t> {
    members: BTreeMap<&'t str, Span>,
    features: BTreeMap<&'t str, Span>,
    tags: BTreeMap<&'t str, Span>,
    feature_list: Option<Span>,
    /// The line after which no member may be described.
    members_closed: Option<Span>,
}

/// Notes where `name` stands; gives the place where it stood first, if this is not the first.
fn note<'t>(seen: &mut BTreeMap<&'t str, Span>, name: &'t str, span: Span) -> Option<Span> {
    let first = *seen.entry(name).or_insert(span);
    (first != span).then_some(first)
}

struct Reader<'l, 't> {
    lines: Lines<'l, 't>,
    /// The line to be read next; `None` at the end.
    line: Option<Line<'t>>,
    sections: Vec<Section>,
    /// The section being read; `sections` are those before it.
    draft: Draft<'t>,
    seen: Seen<'t>,
}

impl<'t> Reader<'_, 't> {
    /// Reads the whole comment; gives the name of the definition it is for, if it is for one.
    fn comment(&mut self) -> Option<Spanned<String>> {
        self.advance();
        self.draft.span = self.lines.last;
        let name = self.line.and_then(|line| Some((line, line.text.strip_prefix('@')?)));
        let symbol = if let Some((line, name)) = name {
            let symbol = self.symbol(name, line.span);
            self.advance();
            self.definition();
            Some(symbol)
        } else {
            self.free_form();
            None
        };
        self.sections.push(self.draft.finish());
        symbol
    }

    fn advance(&mut self) -> Option<Line<'t>> {
        self.line = self.lines.next();
        self.line
    }

    fn symbol(&mut self, name: &str, line: Span) -> Spanned<String> {
        let fault = match name.strip_suffix(':') {
            None => Some(
                Diagnostic::error(
                    Code::DocSymbolColon,
                    line,
                    "the line that names a definition ends with `:`",
                )
                .help("write `@NAME:` alone on this line, and the text below"),
            ),
            Some("") => {
                let fault =
                    Diagnostic::error(Code::DocSymbolEmpty, line, "a name is missing after `@`");
                Some(fault.help("write `@NAME:`, with the name of the definition below"))
            }
            Some(_) => None,
        };
        self.lines.faults.extend(fault);
        let name = name.strip_suffix(':').unwrap_or_else(|| {
            name.split(|c: char| c == ':' || is_space(c)).next().unwrap_or_default()
        });
        Spanned::new(name.to_owned(), line)
    }

    fn free_form(&mut self) {
        while let Some(line) = self.line {
            if let Some((name, _)) = at_name(line.text) {
                self.lines.faults.push(
                    Diagnostic::error(
                        Code::DocFreeFormMember,
                        line.span,
                        format!(
                            "{} is described, but the comment names no definition",
                            quoted(name)
                        ),
                    )
                    .help("make `@NAME:` of the definition the first line of the comment"),
                );
            }
            self.draft.lines.push(line.text);
            self.advance();
        }
    }

    fn definition(&mut self) {
        while let Some(line) = self.line {
            match opening(line.text) {
                _ if line.text.is_empty() => {
                    // However many there are, one ends a paragraph.
                    if self.draft.lines.last().is_some_and(|line| !line.is_empty()) {
                        self.draft.lines.push("");
                    }
                    self.advance();
                }
                Opening::Features => self.features(line),
                Opening::Name => self.members(line),
                Opening::Tag(kind, rest) => self.tagged(line, kind, rest),
                Opening::Text => self.paragraph(line),
            }
        }
    }

    fn features(&mut self, list: Line<'t>) {
        if let Some(first) = self.seen.feature_list.filter(|_| !self.seen.features.is_empty()) {
            self.lines.faults.push(
                Diagnostic::error(Code::DocFeaturesTwice, list.span, "`Features:` appears twice")
                    .related(first, "first here")
                    .help("describe all features in one list"),
            );
        }
        self.seen.feature_list = Some(list.span);
        self.seen.members_closed.get_or_insert(list.span);
        self.advance();
        while self.line.is_some_and(|line| line.text.is_empty()) {
            self.advance();
        }
        let mut any = false;
        while let Some(line) = self.line
            && let Some((name, rest)) = at_name(line.text)
        {
            any = true;
            let first = note(&mut self.seen.features, name, line.span);
            self.describe(SectionKind::Feature(name.to_owned()), first, line.span, rest);
        }
        if !any && !self.lines.is_interrupted() {
            let at = self.line.map_or(self.lines.last, |line| line.span);
            self.lines.faults.push(
                Diagnostic::error(
                    Code::DocFeaturesEmpty,
                    at,
                    "`Features:` is followed by no feature",
                )
                .help("describe each as `@NAME: text` at the start of a line"),
            );
        }
    }

    fn members(&mut self, first: Line<'t>) {
        if let (Some(closed), Some((name, _))) = (self.seen.members_closed, at_name(first.text)) {
            self.lines.faults.push(
                Diagnostic::error(
                    Code::DocMemberOrder,
                    first.span,
                    format!("the description of {} comes too late", quoted(name)),
                )
                .related(closed, "after this, no member can be described")
                .help("move it up to the other members"),
            );
        }
        while let Some(line) = self.line
            && let Some((name, rest)) = at_name(line.text)
        {
            let first = note(&mut self.seen.members, name, line.span);
            self.describe(SectionKind::Member(name.to_owned()), first, line.span, rest);
        }
    }

    fn describe(&mut self, kind: SectionKind, first: Option<Span>, line: Span, rest: &'t str) {
        if let SectionKind::Member(name) | SectionKind::Feature(name) = &kind {
            if name.is_empty() {
                self.lines.faults.push(
                    Diagnostic::error(
                        Code::DocMemberUnnamed,
                        line,
                        "a name is missing between `@` and `:`",
                    )
                    .help("write `@NAME: text`"),
                );
            } else if let Some(first) = first {
                self.lines.faults.push(
                    Diagnostic::error(
                        Code::DocMemberTwice,
                        line,
                        format!("{} is described twice", quoted(name)),
                    )
                    .related(first, "first here")
                    .help("make one description of both"),
                );
            }
        }
        self.open(kind, line, rest);
        self.body();
    }

    fn tagged(&mut self, line: Line<'t>, kind: Option<SectionKind>, rest: &'t str) {
        let name = line.text.split(':').next().unwrap_or_default();
        let Some(kind) = kind else {
            self.lines.faults.push(
                Diagnostic::error(
                    Code::DocRetiredSection,
                    line.span,
                    format!("sections `{name}:` exist no longer"),
                )
                .help("use `.. note::` or `.. qmp-example::`"),
            );
            return self.paragraph(line);
        };
        let first = note(&mut self.seen.tags, name, line.span);
        if let Some(first) = first.filter(|_| kind != SectionKind::Todo) {
            self.lines.faults.push(
                Diagnostic::error(
                    Code::DocSectionTwice,
                    line.span,
                    format!("there are two sections `{name}:`"),
                )
                .related(first, "first here")
                .help("make one of both"),
            );
        }
        self.seen.members_closed.get_or_insert(line.span);
        self.open(kind, line.span, rest);
        self.body();
    }

    /// Reads text up to the next blank line.
    fn paragraph(&mut self, first: Line<'t>) {
        if !self.seen.members.is_empty() {
            self.seen.members_closed.get_or_insert(first.span);
        }
        if self.draft.kind != SectionKind::Plain {
            self.open(SectionKind::Plain, first.span, "");
        }
        while let Some(line) = self.line
            && !line.text.is_empty()
        {
            self.draft.lines.push(line.text);
            self.advance();
        }
    }

    /// Reads the indented lines that belong to the section just opened.
    fn body(&mut self) {
        let mut least = None;
        // Only the line right below the first indented one is held to its indentation; QEMU's own front end
        // takes a later one that is indented less as the end of the section.
        let mut right_below = false;
        while let Some(line) = self.advance() {
            let indent = line.text.chars().take_while(|&c| is_space(c)).count();
            match least {
                _ if line.text.is_empty() => right_below = false,
                None if indent == 0 => return,
                None => {
                    least = Some(indent);
                    right_below = true;
                }
                Some(_) if at_name(line.text).is_some() => return,
                Some(least) if indent < least => {
                    if right_below {
                        self.lines.faults.push(unexpected_indent(line.span, least));
                    }
                    if !right_below || indent == 0 {
                        return;
                    }
                    right_below = false;
                }
                Some(_) => right_below = false,
            }
            self.draft.lines.push(line.text);
        }
    }

    /// Ends the section being read and begins another.
    fn open(&mut self, kind: SectionKind, span: Span, text: &'t str) {
        self.sections.push(self.draft.finish());
        self.draft.kind = kind;
        self.draft.span = span;
        self.draft.lines.push(text);
    }
}

fn unexpected_indent(at: Span, least: usize) -> Diagnostic {
    Diagnostic::error(Code::DocIndent, at, "this line is indented less than the one above")
        .help(format!("indent it by {least}, or put a blank line above to end the section"))
}
