//! What holds for a session whatever the agent sends.

use proptest::prelude::*;
use qga_bindings::protocol::Request;
use qga_tests::channels::{PIECES, busy, check_session, history, input, recovers, syncing};
use qga_tests::seed::{inputs, kept, seed};

/// Pieces that agents send, and pieces that something worse does.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
        1 => (0_usize..300).prop_map(|depth| [b"{\"return\":".to_vec(), vec![b'['; depth]].concat()),
        1 => (0_usize..300).prop_map(|length| vec![b'a'; length]),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
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
        prop_assert!(recovers(session, id, &late));
    }
}

#[test]
fn streams_that_no_agent_would_send_harm_nothing() {
    let first = seed("streams");
    for number in inputs(2000) {
        check_session(&input(first.wrapping_add(number)));
    }
}

#[test]
fn streams_that_fuzzing_found_harm_nothing() {
    for stream in kept("session") {
        check_session(&stream);
    }
}
