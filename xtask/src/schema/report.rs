//! `cargo xtask schema report`: the pinned releases as one page for a browser.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use qapi_codegen::report::HtmlReport;

use crate::codegen;
use crate::pins::Pins;

/// What the page is about.
const TITLE: &str = "QEMU guest agent schema";

/// The page.
///
/// # Errors
/// When the releases have no common description, or their documentation cannot be read.
pub fn page(pins: &Pins) -> Result<String> {
    let history = pins.history()?;
    let docs = codegen::docs(pins)?;
    let summary = |(path, kind)| Some((String::clone(path), docs.summary(kind, path)?));
    let items = history.lives().iter().map(|(path, life)| (path, life.kind));
    let summaries = items.filter_map(summary).collect();
    let releases = pins.releases();
    let report =
        HtmlReport { title: TITLE, releases: &releases, history: &history, summaries: &summaries };
    Ok(report.render())
}

/// Writes the page to `html` and returns its size in bytes.
///
/// # Errors
/// When there is no page, or it cannot be written.
pub fn report(pins: &Pins, html: &Path) -> Result<usize> {
    let page = page(pins)?;
    fs::write(html, &page).with_context(|| format!("writing {}", html.display()))?;
    Ok(page.len())
}
