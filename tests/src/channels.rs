//! What holds for a session whatever bytes come in, tried with any bytes.

use qga_bindings::protocol::{Event, Request, Session};

use crate::values::Random;

/// Pieces that agents send, and pieces that something worse does.
pub const PIECES: &[&[u8]] = &[
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

/// A session that waits for the answer to its handshake, whose number is 7.
pub fn syncing() -> Session {
    let mut session = Session::new();
    session.set_reply_limit(200);
    session.sync(7);
    session.sent(session.outgoing().len());
    session
}

/// A session that waits for the answer to a request.
///
/// # Panics
/// The handshake does not work.
pub fn busy(request: &Request) -> Session {
    let mut session = syncing();
    session.receive(b"\xff{\"return\": 7}\n");
    assert!(matches!(session.poll(), Some(Event::Synced)), "the handshake does not work");
    assert_eq!(session.submit(request), Ok(()), "it is ready");
    session.sent(session.outgoing().len());
    session
}

/// What a session did with a stream: its events, what it wrote, and whether it was ready at the end.
pub type History = (Vec<String>, Vec<u8>, bool);

/// What a session does with a stream that comes in pieces, which end at the given places.
pub fn history(mut session: Session, stream: &[u8], cuts: &[usize]) -> History {
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

/// Whether a session comes to order after anything, if the agent answers a handshake whose number is `id`, and what comes
/// before the answers does not matter.
pub fn recovers(mut session: Session, id: i64, late: &[u8]) -> bool {
    session.sync(id);
    session.receive(late);
    // What came late may look like refusals of the handshake; then it is the answer to the last resort that counts.
    for id in id..id + 3 {
        session.receive(format!("\n{{\"return\": {id}}}\n").as_bytes());
    }
    let name = format!("no-such-command-{}", id + 2);
    let echo = format!("{{\"error\": {{\"class\": \"CommandNotFound\", \"desc\": \"{name}\"}}}}\n");
    let synced = matches!(session.poll(), Some(Event::Synced));
    session.receive(echo.as_bytes());
    synced || matches!(session.poll(), Some(Event::Synced))
}

/// Takes any bytes for a stream, of which the first few say what it comes in answer to and where it is cut, and checks that the
/// cuts make no difference and that the session recovers.
///
/// # Panics
/// One of these does not hold.
#[expect(clippy::expect_used, reason = "a request without arguments can be written")]
pub fn check_session(input: &[u8]) {
    let Some((head, stream)) = input.split_at_checked(9) else { return };
    let request = || Request::raw("guest-shutdown", &()).expect("no arguments");
    let session = || match head[0] % 3 {
        0 => syncing(),
        1 => busy(&request()),
        _ => busy(&request().without_reply()),
    };
    let cuts: Vec<usize> =
        head[1..].chunks(2).map(|cut| usize::from(cut[0]) << 8 | usize::from(cut[1])).collect();
    let whole = history(session(), stream, &[]);
    assert_eq!(history(session(), stream, &cuts), whole, "cut at {cuts:?}");
    let every_byte: Vec<usize> = (0..stream.len()).collect();
    assert_eq!(history(session(), stream, &every_byte), whole, "cut everywhere");
    let (before, late) = stream.split_at(cuts[0] % (stream.len() + 1));
    let mut session = session();
    session.receive(before);
    assert!(recovers(session, 1 << 52, late), "it does not recover");
}

/// An input for [`check_session`]: pieces in any order, some of them damaged; the same for the same number.
pub fn input(number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let mut input: Vec<u8> = (0..9).map(|_| random.bits().to_le_bytes()[0]).collect();
    for _ in 0..random.below(12) {
        let mut piece = PIECES[random.below(PIECES.len())].to_vec();
        if random.once_in(4) {
            let at = random.below(piece.len());
            piece[at] = random.bits().to_le_bytes()[0];
        }
        if random.once_in(4) {
            piece.truncate(random.below(piece.len() + 1));
        }
        let times = if random.once_in(8) { 1 + random.below(300) } else { 1 };
        input.extend(piece.repeat(times));
    }
    input
}
