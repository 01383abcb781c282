//! docs/agents.md against the tests there are; and the rule that has no other place.

use std::fs;
use std::path::Path;
use std::time::Duration;

use qga_bindings::fake::{Agent, Answer};
use qga_bindings::protocol::Request;
use qga_tests::face::Face as _;
use qga_tests::in_both_faces;

#[test]
fn every_test_that_docs_agents_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/agents.md")).expect("read");
    let named = page.split('`').filter_map(|word| word.split_once("::"));
    let mut count = 0;
    for (file, test) in named.filter(|(file, _)| file.contains(".rs")) {
        let folder = if file.contains("/src/") { root.clone() } else { root.join("tests/tests") };
        let text = fs::read_to_string(folder.join(file)).expect(file);
        assert!(text.contains(&format!("fn {test}(")), "{file} has no test {test}");
        count += 1;
    }
    assert!(count >= 30, "{count} tests are named");
}

#[test]
fn docs_agents_leaves_nothing_out() {
    let page = include_str!("../../../docs/agents.md");
    let numbers = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let numbers: Vec<u32> = numbers.filter_map(|(number, _)| number.parse().ok()).collect();
    assert_eq!(numbers, (1..=12).chain(1..=16).collect::<Vec<_>>());
}

const REPLY_LIMIT: usize = 100_000;

in_both_faces! {
    fn a_client_sends_nothing_more_while_it_waits_for_a_reply(agent, client) {
        agent.on("guest-get-time", |_| Answer::json("12").after(Duration::from_secs(3)));
        let ping = Request::raw("guest-ping", &()).expect("no arguments");
        let request = Request::raw("guest-get-time", &()).expect("no arguments");
        let (short, ample) = (Duration::from_millis(100), Duration::from_secs(20));
        client.ask(&ping, ample).expect("served");
        client.ask(&request, short).expect_err("too slow");
        client.ask(&request, short).expect_err("what was asked before is still due");
        // The second was never sent: there was no answer to the handshake before it.
        assert_eq!(sent(&agent), 1);
        client.ask(&request, ample).expect("in time");
        assert_eq!(sent(&agent), 2);
    }
}

fn sent(agent: &Agent) -> usize {
    agent.requests().iter().filter(|call| call.name == "guest-get-time").count()
}
