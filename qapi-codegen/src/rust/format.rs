//! Tokens as text, one item after the other with a blank line between: formatting a whole file at once would
//! leave none.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{File, Item as SynItem};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Documentation beside the tokens of an item, which only keep its place. It is a quarter of all lines, and neither needs
/// parsing nor ever breaks.
#[derive(Default)]
pub(super) struct Documentation {
    /// Texts as they are printed, but for the indentation.
    texts: Vec<String>,
}

impl Documentation {
    /// An attribute that keeps the place of these lines.
    pub(super) fn add(&mut self, lines: &[impl AsRef<str>]) -> Option<TokenStream> {
        if lines.is_empty() {
            return None;
        }
        let place = format_ident!("doc_{}", self.texts.len());
        let mut text = String::new();
        for line in lines {
            let line = line.as_ref().trim_end();
            text.extend(["///", if line.is_empty() { "" } else { " " }, line, "\n"]);
        }
        self.texts.push(text);
        Some(quote!(#[#place]))
    }

    /// The text whose place is at this line of code.
    fn at(&self, line: &str) -> Option<&str> {
        let place = line.strip_prefix("#[doc_")?.strip_suffix(']')?.parse::<usize>().ok()?;
        self.texts.get(place).map(String::as_str)
    }
}

/// The text of one item, or of a few that belong together.
pub(super) fn item(
    origin: &str,
    tokens: TokenStream,
    docs: &Documentation,
    diagnostics: &mut Diagnostics,
) -> String {
    let file: File = match syn::parse2(tokens) {
        Ok(file) => file,
        Err(error) => {
            // A fault of the generator: say for which definition, so that it can be found.
            let message = format!("what is generated for `{origin}` is no Rust: {error}");
            diagnostics.push(Diagnostic::without_place(Code::RustSyntax, message));
            return String::new();
        }
    };
    let mut text = String::new();
    let mut after_use = false;
    for item in file.items {
        let is_use = matches!(item, SynItem::Use(_));
        if !(is_use && after_use) {
            text.push('\n');
        }
        after_use = is_use;
        let file = File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
        finish(&prettyplease::unparse(&file), docs, &mut text);
    }
    text
}

/// Puts documentation where its place is, and a blank line between the functions of an `impl` or a trait, and between them
/// and what is before. No literal of ours spans lines, so a line that closes a brace at this depth ends a function or a
/// match over all of an item, which is the last.
fn finish(printed: &str, docs: &Documentation, out: &mut String) {
    let (mut after_function, mut after_item) = (false, false);
    for line in printed.lines() {
        if after_function && line != "}" || after_item && line.starts_with("    fn ") {
            out.push('\n');
        }
        after_function = line == "    }";
        after_item = line.starts_with("    type ");
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        match docs.at(code) {
            Some(text) => text.lines().for_each(|doc| out.extend([indent, doc, "\n"])),
            None => out.extend([line, "\n"]),
        }
    }
}
