//! Two releases side by side.

use qapi_codegen::history::diff;
use qapi_codegen::report::{DiffReport, Format};
use serde_json::{Value, json};

use crate::page::{Outcome, Page, ensure, same};

pub(crate) fn differences(page: &Page) -> Outcome {
    page.open("")?;
    let releases = page.pins.releases();
    let mut pairs = releases.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
    let far = |at: usize| (releases[at], releases[releases.len() - 1 - at]);
    pairs.extend([0, 3, 20, 30].map(far));
    pairs.push((releases[releases.len() - 1], releases[0]));
    for ((from, old), (to, new)) in pairs {
        let (from, to, changes) = (from.to_string(), to.to_string(), diff(old, new));
        let report = DiffReport { from: &from, to: &to, changes: &changes };
        let expected: Value = serde_json::from_str(&report.render(Format::Json))
            .map_err(|error| error.to_string())?;
        let shown = page.run(&format!("return schemaReport.diff('{from}', '{to}')"))?;
        same(&sorted(&shown), &sorted(&expected), &format!("{from} -> {to}"))?;
        page.browser.go_to(&format!("#diff={from}..{to}"))?;
        let listed = page.run("return document.querySelectorAll('#changes [data-path]').length")?;
        same(&listed, &json!(changes.len()), &format!("entries of {from} -> {to}"))?;
    }
    Ok(())
}

/// A report with its changes in the order of their text: the page and the library may differ in that.
fn sorted(report: &Value) -> Value {
    let mut report = report.clone();
    if let Some(changes) = report["changes"].as_array_mut() {
        changes.sort_by_key(ToString::to_string);
    }
    report
}

pub(crate) fn picks(page: &Page) -> Outcome {
    page.open("")?;
    page.run("document.getElementById('to-compare').click()")?;
    page.settle()?;
    let choose = |name: &str| {
        format!("control.value = [...control.options].find((one) => one.text === '{name}').value")
    };
    page.change("from", &choose("7.2"))?;
    page.change("to", &choose("10.0"))?;
    same(&page.hash()?, &"#diff=7.2..10.0".to_owned(), "address")?;
    let verdict = page.text("#verdict")?;
    ensure(verdict.starts_with("7.2 → 10.0: 63 changes, none breaking"), verdict)?;
    page.change("wires", "control.querySelector('[value=new]').click()")?;
    same(&page.text("#count")?, &"6 of 63 changes".to_owned(), "of one effect")?;
    page.run("document.getElementById('swap').click()")?;
    page.settle()?;
    let verdict = page.text("#verdict")?;
    ensure(
        verdict.starts_with("10.0 → 7.2: 63 changes") && verdict.contains("the way back"),
        verdict,
    )
}
