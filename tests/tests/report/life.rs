//! The life of one item.

use qapi_codegen::history::ItemKind;

use crate::page::{Outcome, Page, ensure, same};

pub(crate) fn life(page: &Page) -> Outcome {
    page.open("")?;
    page.run("document.querySelector('#grid a[title=guest-shutdown]').click()")?;
    page.settle()?;
    same(&page.hash()?, &"#item=guest-shutdown".to_owned(), "address")?;
    let story = page.text("#life .story")?;
    let story = story.split_whitespace().collect::<Vec<_>>().join(" ");
    same(&story, &"0.15 there 1.1 no reply on success now".to_owned(), "life")?;
    let history = page.pins.history().map_err(|error| error.to_string())?;
    // Every command, and one of everything else.
    let others = [
        "GuestDiskAddress",
        "guest-exec.path",
        "GuestDiskBusType.nvme",
        "GuestExecCaptureOutput/flag",
    ];
    let lives = history.lives().iter();
    for (path, life) in lives
        .filter(|(path, life)| life.kind == ItemKind::Command || others.contains(&path.as_str()))
    {
        page.browser.go_to(&format!("#item={path}"))?;
        let facts = page.text("#life .facts")?;
        ensure(facts.contains(&life.since.to_string()), format!("{path}: {facts}"))?;
    }
    Ok(())
}
