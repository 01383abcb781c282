//! What is told of calls by way of `tracing`: how they went, and nothing that can be secret.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use qga_bindings::commands::{GuestPing, GuestSetUserPassword};
use qga_bindings::fake::{Agent, Answer};
use qga_bindings::protocol::Request;
use qga_bindings::{Command, blocking, tokio};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

type Fields = BTreeMap<String, String>;

/// Keeps the fields of every span, in the order in which the spans began.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Fields>>>);

struct Keep<'a>(&'a mut Fields);

impl Visit for Keep<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let before = self.0.insert(field.name().to_owned(), format!("{value:?}"));
        assert_eq!(before, None, "{field} is told twice");
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("qga_bindings")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::from([("name".to_owned(), span.metadata().name().to_owned())]);
        span.record(&mut Keep(&mut fields));
        let mut spans = self.0.lock().expect("no panic before");
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let at = usize::try_from(span.into_u64()).expect("few spans") - 1;
        values.record(&mut Keep(&mut self.0.lock().expect("no panic before")[at]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What is told while something is done.
fn told(what: impl FnOnce()) -> Vec<Fields> {
    let spans = Spans::default();
    tracing::subscriber::with_default(spans.clone(), what);
    spans.0.lock().expect("no panic before").clone()
}

#[test]
fn a_call_is_told_with_its_command_outcome_duration_and_bytes() {
    let agent = Agent::new();
    let spans = told(|| {
        let mut client = blocking::Client::new(agent.connect());
        client.execute(&GuestPing::new()).expect("it answers");
        client.execute(&GuestPing::new()).expect("it answers");
        let unknown = Request::raw("guest-nothing", &()).expect("no arguments");
        client.request(&unknown, None).expect_err("it does not exist");
        agent.on("guest-ping", |_| Answer::json("[]"));
        client.execute(&GuestPing::new()).expect_err("no object");
    });
    let field = |name: &str| spans.iter().map(|span| span[name].clone()).collect::<Vec<_>>();
    assert_eq!(field("name"), ["qga"; 4]);
    let commands = ["guest-ping", "guest-ping", "guest-nothing", "guest-ping"];
    assert_eq!(field("command"), commands.map(|name| format!("{name:?}")));
    let outcomes = ["done", "done", "refused", "unexpected reply"];
    assert_eq!(field("outcome"), outcomes.map(|outcome| format!("{outcome:?}")));
    assert!(field("duration_us").iter().all(|duration| duration.parse::<u64>().is_ok()));
    // The first one has the handshake.
    let length = r#"{"execute":"guest-ping"}"#.len().to_string();
    assert_eq!(field("bytes_sent")[1], length);
    assert_eq!(field("bytes_received")[1], "{\"return\": {}}\n".len().to_string());
    assert_ne!(field("bytes_sent")[0], length);
}

#[test]
fn a_call_that_is_dropped_is_told_as_abandoned() {
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    let agent = Agent::new();
    agent.on("guest-sync-delimited", |_| Answer::silence());
    let spans = told(|| {
        let _context = runtime.enter();
        let mut client = tokio::Client::new(agent.connect());
        let ping = GuestPing::new();
        let mut call = pin!(client.execute(&ping));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
    let [span] = &spans[..] else { unreachable!("{spans:?}") };
    assert_eq!(span["outcome"], "\"abandoned\"");
}

#[test]
fn secrets_are_neither_told_nor_printed() {
    const SECRET: &str = "hunter2";
    let command = GuestSetUserPassword::new("root", SECRET, false);
    let printed = format!("{command:?} {:?}", Request::new(&command).expect("written"));
    assert!(printed.contains("root") && !printed.contains(SECRET), "{printed}");

    let agent = Agent::new();
    let encoded = serde_json::to_value(&command).expect("written")["password"].clone();
    let spans = told(|| {
        let mut client = blocking::Client::new(agent.connect());
        let error = client.execute(&command).expect_err("the agent does not know it");
        assert_eq!(error.command(), GuestSetUserPassword::NAME);
        assert!(!format!("{error} {error:?}").contains(SECRET));
        let raw = Request::raw(GuestSetUserPassword::NAME, &json!({"password": SECRET}));
        client.request(&raw.expect("written"), Some(Duration::from_secs(20))).expect_err("neither");
    });
    let told = format!("{spans:?}");
    assert!(told.contains(GuestSetUserPassword::NAME) && !told.contains(SECRET), "{told}");
    assert!(!told.contains(encoded.as_str().expect("base64")), "{told}");
}
