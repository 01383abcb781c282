//! Results as text: a table for terminals, and the generated parts of the page.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::results::{Family, Goal, Growth, Results, Row, median};

/// The rows of one family, for a terminal.
pub(super) fn table(name: &str, family: &Family) -> String {
    let mut text = format!("\n{name}\n");
    for row in &family.rows {
        let cells = Cells::of(row);
        let against = if row.theirs.is_empty() {
            String::new()
        } else {
            format!(" against {} of {}", cells.theirs, row.against)
        };
        let line =
            format!("  {:9} {}: {}{against}, {}", cells.verdict, row.what, cells.ours, cells.held);
        let note = if row.note.is_empty() { String::new() } else { format!(" ({})", row.note) };
        text.extend([line.trim_end_matches([',', ' ']), &note, "\n"]);
    }
    for growth in &family.growth {
        let points: Vec<String> = growth
            .points
            .iter()
            .map(|(size, cost)| format!("{} -> {}", number(*size), number(*cost)))
            .collect();
        text.extend([
            "            ",
            &growth.what,
            ", ",
            &growth.unit,
            " per ",
            &growth.per,
            ": ",
            &points.join(", "),
            "\n",
        ]);
    }
    text
}

/// The page with its generated parts anew: each stands between two comments that name it.
pub(super) fn page(page: &str, results: &Results) -> Result<String> {
    let page = replace(page, "machine", &machine(results))?;
    let page = replace(&page, "table", &rows(results))?;
    replace(&page, "growth", &growths(results))
}

fn replace(page: &str, part: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {part}: generated -->\n"), format!("<!-- {part}: end -->"));
    let (before, rest) =
        page.split_once(&begin).with_context(|| format!("the page has no {part}"))?;
    let (_, after) = rest.split_once(&end).with_context(|| format!("the {part} does not end"))?;
    Ok([before, &begin, "\n", text, "\n", &end, after].concat())
}

fn machine(results: &Results) -> String {
    let lines =
        results.machine.iter().map(|(name, value)| ["- ", name, ": ", value, "\n"].concat());
    lines.collect()
}

fn rows(results: &Results) -> String {
    let mut text = String::new();
    for (name, family) in &results.families {
        let quick = if family.quick { ", a short run" } else { "" };
        let _ = writeln!(text, "### {name}\n\nMeasured on {}{quick}.\n", family.day);
        text.push_str("| what | ours | against | theirs | ratio | must be | reached |\n|---|---|---|---|---|---|---|\n");
        for row in &family.rows {
            let cells = Cells::of(row);
            let note = if row.note.is_empty() { String::new() } else { format!(" ({})", row.note) };
            let _ = writeln!(
                text,
                "| {}{note} | {} | {} | {} | {} | {} | {} |",
                row.what,
                cells.ours,
                row.against,
                cells.theirs,
                cells.ratio,
                cells.goal,
                cells.verdict
            );
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

fn growths(results: &Results) -> String {
    let mut text = String::from("| what | how much | cost | cost of one |\n|---|---|---|---|\n");
    for growth in results.families.values().flat_map(|family| &family.growth) {
        let Growth { what, per, unit, points } = growth;
        for (size, cost) in points {
            let each = scaled(cost / size, unit);
            let _ = writeln!(
                text,
                "| {what} | {} {per} | {} | {each} |",
                number(*size),
                scaled(*cost, unit)
            );
        }
    }
    text
}

/// A row as text.
struct Cells {
    ours: String,
    theirs: String,
    ratio: String,
    goal: String,
    /// The ratio and the goal together.
    held: String,
    verdict: &'static str,
}

impl Cells {
    fn of(row: &Row) -> Self {
        let ratio = if row.theirs.is_empty() { String::new() } else { spread(&row.ratios(), "") };
        let goal = match row.goal {
            None => String::new(),
            Some(Goal::AtMost(limit)) => format!("≤ {}", of_goal(row, limit)),
            Some(Goal::AtLeast(limit)) => format!("≥ {}", of_goal(row, limit)),
        };
        let verdict = match (row.reached(), row.goal) {
            (Some(true), _) => "yes",
            (Some(false), _) => "**no**",
            (None, Some(_)) => "not measured",
            (None, None) => "",
        };
        let held = [&*ratio, &*goal]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(", must be ");
        Self {
            ours: spread(&row.ours, &row.unit),
            theirs: spread(&row.theirs, &row.unit),
            ratio,
            goal,
            held,
            verdict,
        }
    }
}

fn of_goal(row: &Row, limit: f64) -> String {
    if row.theirs.is_empty() { scaled(limit, &row.unit) } else { number(limit) }
}

/// The median, and the extremes if there are any.
fn spread(values: &[f64], unit: &str) -> String {
    let Some(middle) = median(values) else { return "-".into() };
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let middle = scaled(middle, unit);
    if low.total_cmp(&high).is_eq() {
        return middle;
    }
    format!("{middle} ({} to {})", scaled(low, unit), scaled(high, unit))
}

/// A value in a unit that suits it: seconds and bytes have several.
fn scaled(value: f64, unit: &str) -> String {
    let units: &[(f64, &str)] = match unit {
        "s" => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        "B" => &[(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")],
        "B/s" => &[(1e9, "GB/s"), (1e6, "MB/s"), (1.0, "B/s")],
        _ => &[],
    };
    let fitting = units.iter().find(|(size, _)| value.abs() >= *size).or(units.last());
    match fitting {
        Some((size, unit)) => format!("{} {unit}", number(value / size)),
        None if unit.is_empty() => number(value),
        None => format!("{} {unit}", number(value)),
    }
}

/// Three digits, or all of a larger number.
fn number(value: f64) -> String {
    let digits = if value.fract() == 0.0 || value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else if value.abs() >= 1.0 {
        2
    } else {
        3
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0
            && digit.is_ascii_digit()
            && (whole.len() - at) % 3 == 0
            && !grouped.ends_with('-')
        {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_a_unit_that_suits_them() {
        assert_eq!(scaled(0.000_123_4, "s"), "123 µs");
        assert_eq!(scaled(1536.0, "B"), "1.50 KiB");
        assert_eq!(scaled(1_234_567.0, "instructions"), "1,234,567 instructions");
        assert_eq!(scaled(-0.5, ""), "-0.500");
    }

    #[test]
    fn a_part_of_the_page_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- x: generated -->\nold\n<!-- x: end -->\nb\n";
        let new = replace(page, "x", "new\n").unwrap();
        assert_eq!(new, "a\n<!-- x: generated -->\n\nnew\n\n<!-- x: end -->\nb\n");
        assert_eq!(replace(&new, "x", "new\n").unwrap(), new);
        assert!(replace(page, "y", "").is_err());
    }
}
