//! A headless Chromium, driven through the HTTP interface of `chromedriver` (W3C `WebDriver`).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::folder::Folder;

/// Longer than any page here takes to answer; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keeps the browser from doing anything but showing the page. The sandbox is for pages of strangers, and cannot
/// be set up in many containers.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
];

/// A running browser with one page. It ends when this is dropped.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// The number of the browser's own process, once it runs.
    process: Option<u64>,
    /// The profile, and everything else that the two write.
    folder: Folder,
}

/// Why there is no browser, or what it refused.
pub type Failure = String;

impl Browser {
    /// Whether both programs are installed.
    pub fn is_installed() -> bool {
        let runs = |program: &str| {
            let version = Command::new(program).arg("--version").stderr(Stdio::null()).output();
            version.is_ok_and(|output| output.status.success())
        };
        runs("chromium") && runs("chromedriver")
    }

    /// Starts a browser with a profile of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start() -> Result<Self, Failure> {
        let folder = Folder::new().map_err(|error| format!("a folder for Chromium: {error}"))?;
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", &*folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver: {error}"))?;
        let port = announced_port(&mut driver);
        let mut browser = Self { driver, port: 0, session: String::new(), process: None, folder };
        browser.port = port?;
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", browser.folder.join("profile").display()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        }}});
        let reply = browser.post("/session", &wanted)?;
        let session = reply["sessionId"].as_str().ok_or("chromedriver named no session")?;
        browser.session = format!("/session/{session}");
        browser.process = reply["capabilities"]["goog:processID"].as_u64();
        Ok(browser)
    }

    /// Shows the page at `url` and waits until it is loaded.
    ///
    /// # Errors
    /// When there is no such page.
    pub fn open(&self, url: &str) -> Result<(), Failure> {
        self.command("/url", &json!({ "url": url })).map(drop)
    }

    /// Shows another part of the page, as a reader does who changes what follows the `#`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn go_to(&self, fragment: &str) -> Result<(), Failure> {
        // The event that the page waits for comes later than the change.
        let script = "const done = arguments[1]; \
                      if (location.hash === arguments[0]) return done(); \
                      addEventListener('hashchange', () => setTimeout(done), { once: true }); \
                      location.hash = arguments[0];";
        self.command("/execute/async", &json!({ "script": script, "args": [fragment] }))
            .map_err(|error| format!("going to {fragment}: {error}"))
            .map(drop)
    }

    /// Waits until the page has seen everything that was done to it: events of its address come late.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn settle(&self) -> Result<(), Failure> {
        // A frame is drawn after the events that wait.
        let script = "const done = arguments[0]; setTimeout(() => requestAnimationFrame(() => setTimeout(done)));";
        self.command("/execute/async", &json!({ "script": script, "args": [] })).map(drop)
    }

    /// Runs the body of a function in the page and returns what that returns.
    ///
    /// # Errors
    /// When it throws.
    pub fn run(&self, script: &str) -> Result<Value, Failure> {
        self.command("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Makes the page as wide and high as this, in CSS pixels; a narrow one is a phone's.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), Failure> {
        let mobile = width < 600;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics).map(drop)
    }

    /// Asks pages for `light` or `dark` colours.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn prefer(&self, scheme: &str) -> Result<(), Failure> {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }

    /// Presses keys one after the other: a letter, or a name as in `KeyboardEvent.key`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn press(&self, keys: &[&str]) -> Result<(), Failure> {
        let actions = keys
            .iter()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|action| json!({ "type": action, "value": key_code(key) }))
            })
            .collect::<Vec<_>>();
        let source = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.command("/actions", &json!({ "actions": [source] })).map(drop)
    }

    /// What the page wrote to the console and what went wrong in it since the last call.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn console(&self) -> Result<Vec<String>, Failure> {
        let entries = self.command("/se/log", &json!({ "type": "browser" }))?;
        let line = |entry: &Value| format!("{}: {}", entry["level"], entry["message"]);
        Ok(entries.as_array().into_iter().flatten().map(line).collect())
    }

    /// The address of everything that was asked for since the last call, over the network or not.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn requests(&self) -> Result<Vec<String>, Failure> {
        let entries = self.command("/se/log", &json!({ "type": "performance" }))?;
        let event = |entry: &Value| serde_json::from_str::<Value>(entry["message"].as_str()?).ok();
        let events = entries.as_array().into_iter().flatten().filter_map(event);
        let url = |event: Value| {
            let asks = event["message"]["method"] == "Network.requestWillBeSent";
            let url = event["message"]["params"]["request"]["url"].as_str().map(str::to_owned);
            url.filter(|_| asks)
        };
        Ok(events.filter_map(url).collect())
    }

    /// Role and name of everything that can have the focus, as programs that read pages aloud are told.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn reachable(&self) -> Result<Vec<(String, String)>, Failure> {
        let tree = self.devtools("Accessibility.getFullAXTree", &json!({}))?;
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        let can_be_focused = |node: &Value| {
            let properties = node["properties"].as_array().into_iter().flatten();
            properties.into_iter().any(|property| {
                property["name"] == "focusable" && property["value"]["value"] == true
            })
        };
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        let reachable = nodes.iter().filter(|node| can_be_focused(node) && node["ignored"] != true);
        Ok(reachable.map(|node| (text(&node["role"]), text(&node["name"]))).collect())
    }

    /// Closes the page and goes on with an empty one that has no history.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn renew(&self) -> Result<(), Failure> {
        let fresh = self.command("/window/new", &json!({ "type": "tab" }))?;
        self.request("DELETE", &format!("{}/window", self.session), None)?;
        self.command("/window", &json!({ "handle": fresh["handle"] })).map(drop)
    }

    /// Goes that many entries back or forth in the browser's history, to another part of the page.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn travel(&self, entries: i32) -> Result<(), Failure> {
        let script = "const done = arguments[1]; \
                      addEventListener('hashchange', () => setTimeout(done), { once: true }); \
                      history.go(arguments[0]);";
        self.command("/execute/async", &json!({ "script": script, "args": [entries] }))
            .map_err(|error| format!("going {entries} entries: {error}"))
            .map(drop)
    }

    /// What is seen now, as a PNG in base64.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn screenshot(&self) -> Result<String, Failure> {
        let reply = self.request("GET", &format!("{}/screenshot", self.session), None)?;
        Ok(reply.as_str().unwrap_or_default().to_owned())
    }

    fn devtools(&self, name: &str, parameters: &Value) -> Result<Value, Failure> {
        self.command("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }))
    }

    fn command(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.post(&format!("{}{path}", self.session), body)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.request("POST", path, Some(body))
    }

    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let answer = self.exchange(method, path, &text);
        let answer = answer.map_err(|error| format!("chromedriver, {method} {path}: {error}"))?;
        let reply: Value = serde_json::from_slice(&answer)
            .map_err(|error| format!("chromedriver, {method} {path}: {error}"))?;
        match &reply["value"]["error"] {
            Value::String(error) => Err(format!("{error}: {}", reply["value"]["message"])),
            _ => Ok(reply["value"].clone()),
        }
    }

    /// One request over a connection of its own, and the body of the answer.
    fn exchange(&self, method: &str, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = BufReader::new(stream);
        let (mut length, mut line) = (0, String::new());
        while answer.read_line(&mut line)? > 2 {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut body = Vec::new();
        answer.take(length).read_to_end(&mut body)?;
        Ok(body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // The session ends Chromium, which the driver's end would leave behind.
            let _ = self.request("DELETE", &self.session, None);
        }
        // Until it has ended, it writes to the folder that is removed next.
        let process = self.process.map(|number| format!("/proc/{number}"));
        let start = Instant::now();
        while process.as_ref().is_some_and(|process| Path::new(process).exists())
            && start.elapsed() < PATIENCE
        {
            sleep(Duration::from_millis(5));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The driver picks a free port and says so in a sentence that ends in it.
fn announced_port(driver: &mut Child) -> Result<u16, Failure> {
    let output = driver.stdout.take().ok_or("chromedriver has no output")?;
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let port =
            line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.'));
        if let Some(port) = port {
            return port.parse().map_err(|_| format!("chromedriver says: {line}"));
        }
    }
    Err("chromedriver ended before it listened".to_owned())
}

/// `WebDriver` writes keys without a letter as code points of a private area.
fn key_code(key: &str) -> &str {
    match key {
        "Tab" => "\u{E004}",
        "Enter" => "\u{E007}",
        "Shift" => "\u{E008}",
        "Escape" => "\u{E00C}",
        "PageUp" => "\u{E00E}",
        "PageDown" => "\u{E00F}",
        "End" => "\u{E010}",
        "Home" => "\u{E011}",
        "ArrowLeft" => "\u{E012}",
        "ArrowUp" => "\u{E013}",
        "ArrowRight" => "\u{E014}",
        "ArrowDown" => "\u{E015}",
        letter => letter,
    }
}
