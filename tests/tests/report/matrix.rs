//! The matrix of definitions and releases, and what narrows it.

use serde_json::json;

use crate::page::{Outcome, Page, ensure, same, strings};

pub(crate) fn matrix(page: &Page) -> Outcome {
    page.open("")?;
    let history = page.pins.history().map_err(|error| error.to_string())?;
    let definitions = history.lives().values().filter(|life| life.kind.is_definition()).count();
    same(&page.rows()?.len(), &definitions, "rows")?;
    let releases = page.pins.releases();
    let names = releases.iter().map(|(release, _)| release.to_string()).collect::<Vec<_>>();
    let heads = "return [...document.querySelectorAll('#grid thead th:not(.corner)')].map((cell) => cell.textContent)";
    same(&strings(&page.run(heads)?), &names, "columns")?;
    // Each mark is below the release that it is about.
    let askew = page.run(
        "const heads = [...document.querySelectorAll('#grid thead th')]; \
         const row = document.querySelector('#grid tr[data-item]:not([hidden])'); \
         const left = (cell) => Math.round(cell.getBoundingClientRect().left); \
         return [...row.cells].filter((cell, at) => left(cell) !== left(heads[at])).length",
    )?;
    same(&askew, &json!(0), "cells beside their column")?;
    page.open("#parts=all")?;
    // What a member inherits from a base is in the library's list, too.
    same(&page.rows()?.len(), &history.lives().len(), "rows with parts")
}

pub(crate) fn sticky(page: &Page) -> Outcome {
    page.open_on(390, "")?;
    let moved = page.run(
        "const box = document.getElementById('scroller'); box.scrollTo(300, 400); \
         const name = document.querySelector('#grid tr[data-item]:not([hidden]) th'); \
         const corner = document.querySelector('#grid .corner'); \
         const from = (cell, edge) => Math.abs(cell.getBoundingClientRect()[edge] - box.getBoundingClientRect()[edge]) < 3; \
         return [box.scrollLeft > 0, box.scrollTop > 0, from(name, 'left'), from(corner, 'left'), from(corner, 'top')]",
    )?;
    same(
        &moved,
        &json!([true, true, true, true, true]),
        "scrolled, and names and releases in sight",
    )
}

pub(crate) fn search(page: &Page) -> Outcome {
    page.open("")?;
    page.browser.press(&["/", "f", "s", "t", "r", "i", "m"])?;
    let found = page.rows()?;
    ensure(found.contains(&"guest-fstrim".to_owned()), format!("{found:?}"))?;
    ensure(!found.contains(&"guest-exec".to_owned()), format!("{found:?}"))?;
    same(&page.hash()?, &"#q=fstrim".to_owned(), "address")?;
    page.open("#q=GUESTEXECSTATUS%20bool")?;
    same(
        &page.rows()?,
        &["", ".err-truncated", ".exited", ".out-truncated"]
            .map(|part| format!("GuestExecStatus{part}"))
            .to_vec(),
        "two words",
    )?;
    page.open("#q=nothing-is-called-so")?;
    same(&page.text("#count")?, &"Nothing passes these filters".to_owned(), "an empty result")
}

pub(crate) fn filters(page: &Page) -> Outcome {
    page.open("")?;
    page.change("kinds", "control.querySelector('[value=union]').click()")?;
    same(
        &page.rows()?,
        &["GuestCpuStats", "GuestDeviceId", "GuestDiskSmart"].map(str::to_owned).to_vec(),
        "unions",
    )?;
    page.change(
        "changed",
        "control.value = [...control.options].find((one) => one.text === '7.1').value",
    )?;
    same(
        &page.rows()?,
        &["GuestCpuStats", "GuestDiskSmart"].map(str::to_owned).to_vec(),
        "unions of 7.1",
    )?;
    page.change(
        "platform",
        "control.value = [...control.options].find((one) => one.text === 'Windows').value",
    )?;
    same(&page.rows()?, &vec!["GuestDiskSmart".to_owned()], "and on Windows")?;
    same(&page.hash()?, &"#kind=union&platform=Windows&changed=7.1".to_owned(), "address")?;
    page.change("parts", "control.click()")?;
    ensure(page.rows()?.len() > 1, "all parts are shown")?;
    page.run("document.getElementById('reset').click()")?;
    page.settle()?;
    same(&page.hash()?, &"#parts=all".to_owned(), "what is no filter stays")
}

pub(crate) fn columns(page: &Page) -> Outcome {
    page.open("#columns=changed")?;
    let heads = "return [...document.querySelectorAll('#grid thead th:not(.corner)')].map((cell) => cell.textContent)";
    let shown = strings(&page.run(heads)?);
    let snapshots = page.pins.snapshots.iter().map(xtask::pins::Snapshot::name).collect::<Vec<_>>();
    same(&shown, &snapshots, "columns")
}
