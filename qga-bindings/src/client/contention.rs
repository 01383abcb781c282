//! Whether a unix socket has other clients than this one.

use std::path::Path;

use crate::Stage;

/// Whether this client waits at a socket that serves one client at a time, and is not alone there: with a connection that is not
/// accepted, or for one if the line is full.
///
/// A connection to such a socket can be made and written to, and then there is silence, as from an agent that does not run.
/// Linux tells which connections a socket has and which of them were accepted; elsewhere, and where the socket belongs to
/// another network namespace, nobody can know.
pub(super) fn is_contended(socket: &Path, waiting_for: Stage) -> bool {
    cfg!(target_os = "linux")
        && std::fs::read("/proc/net/unix").is_ok_and(|sockets| {
            others_are_before(&String::from_utf8_lossy(&sockets), socket, waiting_for)
        })
}

/// The state of a connection that was not accepted yet.
const WAITING: &str = "02";
/// That of one that was.
const SERVED: &str = "03";

fn others_are_before(sockets: &str, socket: &Path, waiting_for: Stage) -> bool {
    let states: Vec<&str> = sockets.lines().filter_map(|line| connection(line, socket)).collect();
    match waiting_for {
        // One who has no connection is not among them.
        Stage::Connection => !states.is_empty(),
        _ => states.len() > 1 && states.contains(&WAITING),
    }
}

/// The state of the connection in a line, if it is one to this socket and its client is still there.
fn connection<'a>(line: &'a str, socket: &Path) -> Option<&'a str> {
    let mut rest = line;
    let mut column = || {
        let (column, others) = rest.trim_start().split_once(' ')?;
        rest = others;
        Some(column)
    };
    let [_, references, _, _, _, state, _] = [(); 7].map(|()| column());
    let (references, state) = (u32::from_str_radix(references?, 16).ok()?, state?);
    // The other end is one of three references.
    let is_connection = references > 2 && [WAITING, SERVED].contains(&state);
    (is_connection && is_same(Path::new(rest), socket)).then_some(state)
}

/// Whether two paths name one socket.
fn is_same(one: &Path, other: &Path) -> bool {
    let same_file = || {
        one.canonicalize()
            .ok()
            .is_some_and(|one| other.canonicalize().is_ok_and(|other| one == other))
    };
    one == other || one.file_name() == other.file_name() && same_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: &str = "00000000d1: 00000002 00000000 00010000 0001 01 47931 /run/a b.sock";
    const SERVED: &str = "00000000d2: 00000003 00000000 00000000 0001 03 47935 /run/a b.sock";
    const WAITING: &str = "00000000d3: 00000003 00000000 00000000 0001 02     0 /run/a b.sock";
    const GONE: &str = "00000000d4: 00000002 00000000 00000000 0001 03 47936 /run/a b.sock";
    const ELSEWHERE: &str = "00000000d5: 00000003 00000000 00000000 0001 03 47937 /run/c.sock";

    fn contended(lines: &[&str]) -> bool {
        contended_for(Stage::Handshake, lines)
    }

    fn contended_for(waiting_for: Stage, lines: &[&str]) -> bool {
        let heading = "Num       RefCount Protocol Flags    Type St Inode Path";
        let text = [&[heading], lines].concat().join("\n");
        others_are_before(&text, Path::new("/run/a b.sock"), waiting_for)
    }

    #[test]
    fn one_who_waits_behind_another_says_that_a_socket_is_contended() {
        assert!(contended(&[LISTENER, SERVED, WAITING]));
        assert!(contended(&[WAITING, WAITING]));
    }

    #[test]
    fn one_who_is_not_even_in_line_finds_it_contended_by_anybody() {
        assert!(contended_for(Stage::Connection, &[LISTENER, SERVED]));
        assert!(contended_for(Stage::Connection, &[LISTENER, WAITING]));
        assert!(!contended_for(Stage::Connection, &[LISTENER, GONE, ELSEWHERE]));
    }

    #[test]
    fn a_single_client_is_not_contended_and_neither_are_others_long_gone_or_elsewhere() {
        assert!(!contended(&[LISTENER]));
        assert!(!contended(&[LISTENER, SERVED]));
        assert!(!contended(&[LISTENER, WAITING]));
        assert!(!contended(&[LISTENER, GONE, WAITING, ELSEWHERE]));
        assert!(!contended(&["", "x", "1: 2 3 4 5 6 7"]));
    }
}
