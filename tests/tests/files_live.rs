//! Files in the guest, against a real agent where there is one.
#![cfg(unix)]

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use qga_bindings::blocking::{Client, Helpers as _, Stream};
use qga_bindings::files::{CopyOptions, FileProblem, Verified};
use qga_bindings::{Commands, Error};
use qga_tests::agent::Agent;

/// Bytes without a short period, so that a piece in the wrong place shows.
fn bytes(length: usize) -> Vec<u8> {
    let word = |n: usize| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes();
    (0..length.div_ceil(8)).flat_map(word).take(length).collect()
}

fn path(agent: &Agent, name: &str) -> String {
    agent.dir().join(name).to_string_lossy().into_owned()
}

#[test]
fn sixty_four_mebibytes_go_in_and_come_out_alike() {
    let Some(agent) = Agent::start() else { return };
    let mut client = agent.client();
    let (file, size) = (path(&agent, "file"), 64 << 20);
    let bytes = bytes(size);
    let options = || CopyOptions::new().chunk_size(4 << 20);
    let copied = client.files().copy_in(bytes.as_slice(), &file, options()).expect("copied");
    assert_eq!(copied.bytes, size as u64);
    assert!(fs::read(&file).expect("it is there") == bytes);
    let mut back = Vec::new();
    client.files().copy_out(&file, &mut back, options()).expect("copied");
    assert!(back == bytes);
}

#[test]
fn a_copy_is_compared_by_a_program_of_the_guest() {
    let Some(agent) = Agent::start() else { return };
    let mut client = agent.client();
    let verify = || CopyOptions::new().verify(true);
    let file = path(&agent, "file");
    let copied = client.files().copy_in(bytes(300_000).as_slice(), &file, verify());
    assert_eq!(copied.expect("alike").verified, Verified::ByDigest);
    let copied = client.files().copy_out(&file, io::sink(), verify()).expect("alike");
    assert_eq!(copied.verified, Verified::ByDigest);
}

/// A connection that ends when so many bytes have passed in either direction, in the middle of a reply.
struct Cut {
    stream: UnixStream,
    left: Arc<AtomicUsize>,
}

impl Cut {
    fn spend(&self, bytes: usize) {
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(bytes), Ordering::Relaxed);
    }

    /// Agents that listen themselves end if what they say is not read.
    fn end(&mut self, mut last: Option<u8>) -> io::Result<usize> {
        let mut byte = [0];
        while last != Some(b'\n') && self.stream.read(&mut byte)? == 1 {
            last = byte.first().copied();
        }
        self.left.store(usize::MAX, Ordering::Relaxed);
        Ok(0)
    }
}

impl Read for Cut {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buf)?;
        self.spend(read);
        let last = buf.get(..read).and_then(<[u8]>::last).copied();
        if self.left.load(Ordering::Relaxed) == 0 { self.end(last) } else { Ok(read) }
    }
}

impl Write for Cut {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(buf)?;
        self.spend(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Stream for Cut {
    fn set_read_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.stream.set_read_limit(limit)
    }

    fn set_write_limit(&mut self, limit: Duration) -> io::Result<()> {
        self.stream.set_write_limit(limit)
    }
}

#[test]
fn a_copy_whose_connection_was_cut_goes_on_where_it_was() {
    let Some(agent) = Agent::start() else { return };
    let (socket, left) = (agent.socket(), Arc::new(AtomicUsize::new(usize::MAX)));
    let budget = Arc::clone(&left);
    let mut client = Client::connecting(move |_| {
        let left = Arc::clone(&budget);
        UnixStream::connect(&socket).map(|stream| Cut { stream, left })
    });
    let (file, bytes, mut copy) = (path(&agent, "file"), bytes(1 << 20), Vec::new());
    let options = |from| CopyOptions::new().chunk_size(100_000).offset(from).verify(from > 0);
    let mut files = client.files();

    left.store(500_000, Ordering::Relaxed);
    let error = files.copy_in(bytes.as_slice(), &file, options(0)).expect_err("cut");
    assert!((300_000..500_000).contains(&error.done), "{error}");
    let rest = &bytes[usize::try_from(error.done).expect("small")..];
    files.copy_in(rest, &file, options(error.done)).expect("the rest");
    assert!(fs::read(&file).expect("it is there") == bytes);

    left.store(500_000, Ordering::Relaxed);
    let error = files.copy_out(&file, &mut copy, options(0)).expect_err("cut");
    assert!((300_000..500_000).contains(&error.done), "{error}");
    files.copy_out(&file, &mut copy, options(error.done)).expect("the rest");
    assert!(copy == bytes);
    assert_eq!(files.leaked(), []);
}

#[test]
fn a_full_disk_is_told_and_the_agent_survives() {
    let Some(mut agent) = Agent::start() else { return };
    let mut client = agent.client();
    for length in [10, 100_000] {
        let error = client.files().write("/dev/full", &bytes(length)).expect_err("full");
        assert!(matches!(*error.problem, FileProblem::Agent(Error::Failed { .. })), "{error}");
        client.guest_ping().expect("it goes on");
    }
    assert!(!agent.has_ended().expect("known"));
}

#[test]
fn permissions_are_set_kept_and_told() {
    let Some(agent) = Agent::start() else { return };
    let mut client = agent.client();
    let mut files = client.files();
    let file = path(&agent, "with 'quotes' and $(spaces)");
    let options = CopyOptions::new().permissions(0o640);
    files.copy_in(b"a".as_slice(), &file, options).expect("copied");
    assert_eq!(files.permissions(&file).expect("known"), 0o640);
    let replace = || CopyOptions::new().replace(true).verify(true);
    files.copy_in(b"bc".as_slice(), &file, replace()).expect("replaced");
    assert_eq!(fs::read(&file).expect("it is there"), b"bc");
    let mode = fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    files.copy_in(b"".as_slice(), &file, replace().permissions(0o400)).expect("replaced");
    assert_eq!(files.permissions(&file).expect("known"), 0o400);
    let directory = agent.dir().to_str().expect("UTF-8");
    let error = files.copy_in(b"".as_slice(), directory, replace()).expect_err("a directory");
    assert!(matches!(*error.problem, FileProblem::Program { .. }), "{error}");
    let left = fs::read_dir(agent.dir().parent().expect("a parent")).expect("readable");
    let name = agent.dir().file_name().expect("a name").to_str().expect("UTF-8").to_owned();
    let mut names = left.map(|entry| entry.expect("readable").file_name());
    assert!(!names.any(|left| left.to_string_lossy().starts_with(&(name.clone() + "."))));
}

#[test]
fn a_directory_is_no_file() {
    let Some(agent) = Agent::start() else { return };
    let error = agent.client().files().read("/", 10).expect_err("a directory");
    assert!(matches!(*error.problem, FileProblem::Agent(Error::Failed { .. })), "{error}");
}

#[test]
fn a_file_without_end_is_read_up_to_the_limit() {
    let Some(agent) = Agent::start() else { return };
    let error = agent.client().files().read("/dev/zero", 1 << 20).expect_err("no end");
    assert!(matches!(*error.problem, FileProblem::TooLong { .. }), "{error}");
}
