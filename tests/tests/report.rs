//! The page that `cargo xtask schema report` writes, as a reader meets it in a browser.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use qapi_codegen::history::{ItemKind, diff};
use qapi_codegen::report::{DiffReport, Format};
use qga_tests::agent::skip;
use qga_tests::browser::{Browser, Failure};
use serde_json::{Value, json};
use xtask::pins::Pins;

type Outcome = Result<(), Failure>;

/// A test of the page.
type Test = fn(&Page) -> Outcome;

const TESTS: &[(&str, Test)] = &[
    ("nothing_goes_wrong_and_the_page_never_scrolls_sideways", looks),
    ("nothing_is_asked_of_the_network", asks_nobody),
    ("text_stands_out_from_its_ground_by_day_and_by_night", contrast),
    ("everything_that_can_have_the_focus_has_a_name", names),
    ("the_matrix_has_a_row_for_each_definition_and_a_column_for_each_release", matrix),
    ("the_heading_and_the_names_stay_while_the_matrix_scrolls", sticky),
    ("a_search_leaves_what_has_all_its_words", search),
    ("filters_leave_what_they_name_and_are_cleared_together", filters),
    ("only_releases_that_changed_something_are_shown_if_asked_for", columns),
    ("the_life_of_an_item_tells_what_its_history_tells", life),
    ("any_two_releases_differ_in_the_page_as_in_the_library", differences),
    ("a_reader_picks_the_releases_to_compare", picks),
    ("a_link_shows_what_it_was_taken_from", links),
    ("back_and_forward_show_what_was_shown", travels),
    ("a_link_to_what_is_not_there_says_so", wrong_links),
    ("the_page_works_from_the_keyboard", keyboard),
    ("the_focus_is_always_seen", focus),
];

