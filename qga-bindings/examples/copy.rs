//! Copies a file into the guest and out of it again, with progress, comparison and resumption:
//! `cargo run --release --features fake --example copy -- [/path/to/agent.sock from guest-path to]`.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use qga_bindings::blocking::{Files, Helpers};
use qga_bindings::files::{CopyOptions, FileError, FileProblem};
use qga_bindings::{Execute, blocking};

mod guest;

/// How often a copy is begun again after the connection was lost.
const ATTEMPTS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [socket, from, path, to] = arguments.as_slice() {
        let mut client = guest::connect(Some(socket));
        return copy(&mut client, File::open(from)?, path, File::create(to)?);
    }
    let bytes = std::io::Cursor::new(b"what goes in comes out\n".repeat(100_000));
    copy(&mut guest::connect(None), bytes, "/tmp/copy", std::io::Cursor::new(Vec::new()))
}

/// Copies there and back, and says how long it took.
fn copy<S: blocking::Stream>(
    client: &mut blocking::Client<S>,
    mut from: impl Read + Seek,
    path: &str,
    mut to: impl Write + Seek,
) -> Result<(), Box<dyn Error>> {
    let mut files = client.files();
    let start = Instant::now();
    let bytes = resuming(&mut files, |files, offset| {
        from.seek(SeekFrom::Start(offset)).map_err(Box::<dyn Error>::from)?;
        Ok(files.copy_in(&mut from, path, options(offset)).map(|copied| copied.bytes + offset)?)
    })?;
    report("in", bytes, start.elapsed());
    let start = Instant::now();
    let bytes = resuming(&mut files, |files, offset| {
        to.seek(SeekFrom::Start(offset)).map_err(Box::<dyn Error>::from)?;
        Ok(files.copy_out(path, &mut to, options(offset)).map(|copied| copied.bytes + offset)?)
    })?;
    report("out", bytes, start.elapsed());
    Ok(())
}

/// Copies from the beginning, and after a lost connection from where it was.
fn resuming<'a, E: Execute<Error = qga_bindings::Error>>(
    files: &mut Files<'a, E>,
    mut copy: impl FnMut(&mut Files<'a, E>, u64) -> Result<u64, Box<dyn Error>>,
) -> Result<u64, Box<dyn Error>> {
    let mut offset = 0;
    for _ in 1..ATTEMPTS {
        let error = match copy(files, offset) {
            Ok(bytes) => return Ok(bytes),
            Err(error) => error,
        };
        match error.downcast_ref::<FileError>() {
            Some(FileError { problem, done, .. }) if matches!(**problem, FileProblem::Agent(_)) => {
                println!("{error}; once more from {done}");
                offset = *done;
            }
            _ => return Err(error),
        }
    }
    copy(files, offset)
}

fn options(offset: u64) -> CopyOptions<'static> {
    let mut told = Instant::now();
    CopyOptions::new().verify(true).offset(offset).progress(move |done| {
        if told.elapsed() > Duration::from_secs(1) {
            told = Instant::now();
            println!("{done} bytes");
        }
    })
}

fn report(direction: &str, bytes: u64, time: Duration) {
    let mebibytes = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
    println!(
        "{direction}: {bytes} bytes in {time:?}, {:.1} MiB/s",
        f64::from(mebibytes) / time.as_secs_f64()
    );
}
