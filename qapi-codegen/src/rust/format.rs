//! Tokens as text, one item after the other with a blank line between: formatting a whole file at once would
//! leave none.

use proc_macro2::TokenStream;
use syn::{File, Item as SynItem};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The text of one item, or of a few that belong together.
pub(super) fn item(origin: &str, tokens: TokenStream, diagnostics: &mut Diagnostics) -> String {
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
        text.push_str(&spaced(&prettyplease::unparse(&file)));
    }
    text
}

/// Puts a blank line between the functions of an `impl` or a trait, and between them and what is before. No literal
/// of ours spans lines, so a line that closes a brace at this depth ends a function or a match over all of an item,
/// which is the last.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let (mut after_function, mut after_item) = (false, false);
    for line in text.lines() {
        if after_function && line != "}" || after_item && line.starts_with("    fn ") {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        after_function = line == "    }";
        after_item = line.starts_with("    type ");
    }
    out
}
