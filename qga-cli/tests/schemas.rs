//! Results have the shapes that are written down.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use qga_bindings::blocking::Client;
use qga_bindings::protocol::Request;
use qga_tests::bridge::Bridge;
use rustix::process::Signal;
use serde_json::{Value, json};
use support::{commands_but, qga, run, signal};

/// Commands whose shape is QEMU's, or that have no result of their own.
const NOT_OURS: &[&str] = &[
    "hostname",
    "fs",
    "disks",
    "net",
    "routes",
    "users",
    "cpus",
    "load",
    "timezone",
    "devices",
    "trim",
    "call",
    "cat",
    "tail",
    "edit",
    "repl",
    "demo",
    "completions",
    "man",
];

/// Commands that share a shape with another one, or are named otherwise.
const SHARED: &[&str] = &["sh", "shutdown", "reboot", "halt", "suspend", "cp", "write"];

fn schemas() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/results.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("read")).expect("JSON")
}

/// What is wrong with a value, if it is to have a shape of ours.
fn faults(schemas: &Value, shape: &str, value: &Value) -> Vec<String> {
    let schema = json!({ "$ref": format!("#/$defs/{shape}"), "$defs": schemas["$defs"] });
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    validator.iter_errors(value).map(|error| format!("{shape}: {error}: {value}")).collect()
}

/// What has a shape of our own, and how it is had.
const OURS: &[(&str, &[&str])] = &[
    ("ping", &["ping"]),
    ("wait", &["wait"]),
    ("doctor", &["doctor"]),
    ("targets", &["targets"]),
    ("commands", &["commands"]),
    ("commands", &["commands", "--agent"]),
    ("call-help", &["call", "guest-exec", "--help"]),
    ("info", &["info"]),
    ("stats", &["stats"]),
    ("time", &["time"]),
    ("mem", &["mem"]),
    ("exec", &["exec", "--", "echo", "hello"]),
    ("exec", &["sh", "kill -9 $$"]),
    ("exec-detached", &["exec", "--detach", "--", "sleep", "100"]),
    ("written", &["write", "/tmp/file"]),
    ("copied", &["cp", "--verify", "-", "guest:/tmp/file"]),
    ("freeze-status", &["freeze", "--status"]),
    ("freeze", &["freeze", "--yes"]),
    ("thaw", &["thaw"]),
    ("password", &["password", "root"]),
    ("keys", &["keys", "list", "root"]),
    ("keys-changed", &["keys", "add", "root", "key"]),
    ("keys-changed", &["keys", "remove", "root", "key"]),
    ("power", &["reboot", "--yes"]),
];

/// Runs the program for a guest, and returns what it writes as values: of JSON one, of lines of JSON all.
fn values(bridge: &Bridge, arguments: &[&str]) -> Vec<Value> {
    let mut command = qga(bridge.socket(), arguments);
    command.env("QGA_CONFIG", bridge.dir().join("config.toml"));
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // Those that want no input do not take it.
    let _ = std::io::Write::write_all(&mut stdin, b"secret\n");
    drop(stdin);
    let output = child.wait_with_output().expect("ends");
    let values = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    values.collect::<Result<_, _>>().expect("JSON")
}

/// A guest that is made up, and a configuration that knows it.
fn demo() -> Bridge {
    let bridge = Bridge::start(qga_cli::demo::agent()).expect("it listens");
    let config =
        format!("discover = false\n[targets.a]\nconnect = \"{}\"\n", bridge.socket().display());
    std::fs::write(bridge.dir().join("config.toml"), config).expect("written");
    bridge
}

#[test]
fn every_result_of_our_own_has_its_shape() {
    let schemas = schemas();
    let bridge = demo();
    for (shape, arguments) in OURS {
        let arguments = [&["--json"], *arguments].concat();
        let values = values(&bridge, &arguments);
        let [value] = values.as_slice() else { panic!("{arguments:?}: {values:?}") };
        assert_eq!(faults(&schemas, shape, value), Vec::<String>::new());
    }
}

