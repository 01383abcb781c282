//! What holds in every view: its looks, its names, its keys.

use serde_json::{Value, json};

use crate::page::{Outcome, Page, ensure, same, strings};

/// Every view of the page, by what follows the `#`.
const VIEWS: [&str; 6] = [
    "",
    "#parts=all&q=disk",
    "#item=guest-exec.capture-output",
    "#item=GuestDiskAddress",
    "#diff=7.2..10.0",
    "#diff=10.0..0.15&item=guest-fstrim",
];

pub(crate) fn looks(page: &Page) -> Outcome {
    page.browser.console()?;
    for scheme in ["light", "dark"] {
        page.browser.prefer(scheme)?;
        for width in [1280, 390] {
            for view in VIEWS {
                page.open_on(width, view)?;
                let of = format!("{view} at {width}, {scheme}");
                same(&page.browser.console()?, &Vec::new(), &of)?;
                let wide = page.run("return document.documentElement.scrollWidth - innerWidth")?;
                ensure(wide.as_i64() <= Some(0), format!("{of}: {wide} pixels too wide"))?;
                ensure(!page.browser.screenshot()?.is_empty(), format!("{of}: nothing is seen"))?;
            }
        }
    }
    page.browser.prefer("light")
}

pub(crate) fn asks_nobody(page: &Page) -> Outcome {
    page.browser.requests()?;
    for view in VIEWS {
        page.open(view)?;
    }
    let foreign = page.browser.requests()?;
    let is_own = |url: &String| url.starts_with(&page.url) || url.starts_with("data:");
    let foreign = foreign.into_iter().filter(|url| !is_own(url) && url != "about:blank");
    same(&foreign.collect::<Vec<_>>(), &Vec::new(), "requests")
}

pub(crate) fn contrast(page: &Page) -> Outcome {
    for scheme in ["light", "dark"] {
        page.browser.prefer(scheme)?;
        for view in ["#parts=all", "#item=guest-fstrim", "#diff=7.2..10.0"] {
            page.open(view)?;
            let faint = page.run(include_str!("contrast.js"))?;
            same(&strings(&faint), &Vec::new(), &format!("too faint, {scheme}, {view}"))?;
        }
    }
    page.browser.prefer("light")
}

pub(crate) fn names(page: &Page) -> Outcome {
    for view in ["", "#item=GuestDiskAddress", "#diff=7.2..10.0"] {
        page.open(view)?;
        let nameless =
            page.browser.reachable()?.into_iter().filter(|(_, name)| name.trim().is_empty());
        // The scrolling box and the panels are reached by themselves, the cells name themselves when they are.
        let known = ["RootWebArea", "gridcell", "generic", "main"];
        let nameless = nameless.filter(|(role, _)| !known.contains(&role.as_str()));
        same(&nameless.collect::<Vec<_>>(), &Vec::new(), &format!("without a name in {view}"))?;
    }
    Ok(())
}

pub(crate) fn keyboard(page: &Page) -> Outcome {
    page.open("")?;
    let focused = || {
        page.run("const it = document.activeElement; return it.id || it.title || it.textContent")
    };
    let mut order = Vec::new();
    for _ in 0..6 {
        page.browser.press(&["Tab"])?;
        order.push(focused()?.as_str().unwrap_or_default().to_owned());
    }
    same(
        &order[..4].to_vec(),
        &["skip", "to-matrix", "to-compare", "search"].map(str::to_owned).to_vec(),
        "order",
    )?;
    page.browser.press(&["/", "e", "x", "e", "c", "Enter"])?;
    same(&focused()?, &json!("▾guest-exec"), "from the search to what it found").or_else(|_| {
        same(&focused()?, &json!("▸guest-exec"), "from the search to what it found")
    })?;
    page.browser.press(&["End"])?;
    let cell = page.run("return document.activeElement.getAttribute('aria-label')")?;
    same(
        &cell,
        &json!("guest-exec in 11.1.3: there, so since 2.5, type GuestExec"),
        "a cell says what it shows",
    )?;
    page.browser.press(&["Home", " ", "ArrowDown", "Enter"])?;
    page.settle()?;
    same(&page.text("#life-heading")?, &"guest-exec.arg".to_owned(), "an argument's life")?;
    same(&focused()?, &json!("life-heading"), "focus")?;
    page.browser.press(&["Escape"])?;
    page.settle()?;
    same(&focused()?, &json!("arg"), "back where it was")?;
    // A release in the heading leads to what it changed.
    page.browser.press(&["ArrowUp", "ArrowUp", "End", "Enter"])?;
    page.settle()?;
    ensure(page.text("#verdict")?.starts_with("10.2.2 → 11.1.3"), page.hash()?)
}

pub(crate) fn focus(page: &Page) -> Outcome {
    for view in ["#item=guest-exec", "#diff=7.2..10.0"] {
        page.open(view)?;
        // Past everything above the matrix, and into the life or the changes.
        for _ in 0..20 {
            page.browser.press(&["Tab"])?;
            let hidden = page.run(include_str!("focus.js"))?;
            same(&hidden, &Value::Null, view)?;
        }
    }
    Ok(())
}
