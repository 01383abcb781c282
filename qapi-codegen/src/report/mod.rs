//! What releases say of each other, for people and for programs.

mod condition;
mod conditions;
mod diff;
mod history;
mod html;

pub use condition::{condition_code, condition_words};
pub use diff::{DiffReport, Format};
pub use history::{history_markdown, life_text};
pub use html::HtmlReport;
