//! Results have the shapes that are written down.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use qga_tests::bridge::Bridge;
use serde_json::{Value, json};

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

#[test]
fn every_result_of_our_own_has_its_shape() {
    let bridge = Bridge::start(qga_cli::demo::agent()).expect("it listens");
    let schemas = schemas();
    let mut tried = BTreeSet::new();
    let config = bridge.dir().join("config.toml");
    std::fs::write(
        &config,
        format!("discover = false\n[targets.a]\nconnect = \"{}\"\n", bridge.socket().display()),
    )
    .expect("written");
    for (shape, arguments) in [
        ("ping", &["ping"][..]),
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
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_qga"))
            .args(["--json", "-c"])
            .arg(bridge.socket())
            .args(arguments)
            .env("QGA_CONFIG", &config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        // Those that want no input do not take it.
        let _ = std::io::Write::write_all(&mut stdin, b"secret\n");
        drop(stdin);
        let output = child.wait_with_output().expect("ends");
        let value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(faults(&schemas, shape, &value), Vec::<String>::new());
        tried.insert(shape);
    }
    let untried: Vec<&String> = schemas["$defs"]
        .as_object()
        .expect("an object")
        .keys()
        .filter(|shape| !tried.contains(shape.as_str()))
        .collect();
    assert_eq!(untried, ["error", "exec-running", "output", "ping-watch", "record"]);
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
    let forgotten: Vec<String> = qga_cli::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .filter(|name| {
            schemas["$defs"][name].is_null()
                && !NOT_OURS.contains(&name.as_str())
                && !SHARED.contains(&name.as_str())
        })
        .collect();
    assert_eq!(forgotten, Vec::<String>::new());
}
