//! What follows the `#` of an address, and the way back.

use serde_json::json;

use crate::page::{Outcome, Page, ensure, same};

pub(crate) fn links(page: &Page) -> Outcome {
    page.open("#diff=7.2..10.0&item=guest-exec&q=exec&kind=argument,alternate&platform=linux")?;
    let shown = page.run(
        "const value = (id) => { const control = document.getElementById(id); return control.selectedOptions[0].text; }; \
         return [value('from'), value('to'), value('platform'), document.getElementById('search').value, \
           document.getElementById('life-heading').textContent, \
           [...document.querySelectorAll('#kinds input:checked')].map((box) => box.value), \
           [...document.querySelectorAll('#changes [data-path]')].map((entry) => entry.dataset.path)]",
    )?;
    let expected = json!([
        "7.2",
        "10.0",
        "Linux",
        "exec",
        "guest-exec",
        ["alternate", "argument"],
        ["guest-exec.capture-output", "GuestExecCaptureOutput"]
    ]);
    same(&shown, &expected, "restored")?;
    page.open("#diff=7.2.0..v10.0.0")?;
    ensure(page.text("#verdict")?.starts_with("7.2 → 10.0"), "other ways to write a release")
}

pub(crate) fn travels(page: &Page) -> Outcome {
    page.browser.renew()?;
    page.open("#diff=7.2..10.0")?;
    page.browser.go_to("#item=guest-exec")?;
    page.browser.go_to("#diff=1.0..1.1")?;
    let shown = || page.run("return document.title");
    page.browser.travel(-1)?;
    same(&shown()?, &json!("guest-exec · QEMU guest agent schema"), "back")?;
    page.browser.travel(-1)?;
    same(&shown()?, &json!("7.2 → 10.0 · QEMU guest agent schema"), "back again")?;
    ensure(page.text("#verdict")?.starts_with("7.2 → 10.0"), "the comparison is there again")?;
    page.browser.travel(2)?;
    same(&shown()?, &json!("1.0 → 1.1 · QEMU guest agent schema"), "forward")
}

pub(crate) fn wrong_links(page: &Page) -> Outcome {
    for (fragment, complaint) in [
        ("#diff=7.2..99.0", "No release “99.0” here."),
        ("#diff=7.2", "A comparison is written as two releases"),
        ("#item=guest-fly", "No item “guest-fly” here."),
        ("#colour=red", "Nothing here is called “colour”."),
        ("#q=%E0%A4%A", ""),
        ("#item=<img src=x onerror=alert(1)>", "No item “<img src=x onerror=alert(1)>” here."),
        ("#item=__proto__&kind=constructor", "No item “__proto__” here."),
    ] {
        page.open(fragment)?;
        let problem = page.text("#problem")?;
        ensure(problem.contains(complaint), format!("{fragment}: {problem}"))?;
        ensure(
            page.run("return document.querySelectorAll('#grid tr').length > 40")? == json!(true),
            fragment,
        )?;
    }
    same(&page.browser.console()?, &Vec::new(), "console")
}