#[test]
fn lines_of_json_have_the_same_shapes_one_record_each() {
    let schemas = schemas();
    let bridge = demo();
    for (shape, arguments) in OURS {
        let arguments = [&["--jsonl"], *arguments].concat();
        let values = values(&bridge, &arguments);
        let is_list = schemas["$defs"][shape]["type"] == "array";
        let whole = match values.as_slice() {
            [value] if !is_list => value.clone(),
            _ => Value::Array(values),
        };
        assert_eq!(faults(&schemas, shape, &whole), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn what_is_told_while_it_lasts_has_its_shape() {
    let schemas = schemas();
    let bridge = demo();
    for (shape, arguments) in [
        ("ping-watch", &["ping", "--watch", "--interval", "1ms"][..]),
        ("stats", &["stats", "--watch=1ms"]),
    ] {
        for format in ["--json", "--jsonl"] {
            let mut child =
                qga(bridge.socket(), &[&[format], arguments].concat()).spawn().expect("it runs");
            let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
            let mut lines = lines.map_while(Result::ok).map(|line| line.parse().expect("JSON"));
            for value in lines.by_ref().take(3) {
                assert_eq!(faults(&schemas, shape, &value), Vec::<String>::new());
            }
            signal(&child, Signal::INT);
            let last: Vec<Value> = lines.collect();
            if shape == "ping-watch" {
                let summary = last.last().expect("a summary");
                assert_eq!(faults(&schemas, "ping", summary), Vec::<String>::new());
            }
            assert!(matches!(child.wait().expect("ends").code(), Some(0 | 130)));
        }
    }
    let pids = values(&bridge, &["--json", "exec", "--detach", "--", "sleep", "100"]);
    let pid = pids[0]["pid"].to_string();
    for format in ["--json", "--jsonl"] {
        let running = values(&bridge, &[format, "exec", "--status", &pid]);
        assert_eq!(faults(&schemas, "exec-running", &running[0]), Vec::<String>::new());
    }
}

#[test]
fn every_shape_is_tried() {
    let schemas = schemas();
    let elsewhere = ["error", "exec-running", "output", "ping-watch", "record"];
    let untried: Vec<&String> = schemas["$defs"]
        .as_object()
        .expect("an object")
        .keys()
        .filter(|shape| !OURS.iter().any(|(tried, _)| tried == shape))
        .collect();
    assert_eq!(untried, elsewhere);
}

#[test]
fn where_the_shape_is_that_of_qemu_the_result_is_what_the_agent_said() {
    let agent = qga_cli::demo::agent();
    let mut client = Client::new(agent.connect());
    let mut said = |name: &'static str| -> Value {
        let request = Request::raw(name, &serde_json::json!({})).expect("a request");
        let reply = client.request(&request, None).expect("answered").expect("a reply");
        serde_json::from_str(reply.value().expect("JSON").get()).expect("JSON")
    };
    let bridge = demo();
    for (arguments, command) in [
        (&["hostname"][..], "guest-get-host-name"),
        (&["fs"], "guest-get-fsinfo"),
        (&["disks"], "guest-get-disks"),
        (&["net"], "guest-network-get-interfaces"),
        (&["routes"], "guest-network-get-route"),
        (&["users"], "guest-get-users"),
        (&["cpus"], "guest-get-vcpus"),
        (&["load"], "guest-get-load"),
        (&["timezone"], "guest-get-timezone"),
        (&["trim"], "guest-fstrim"),
        (&["call", "guest-get-osinfo"], "guest-get-osinfo"),
    ] {
        let expected = said(command);
        let json = values(&bridge, &[&["--json"], arguments].concat());
        assert_eq!(json, std::slice::from_ref(&expected), "{arguments:?}");
        let lines = values(&bridge, &[&["--jsonl"], arguments].concat());
        let lines = if expected.is_array() { vec![Value::Array(lines)] } else { lines };
        assert_eq!(lines, [expected], "{arguments:?}");
    }
}

#[test]
fn results_of_a_real_agent_have_the_same_shapes() {
    let Some(agent) = qga_tests::agent::Agent::start() else { return };
    let schemas = schemas();
    for (shape, arguments) in [
        ("ping", &["ping"][..]),
        ("wait", &["wait"]),
        ("doctor", &["doctor"]),
        ("commands", &["commands", "--agent"]),
        ("info", &["info"]),
        ("stats", &["stats"]),
        ("time", &["time"]),
        ("exec", &["exec", "--", "echo", "hello"]),
        ("exec", &["sh", "kill -9 $$"]),
        ("copied", &["cp", "/etc/passwd", "guest:/tmp/qga-test-shape"]),
    ] {
        // A guest's folder of its own.
        let there = format!("guest:{}/", agent.dir().display());
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|word| if word.starts_with("guest:") { &there } else { *word })
            .collect();
        let output = run(agent.socket(), &[&["--json"], arguments.as_slice()].concat());
        let value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(faults(&schemas, shape, &value), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn several_guests_and_failures_have_their_shapes() {
    let bridge = Bridge::start(qga_cli::demo::agent()).expect("it listens");
    let schemas = schemas();
    let missing = bridge.dir().join("missing.sock");
    let run = |sockets: &[&Path]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qga"));
        for socket in sockets {
            command.arg("-c").arg(socket);
        }
        command.args(["--json", "hostname"]).output().expect("it runs")
    };
    let output = run(&[&bridge.socket(), &missing]);
    let records: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    for record in &records {
        assert_eq!(faults(&schemas, "record", record), Vec::<String>::new());
    }
    assert_eq!(records.len(), 2);
    let output = run(&[&missing]);
    let said: Value = serde_json::from_slice(&output.stderr).expect("JSON");
    assert_eq!(faults(&schemas, "error", &said["error"]), Vec::<String>::new());
}

#[test]
fn every_command_has_a_shape_or_is_known_to_have_none_of_our_own() {
    let schemas = schemas();
    let has_one = |name: &str| {
        !schemas["$defs"][name].is_null() || NOT_OURS.contains(&name) || SHARED.contains(&name)
    };
    assert_eq!(commands_but(has_one), Vec::<String>::new());
}