/// A browser that shows the report, and what it was made of.
struct Page {
    browser: Browser,
    url: String,
    pins: Pins,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if arguments.list {
        return libtest_mimic::run(&arguments, trials(None)).exit_code();
    }
    if !Browser::is_installed() {
        skip(
            "QGA_REQUIRE_CHROMIUM",
            "the report needs chromium and chromedriver: apt-get install them",
        );
        return ExitCode::SUCCESS;
    }
    match Page::make() {
        // The browser ends with the last test, also with one that fails.
        Ok(page) => libtest_mimic::run(&arguments, trials(Some(page))).exit_code(),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn trials(page: Option<Page>) -> Vec<Trial> {
    let page = Arc::new(Mutex::new(page));
    let trial = |&(name, test): &(&str, Test)| {
        let page = Arc::clone(&page);
        Trial::test(name, move || {
            // A test that failed leaves the page as it is, and the next one opens it anew.
            let page = page.lock().unwrap_or_else(PoisonError::into_inner);
            page.as_ref().map_or(Ok(()), test).map_err(Failed::from)
        })
    };
    TESTS.iter().map(trial).collect()
}

impl Page {
    fn make() -> Result<Self, Failure> {
        let pins = Pins::open(Path::new("../schema")).map_err(|error| format!("{error:#}"))?;
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.html");
        xtask::schema::report::report(&pins, &path).map_err(|error| format!("{error:#}"))?;
        Ok(Self { browser: Browser::start()?, url: format!("file://{}", path.display()), pins })
    }

    /// Loads the page with this behind the `#`, on a screen of a desktop.
    fn open(&self, fragment: &str) -> Outcome {
        self.open_on(1280, fragment)
    }

    fn open_on(&self, width: u32, fragment: &str) -> Outcome {
        self.browser.resize(width, if width < 600 { 844 } else { 800 })?;
        // Only what follows the `#` being another would not load it anew.
        self.browser.open("about:blank")?;
        self.browser.open(&format!("{}{fragment}", self.url))
    }

    fn run(&self, script: &str) -> Result<Value, Failure> {
        self.browser.run(script)
    }

    /// Does something as a reader does who changes a control, and waits for the page to follow.
    fn change(&self, id: &str, how: &str) -> Outcome {
        let script = format!(
            "const control = document.getElementById('{id}'); {how}; \
             control.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        );
        self.run(&script)?;
        self.settle()
    }

    /// Waits until the page has drawn what its address says.
    fn settle(&self) -> Outcome {
        self.browser.settle()
    }

    /// The names in the rows that are shown.
    fn rows(&self) -> Result<Vec<String>, Failure> {
        let script = "return [...document.querySelectorAll('#grid tr[data-item]:not([hidden]) th a')].map((link) => link.title)";
        Ok(strings(&self.run(script)?))
    }

    fn hash(&self) -> Result<String, Failure> {
        Ok(self.run("return location.hash")?.as_str().unwrap_or_default().to_owned())
    }

    fn text(&self, selector: &str) -> Result<String, Failure> {
        let script = format!("return document.querySelector('{selector}')?.innerText ?? ''");
        Ok(self.run(&script)?.as_str().unwrap_or_default().to_owned())
    }
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn ensure(holds: bool, otherwise: impl std::fmt::Display) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise.to_string()) }
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T, of: &str) -> Outcome {
    ensure(found == expected, format!("{of}: {found:?}, expected {expected:?}"))
}

/// Every view of the page, by what follows the `#`.
const VIEWS: [&str; 6] = [
    "",
    "#parts=all&q=disk",
    "#item=guest-exec.capture-output",
    "#item=GuestDiskAddress",
    "#diff=7.2..10.0",
    "#diff=10.0..0.15&item=guest-fstrim",
];

fn looks(page: &Page) -> Outcome {
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

fn asks_nobody(page: &Page) -> Outcome {
    page.browser.requests()?;
    for view in VIEWS {
        page.open(view)?;
    }
    let foreign = page.browser.requests()?;
    let is_own = |url: &String| url.starts_with(&page.url) || url.starts_with("data:");
    let foreign = foreign.into_iter().filter(|url| !is_own(url) && url != "about:blank");
    same(&foreign.collect::<Vec<_>>(), &Vec::new(), "requests")
}

fn contrast(page: &Page) -> Outcome {
    for scheme in ["light", "dark"] {
        page.browser.prefer(scheme)?;
        for view in ["#parts=all", "#item=guest-fstrim", "#diff=7.2..10.0"] {
            page.open(view)?;
            let faint = page.run(include_str!("report/contrast.js"))?;
            same(&strings(&faint), &Vec::new(), &format!("too faint, {scheme}, {view}"))?;
        }
    }
    page.browser.prefer("light")
}

fn names(page: &Page) -> Outcome {
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

fn matrix(page: &Page) -> Outcome {
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

fn sticky(page: &Page) -> Outcome {
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

fn search(page: &Page) -> Outcome {
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

fn filters(page: &Page) -> Outcome {
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

fn columns(page: &Page) -> Outcome {
    page.open("#columns=changed")?;
    let heads = "return [...document.querySelectorAll('#grid thead th:not(.corner)')].map((cell) => cell.textContent)";
    let shown = strings(&page.run(heads)?);
    let snapshots = page.pins.snapshots.iter().map(xtask::pins::Snapshot::name).collect::<Vec<_>>();
    same(&shown, &snapshots, "columns")
}

fn life(page: &Page) -> Outcome {
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

fn differences(page: &Page) -> Outcome {
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

fn picks(page: &Page) -> Outcome {
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

fn links(page: &Page) -> Outcome {
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

fn travels(page: &Page) -> Outcome {
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

fn wrong_links(page: &Page) -> Outcome {
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

fn keyboard(page: &Page) -> Outcome {
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

fn focus(page: &Page) -> Outcome {
    for view in ["#item=guest-exec", "#diff=7.2..10.0"] {
        page.open(view)?;
        // Past everything above the matrix, and into the life or the changes.
        for _ in 0..20 {
            page.browser.press(&["Tab"])?;
            let hidden = page.run(include_str!("report/focus.js"))?;
            same(&hidden, &Value::Null, view)?;
        }
    }
    Ok(())
}
