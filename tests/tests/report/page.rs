//! The page in a browser, and what a test says of it.

use std::path::Path;

use qga_tests::browser::{Browser, Failure};
use serde_json::Value;
use xtask::pins::Pins;

/// How a test ends.
pub(crate) type Outcome = Result<(), Failure>;

/// A browser that shows the report, and what it was made of.
pub(crate) struct Page {
    pub(crate) browser: Browser,
    pub(crate) url: String,
    pub(crate) pins: Pins,
}

impl Page {
    pub(crate) fn make() -> Result<Self, Failure> {
        let pins = Pins::open(Path::new("../schema")).map_err(|error| format!("{error:#}"))?;
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.html");
        xtask::schema::report::report(&pins, &path).map_err(|error| format!("{error:#}"))?;
        Ok(Self { browser: Browser::start()?, url: format!("file://{}", path.display()), pins })
    }

    /// Loads the page with this behind the `#`, on a screen of a desktop.
    pub(crate) fn open(&self, fragment: &str) -> Outcome {
        self.open_on(1280, fragment)
    }

    pub(crate) fn open_on(&self, width: u32, fragment: &str) -> Outcome {
        self.browser.resize(width, if width < 600 { 844 } else { 800 })?;
        // Only what follows the `#` being another would not load it anew.
        self.browser.open("about:blank")?;
        self.browser.open(&format!("{}{fragment}", self.url))
    }

    pub(crate) fn run(&self, script: &str) -> Result<Value, Failure> {
        self.browser.run(script)
    }

    /// Does something as a reader does who changes a control, and waits for the page to follow.
    pub(crate) fn change(&self, id: &str, how: &str) -> Outcome {
        let script = format!(
            "const control = document.getElementById('{id}'); {how}; \
             control.dispatchEvent(new Event('change', {{ bubbles: true }}));"
        );
        self.run(&script)?;
        self.settle()
    }

    /// Waits until the page has drawn what its address says.
    pub(crate) fn settle(&self) -> Outcome {
        self.browser.settle()
    }

    /// The names in the rows that are shown.
    pub(crate) fn rows(&self) -> Result<Vec<String>, Failure> {
        let script = "return [...document.querySelectorAll('#grid tr[data-item]:not([hidden]) th a')].map((link) => link.title)";
        Ok(strings(&self.run(script)?))
    }

    pub(crate) fn hash(&self) -> Result<String, Failure> {
        Ok(self.run("return location.hash")?.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn text(&self, selector: &str) -> Result<String, Failure> {
        let script = format!("return document.querySelector('{selector}')?.innerText ?? ''");
        Ok(self.run(&script)?.as_str().unwrap_or_default().to_owned())
    }
}

pub(crate) fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn ensure(holds: bool, otherwise: impl std::fmt::Display) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise.to_string()) }
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T, of: &str) -> Outcome {
    ensure(found == expected, format!("{of}: {found:?}, expected {expected:?}"))
}
