//! Text to syntax tree: tokens, expressions, documentation comments.

pub mod doc;
pub(crate) mod lexer;
pub(crate) mod parser;
pub(crate) mod pragma;
pub(crate) mod quote;
pub mod tree;

pub use lexer::MAX_STRING_BYTES;
pub use parser::MAX_NESTING;
