//! What holds for a session whatever the agent sends.

use proptest::prelude::*;
use qga_bindings::protocol::{Event, Request, Session};

/// Pieces that agents send, and pieces that something worse does.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"{\"return\": {}}\n",
        b"{\"return\": 7}\n",
        b"\xff{\"return\": 7}\n",
        b"{\"return\": 8}\r\n",
        b"{\"return\": {\"buf-b64\": \"AAAA",
        b"BBBB\", \"eof\": false}}\n",
        b"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray '\\uFFFD'\"}}\n",
        b"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command no-such-command-9 has not been found\"}}\n",
        b"{\"error\": {\"class\": \"CommandNotFound\"}, \"id\": 1}\n",
        b"{\"execute\":\"guest-ping\"}\r\n",
        b"{\"return\": inf}\n",
        b"{\"return\": \"\\\"\\\\\"}",
        b"login: ",
        b"{",
        b"}",
        b"[",
        b"\"",
        b"\\",
        b"\xff",
        b"\n",
    ];
    prop_oneof![
        8 => proptest::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => (0_usize..300).prop_map(|depth| [b"{\"return\":".to_vec(), vec![b'['; depth]].concat()),
        1 => (0_usize..300).prop_map(|length| vec![b'a'; length]),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

/// What a session did with a stream that came in pieces that end at the given places.
fn history(mut session: Session, stream: &[u8], cuts: &[usize]) -> (Vec<String>, Vec<u8>, bool) {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    cuts.push(stream.len());
    cuts.sort_unstable();
    let (mut events, mut written, mut from) = (Vec::new(), Vec::new(), 0);
    for to in cuts {
        session.receive(&stream[from..to]);
        from = to;
        written.extend_from_slice(session.outgoing());
        session.sent(session.outgoing().len());
        while let Some(event) = session.poll() {
            events.push(format!("{event:?}"));
        }
    }
    let ready = session.is_ready();
    session.finish();
    events.extend(session.poll().map(|event| format!("{event:?}")));
    (events, written, ready)
}

fn syncing() -> Session {
    let mut session = Session::new();
    session.set_reply_limit(200);
    session.sync(7);
    session.sent(session.outgoing().len());
    session
}

fn busy(request: &Request) -> Session {
    let mut session = syncing();
    session.receive(b"\xff{\"return\": 7}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)));
    assert_eq!(session.submit(request), Ok(()));
    session.sent(session.outgoing().len());
    session
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn where_a_stream_is_cut_makes_no_difference_to_a_handshake(
        stream in stream(),
        cuts in proptest::collection::vec(any::<usize>(), 0..40),
    ) {
        prop_assert_eq!(history(syncing(), &stream, &cuts), history(syncing(), &stream, &[]));
    }

    #[test]
    fn where_a_stream_is_cut_makes_no_difference_to_a_command(
        stream in stream(),
        cuts in proptest::collection::vec(any::<usize>(), 0..40),
        reply_expected in any::<bool>(),
    ) {
        let request = Request::raw("guest-shutdown", &()).expect("no arguments");
        let request = if reply_expected { request } else { request.without_reply() };
        let whole = history(busy(&request), &stream, &[]);
        let every_byte: Vec<usize> = (0..stream.len()).collect();
        prop_assert_eq!(history(busy(&request), &stream, &cuts), whole.clone());
        prop_assert_eq!(history(busy(&request), &stream, &every_byte), whole);
    }

    #[test]
    fn after_anything_a_handshake_puts_the_channel_in_order(before in stream(), late in stream()) {
        let mut session = busy(&Request::raw("guest-ping", &()).expect("no arguments"));
        session.receive(&before);
        let id = 1 << 52;
        session.sync(id);
        session.receive(&late);
        // What came late may look like refusals of the handshake; then it is the answer to the last resort that counts.
        for id in id..id + 3 {
            let answer = format!("{{\"return\": {id}}}\n");
            session.receive(&[b"\xff", answer.as_bytes()].concat());
        }
        let name = format!("no-such-command-{}", id + 2);
        let echo = format!("{{\"error\": {{\"class\": \"CommandNotFound\", \"desc\": \"{name}\"}}}}\n");
        let synced = matches!(session.poll(), Some(Event::Synced));
        session.receive(echo.as_bytes());
        prop_assert!(synced || matches!(session.poll(), Some(Event::Synced)));
    }
}
