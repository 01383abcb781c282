//! Files in the guest: against a fake agent in both faces, and against a real one where there is one.

use std::io;
use std::time::Duration;

use qga_bindings::fake::{Answer, Run};
use qga_bindings::files::{CopyOptions, DirOptions, FileProblem, Verified};
use qga_bindings::{Error, commands};
use qga_tests::with_both_clients;

const NONE: [i64; 0] = [];

/// Bytes without a short period, so that a piece in the wrong place shows.
fn bytes(length: usize) -> Vec<u8> {
    let word = |n: usize| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes();
    (0..length.div_ceil(8)).flat_map(word).take(length).collect()
}

with_both_clients! {
    fn a_file_is_read_whole_up_to_a_limit(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", bytes(5000)).insert("/empty", "");
        let mut files = client.files();
        assert_eq!(done(files.read("/f", 5000)).expect("it fits"), bytes(5000));
        assert_eq!(done(files.read("/empty", 0)).expect("it fits"), b"");
        let error = done(files.read("/f", 4999)).expect_err("one byte too many");
        assert!(matches!(*error.problem, FileProblem::TooLong { limit: 4999 }), "{error}");
        assert_eq!(disk.open_handles(), NONE);
    }

    fn a_file_is_written_in_place_of_what_was_in_it(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", bytes(5000));
        done(client.files().write("/f", b"new")).expect("written");
        assert_eq!(disk.get("/f").as_deref(), Some(b"new".as_slice()));
        done(client.files().write("/f", b"")).expect("written");
        assert_eq!(disk.get("/f").as_deref(), Some(b"".as_slice()));
        assert_eq!(disk.open_handles(), NONE);
    }

    fn a_copy_in_pieces_of_any_size_is_whole(agent, client) {
        let disk = agent.add_files();
        for (length, chunk) in [(0, 1), (1, 1), (10, 3), (12, 3), (4096, 4096), (200_000, 65_536)] {
            let options = || CopyOptions::new().chunk_size(chunk);
            let copied = done(client.files().copy_in(bytes(length).as_slice(), "/f", options())).expect("copied");
            assert_eq!(copied.bytes, length as u64);
            assert!(disk.get("/f") == Some(bytes(length)), "{length} bytes by {chunk}");
            let mut back = Vec::new();
            let copied = done(client.files().copy_out("/f", &mut back, options())).expect("copied");
            assert_eq!(copied.bytes, length as u64);
            assert!(back == bytes(length), "{length} bytes by {chunk}");
        }
        assert_eq!(disk.open_handles(), NONE);
    }

    fn an_agent_that_takes_and_gives_less_than_it_is_asked_for_gets_it_all_the_same(agent, client) {
        let disk = agent.add_files();
        disk.set_transfer_limit(7);
        done(client.files().write("/f", &bytes(100))).expect("written");
        assert_eq!(disk.get("/f"), Some(bytes(100)));
        assert_eq!(done(client.files().read("/f", 100)).expect("read"), bytes(100));
    }

    /// Peers' pain 15: ignored write counts.
    fn a_count_that_the_agent_makes_up_is_an_error(agent, client) {
        let disk = agent.add_files();
        for (reply, wrong) in [
            (r#"{"count": 4, "eof": false}"#, true),
            (r#"{"count": -1, "eof": false}"#, true),
            (r#"{"count": 0, "eof": false}"#, false),
        ] {
            agent.on("guest-file-write", move |_| Answer::json(reply));
            let error = done(client.files().write("/f", b"abc")).expect_err("not three");
            assert_eq!(matches!(*error.problem, FileProblem::WrongCount { .. }), wrong, "{error}");
            assert_eq!(matches!(*error.problem, FileProblem::NothingWritten), !wrong, "{error}");
        }
        for reply in [
            r#"{"count": 2, "buf-b64": "YWJj", "eof": true}"#,
            r#"{"count": -1, "buf-b64": "", "eof": true}"#,
            r#"{"count": 3, "buf-b64": "YWJj", "eof": true}"#,
        ] {
            agent.on("guest-file-read", move |_| Answer::json(reply));
            let options = CopyOptions::new().chunk_size(2);
            let error = done(client.files().copy_out("/f", io_sink(), options)).expect_err("not two");
            assert!(matches!(*error.problem, FileProblem::WrongCount { .. }), "{error}");
        }
        assert_eq!(disk.open_handles(), NONE);
    }

    fn progress_is_told_after_each_piece(agent, client) {
        agent.add_files().insert("/f", bytes(10));
        let mut told = Vec::new();
        let options = CopyOptions::new().chunk_size(4).offset(1).progress(|done| told.push(done));
        done(client.files().copy_out("/f", io_sink(), options)).expect("copied");
        assert_eq!(told, [5, 9, 10]);
    }

    fn a_copy_out_that_was_interrupted_goes_on_where_it_was(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", bytes(1000));
        let mut copy = Vec::new();
        let (cut, mut pieces) = (agent.clone(), 0);
        let options = CopyOptions::new().chunk_size(100).progress(move |_| {
            pieces += 1;
            if pieces == 3 {
                cut.on("guest-file-read", |_| Answer::silence().then_hang_up());
            }
        });
        let error = done(client.files().copy_out("/f", &mut copy, options)).expect_err("cut");
        assert!(matches!(*error.problem, FileProblem::Agent(Error::OutcomeUnknown { .. })), "{error}");
        assert_eq!((error.done, copy.len()), (300, 300));
        assert!(error.leaked.is_empty(), "{error}");
        let disk = agent.add_files();
        disk.insert("/f", bytes(1000));
        let options = CopyOptions::new().offset(error.done);
        let copied = done(client.files().copy_out("/f", &mut copy, options)).expect("the rest");
        assert_eq!(copied.bytes, 700);
        assert!(copy == bytes(1000));
    }

    fn a_copy_in_that_was_interrupted_goes_on_where_it_was(agent, client) {
        let disk = agent.add_files();
        let source = bytes(100_000);
        let (cut, mut pieces) = (agent.clone(), 0);
        let options = CopyOptions::new().chunk_size(10_000).progress(move |_| {
            pieces += 1;
            if pieces == 3 {
                cut.hang_up();
            }
        });
        let copied = done(client.files().copy_in(source.as_slice(), "/f", options));
        copied.expect("a connection that ends between two commands is made again");
        disk.insert("/f", bytes(30_000));
        let rest = source.get(30_000..).unwrap_or_default();
        let options = CopyOptions::new().offset(30_000).verify(true);
        let copied = done(client.files().copy_in(rest, "/f", options)).expect("the rest");
        assert_eq!((copied.bytes, copied.verified), (70_000, Verified::ByReading));
        assert!(disk.get("/f") == Some(source));
        assert_eq!(disk.open_handles(), NONE);
    }

    fn a_copy_that_does_not_fit_what_is_there_is_not_resumed(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", bytes(10));
        let mut files = client.files();
        let resume = |from| CopyOptions::new().offset(from);
        let error = done(files.copy_out("/f", io_sink(), resume(11))).expect_err("behind the end");
        assert!(matches!(*error.problem, FileProblem::BehindTheEnd { length: 10 }), "{error}");
        let error = done(files.copy_in(b"x".as_slice(), "/f", resume(11))).expect_err("behind the end");
        assert!(matches!(*error.problem, FileProblem::BehindTheEnd { length: 10 }), "{error}");
        let error = done(files.copy_in(b"x".as_slice(), "/f", resume(5))).expect_err("longer");
        assert!(matches!(*error.problem, FileProblem::TailLeft { length: 10 }), "{error}");
        let error = done(files.copy_in(b"x".as_slice(), "/f", resume(5).replace(true))).expect_err("not both");
        assert!(matches!(*error.problem, FileProblem::CannotResume), "{error}");
        assert_eq!(disk.open_handles(), NONE);
    }

    fn a_full_disk_shows_before_the_file_is_closed_and_it_is_closed_once(agent, client) {
        let disk = agent.add_files();
        disk.set_capacity(10);
        for length in [11, 5000] {
            let error = done(client.files().write("/f", &bytes(length))).expect_err("no room");
            assert!(error.to_string().contains("No space left"), "{error}");
            let mut files = client.files();
            done(files.length("/f")).expect("it is there");
            assert_eq!(disk.crashes(), 0);
        }
        let closes = agent.requests().into_iter().filter(|call| call.name == "guest-file-close");
        assert_eq!(closes.count(), 4);
    }

    fn a_handle_whose_close_has_no_answer_is_told_and_not_closed_again(agent, client) {
        agent.add_files().insert("/f", "abc");
        agent.on("guest-file-close", |_| Answer::silence().then_hang_up());
        let mut files = client.files();
        let error = done(files.read("/f", 10)).expect_err("no answer");
        let handles: Vec<_> = error.leaked.iter().map(|leak| (leak.path.as_str(), leak.handle)).collect();
        assert_eq!(handles, [("/f", Some(1000))]);
        agent.without("guest-file-close");
        done(files.read("/f", 10)).expect_err("nothing can be closed");
        let closes = agent.requests().into_iter().filter(|call| call.name == "guest-file-close");
        assert_eq!(closes.map(|call| call.arguments["handle"].as_i64()).collect::<Vec<_>>(), [Some(1000), Some(1001)]);
        assert_eq!(files.leaked().len(), 2);
    }

    fn a_handle_that_could_not_be_closed_for_lack_of_a_connection_is_closed_by_the_next_call(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", bytes(1000));
        let mut files = client.files();
        let cut = agent.clone();
        let options = CopyOptions::new().chunk_size(100).progress(move |_| {
            cut.set_refusing(true).hang_up();
        });
        let error = done(files.copy_out("/f", io_sink(), options)).expect_err("refused");
        assert_eq!(error.leaked.len(), 1, "{error}");
        assert_eq!(disk.open_handles(), [1000]);
        agent.set_refusing(false);
        done(files.read("/f", 1000)).expect("accepted again");
        assert_eq!((disk.open_handles(), files.leaked()), (NONE.to_vec(), vec![]));
    }

    fn a_failing_source_or_target_closes_the_file(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", bytes(1000));
        let mut files = client.files();
        let error = done(files.copy_out("/f", io::Cursor::new(vec![0; 10].into_boxed_slice()), CopyOptions::new())).expect_err("no room");
        assert!(matches!(*error.problem, FileProblem::Local(_)), "{error}");
        assert_eq!(disk.open_handles(), NONE);
    }

    fn more_than_the_limit_is_not_copied(agent, client) {
        let disk = agent.add_files();
        let options = || CopyOptions::new().chunk_size(10).limit(15);
        let error = done(client.files().copy_in(bytes(16).as_slice(), "/f", options())).expect_err("16");
        assert!(matches!(*error.problem, FileProblem::TooLong { limit: 15 }), "{error}");
        assert_eq!(error.done, 10);
        done(client.files().copy_in(bytes(15).as_slice(), "/f", options())).expect("15");
        assert_eq!(disk.open_handles(), NONE);
    }

    fn a_copy_is_compared_by_digest_where_programs_may_be_run_and_by_reading_elsewhere(agent, client) {
        let disk = agent.add_files();
        let verify = || CopyOptions::new().chunk_size(1000).verify(true);
        let copied = done(client.files().copy_in(bytes(5000).as_slice(), "/f", verify())).expect("alike");
        assert_eq!(copied.verified, Verified::ByReading);
        agent.add_programs(&disk);
        let copied = done(client.files().copy_in(bytes(5000).as_slice(), "/f", verify())).expect("alike");
        assert_eq!(copied.verified, Verified::ByDigest);
        let copied = done(client.files().copy_out("/f", io_sink(), verify())).expect("alike");
        assert_eq!(copied.verified, Verified::ByDigest);
    }

    fn a_copy_that_differs_is_an_error(agent, client) {
        let disk = agent.add_files();
        let spoil = disk.clone();
        agent.on("guest-file-flush", move |_| {
            spoil.insert("/f", "something else");
            Answer::empty()
        });
        let error = done(client.files().copy_in(b"something".as_slice(), "/f", CopyOptions::new().verify(true)));
        let error = error.expect_err("spoiled");
        assert!(matches!(*error.problem, FileProblem::Differs), "{error}");
        assert_eq!(disk.open_handles(), NONE);
    }

    fn permissions_are_there_before_the_bytes(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk);
        let secret = CopyOptions::new().permissions(0o600);
        done(client.files().copy_in(b"secret".as_slice(), "/f", secret)).expect("copied");
        assert_eq!(done(client.files().permissions("/f")).expect("known"), 0o600);
        let names: Vec<_> = agent.requests().into_iter().map(|call| call.name).collect();
        let at = |name: &str| names.iter().position(|other| other == name);
        assert!(at("guest-exec") < at("guest-file-open"), "{names:?}");
        let error = done(client.files().permissions("/nothing")).expect_err("not there");
        assert!(matches!(*error.problem, FileProblem::Program { .. }), "{error}");
    }

    fn a_replacement_is_complete_or_not_there(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk);
        disk.insert("/f", "old");
        let replace = || CopyOptions::new().replace(true).verify(true);
        disk.set_capacity(100);
        let error = done(client.files().copy_in(bytes(200).as_slice(), "/f", replace())).expect_err("no room");
        assert_eq!(error.done, 0, "{error}");
        assert_eq!((disk.get("/f").as_deref(), disk.paths().len()), (Some(b"old".as_slice()), 1));
        done(client.files().copy_in(b"new".as_slice(), "/f", replace())).expect("replaced");
        assert_eq!((disk.get("/f").as_deref(), disk.paths().len()), (Some(b"new".as_slice()), 1));
        assert_eq!(done(client.files().permissions("/f")).expect("known"), 0o666, "as it was");
        done(client.files().copy_in(b"x".as_slice(), "/new", replace())).expect("made");
        assert_eq!(done(client.files().permissions("/new")).expect("known"), 0o600);
    }

    fn a_replacement_without_programs_is_refused_and_nothing_is_written(agent, client) {
        let disk = agent.add_files();
        disk.insert("/f", "old");
        let replace = CopyOptions::new().replace(true);
        let error = done(client.files().copy_in(b"new".as_slice(), "/f", replace)).expect_err("no programs");
        assert!(matches!(*error.problem, FileProblem::Exec(_)), "{error}");
        assert_eq!(disk.get("/f").as_deref(), Some(b"old".as_slice()));
    }

    fn a_digest_that_is_none_leads_to_reading(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk).insert("C:/certutil", |_| Run::exit(0).stdout("not a digest\r\n"));
        agent.on("guest-get-osinfo", |_| Answer::json(r#"{"id": "mswindows"}"#));
        let verify = CopyOptions::new().verify(true);
        let copied = done(client.files().copy_in(bytes(50).as_slice(), "/f", verify)).expect("alike");
        assert_eq!(copied.verified, Verified::ByReading);
    }
}

/// Nothing is kept of what is written here, in either face.
fn io_sink() -> Nowhere {
    Nowhere
}

/// Takes everything.
struct Nowhere;

impl io::Write for Nowhere {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ::tokio::io::AsyncWrite for Nowhere {
    fn poll_write(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buf: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        std::task::Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

#[test]
fn a_dropped_copy_leaves_its_handle_to_the_next_call() {
    use qga_bindings::tokio::{Client, Helpers as _};
    let agent = qga_bindings::fake::Agent::new();
    let disk = agent.add_files();
    disk.insert("/f", bytes(1000));
    let mut client = Client::new(agent.connect());
    let mut files = client.files();
    agent.on("guest-file-read", |_| Answer::silence());
    qga_tests::both::block_on(async {
        let copy = files.copy_out("/f", io_sink(), CopyOptions::new());
        ::tokio::time::timeout(Duration::from_millis(10), copy).await.expect_err("no answer");
        assert_eq!(files.leaked().len(), 1);
        assert_eq!(files.length("/f").await.expect("it is there"), 1000);
        assert!(files.leaked().is_empty());
    });
    assert_eq!(disk.open_handles(), NONE);
}

#[test]
fn the_futures_of_a_copy_can_move_between_threads() {
    use qga_bindings::tokio::{Client, Helpers as _};
    fn can_move<F: Future + Send>(future: F) {
        drop(future);
    }
    let agent = qga_bindings::fake::Agent::new();
    let mut client = Client::new(agent.connect());
    can_move(client.files().copy_out("/f", io_sink(), CopyOptions::new()));
    can_move(client.files().copy_in(b"".as_slice(), "/f", CopyOptions::new()));
    can_move(client.files().copy_dir_out("/d", "/nowhere", DirOptions::new()));
    can_move(client.files().copy_dir_in("/nowhere", "/d", DirOptions::new()));
    can_move(client.execute(&commands::GuestPing::new()));
}
