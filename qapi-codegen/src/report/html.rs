//! A history as one HTML page that needs nothing else: a matrix of items by release, the life of each item, and
//! what changed between any two releases.
//!
//! Everything the page knows is decided here and embedded as data; its script looks up, filters and draws.

mod builds;
mod data;
mod outcome;

use std::collections::BTreeMap;

use crate::history::{History, Release};
use crate::schema::Schema;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");

/// The parts of the script, each standing on those before it.
const SCRIPT: [&str; 8] = [
    include_str!("html/script/model.js"),
    include_str!("html/script/state.js"),
    include_str!("html/script/dom.js"),
    include_str!("html/script/filter.js"),
    include_str!("html/script/matrix.js"),
    include_str!("html/script/compare.js"),
    include_str!("html/script/life.js"),
    include_str!("html/script/main.js"),
];

/// A history, ready to be written as a page.
#[derive(Clone, Copy, Debug)]
pub struct HtmlReport<'a> {
    /// What the schema is of, for the heading.
    pub title: &'a str,
    /// Every release with its schema, in any order.
    pub releases: &'a [(Release, &'a Schema)],
    /// The same releases as one.
    pub history: &'a History,
    /// A sentence on an item, by its path, with names in backticks. May be empty.
    pub summaries: &'a BTreeMap<String, String>,
}

impl HtmlReport<'_> {
    /// Writes the page.
    pub fn render(&self) -> String {
        let data = escape_script(&serde_json::json!(data::Data::of(self)).to_string());
        let script = SCRIPT.concat();
        let title = escape_text(self.title);
        // In the order in which they stand in the page.
        let parts = [
            ("{{title}}", title.as_str()),
            ("{{style}}", STYLE),
            ("{{title}}", title.as_str()),
            ("{{data}}", data.as_str()),
            ("{{script}}", script.as_str()),
        ];
        let mut page = String::with_capacity(PAGE.len() + STYLE.len() + data.len() + script.len());
        let mut rest = PAGE;
        for (place, text) in parts {
            // What is put in is never searched: it may hold anything.
            let Some((before, after)) = rest.split_once(place) else { continue };
            page.push_str(before);
            page.push_str(text);
            rest = after;
        }
        page + rest
    }
}

/// JSON that may stand inside a script element, whatever its strings hold.
fn escape_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
