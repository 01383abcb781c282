//! The lines of one documentation comment, from its opening `##` to its end.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::syntax::doc::style::{Style, StyleFault};
use crate::syntax::lexer::{Fault, Lexer, Token, TokenKind, is_space};

/// How a documentation comment ends.
#[derive(Debug)]
pub(crate) enum End {
    /// With `##`.
    Closed,
    /// With something that is not part of it.
    Interrupted(Result<Token, Fault>),
}

/// One line of a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// What follows `# `, without trailing space.
    pub(super) text: &'t str,
    /// The comment, `#` included.
    pub(super) span: Span,
}

/// Reads the lines of one comment.
pub(super) struct Lines<'l, 't> {
    lexer: &'l mut Lexer<'t>,
    pub(super) faults: &'l mut Diagnostics,
    style: Style,
    end: Option<End>,
    /// The last line read, be it the closing one.
    pub(super) last: Span,
}

impl<'l, 't> Lines<'l, 't> {
    /// The lines after `start`.
    pub(super) fn new(lexer: &'l mut Lexer<'t>, start: Span, faults: &'l mut Diagnostics) -> Self {
        Self { lexer, faults, style: Style::default(), end: None, last: start }
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Line<'t>> {
        if self.end.is_some() {
            return None;
        }
        let token = match self.lexer.next_or_comment() {
            Ok(token) if token.kind == TokenKind::Comment => token,
            Ok(token) => {
                self.faults.push(unclosed(self.last, token.span));
                self.end = Some(End::Interrupted(Ok(token)));
                return None;
            }
            Err(fault) => {
                self.end = Some(End::Interrupted(Err(fault)));
                return None;
            }
        };
        self.last = token.span;
        let comment = self.lexer.slice(token.span);
        if let Some(junk) = comment.strip_prefix("##") {
            if !junk.is_empty() {
                self.faults.push(junk_after_mark(Code::DocEnd, token.span));
            }
            self.end = Some(End::Closed);
            return None;
        }
        Some(Line { text: self.line_text(comment, token.span), span: token.span })
    }

    /// Whether something else than `##` ended the comment.
    pub(super) fn is_interrupted(&self) -> bool {
        matches!(self.end, Some(End::Interrupted(_)))
    }

    /// How the comment ended, once there are no more lines.
    pub(super) fn into_end(self) -> End {
        self.end.unwrap_or(End::Closed)
    }

    fn line_text(&mut self, comment: &'t str, span: Span) -> &'t str {
        let text = comment.strip_prefix('#').unwrap_or(comment);
        let Some(text) = text.strip_prefix(' ') else {
            if !text.is_empty() {
                self.faults.push(
                    Diagnostic::error(Code::DocSpace, span, "a space is missing after `#`")
                        .help("documentation lines are `#` alone, or `# ` and text"),
                );
            }
            return text.trim_matches(is_space);
        };
        let text = text.trim_end_matches(is_space);
        self.check_style(text, span);
        text
    }

    fn check_style(&mut self, text: &str, span: Span) {
        let fault = match self.style.check(text) {
            None => return,
            Some(StyleFault::TooLong) => Diagnostic::error(
                Code::DocLineLength,
                span,
                "this documentation line is longer than 70 characters",
            )
            .help("break the line; only addresses and literal text may be longer"),
            Some(StyleFault::OneSpace(at)) => {
                let start = span.start + 2 + u32::try_from(at).unwrap_or(0);
                Diagnostic::error(
                    Code::DocSentenceSpace,
                    Span::new(start, start + 1),
                    "one space between two sentences",
                )
                .help("write two spaces after `.`, `!` or `?`; of `e.g.` the parser knows")
            }
        };
        self.faults.push(fault);
    }
}

/// Whether comment lines follow up to one that is `##`: then what stands before them was to begin documentation.
pub(super) fn is_closed(mut lexer: Lexer<'_>) -> bool {
    while let Ok(Token { kind: TokenKind::Comment, span }) = lexer.next_or_comment() {
        let comment = lexer.slice(span);
        if comment.starts_with("##") {
            return comment == "##";
        }
    }
    false
}

/// Something follows `##` on its line.
pub(super) fn junk_after_mark(code: Code, span: Span) -> Diagnostic {
    Diagnostic::error(code, span, "`##` must stand alone on its line").help(
        "remove what follows, be it only a blank; or use a single `#` for an ordinary comment",
    )
}

fn unclosed(last: Span, at: Span) -> Diagnostic {
    Diagnostic::error(Code::DocUnclosed, at, "this documentation comment is not closed")
        .label(last, "the comment stops here")
        .help("put a line `##` below the comment")
}
