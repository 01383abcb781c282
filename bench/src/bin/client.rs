//! The blocking client, as a program to be measured: prints what it was asked for, in microseconds.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use qga_bench::median;
use qga_bindings::Commands as _;
use qga_bindings::blocking::{Client, Helpers as _};
use qga_bindings::exec::Exec;
use qga_bindings::files::CopyOptions;

const USAGE: &str = "\
usage: client SOCKET ping|info COUNT        the median round trip
       client SOCKET exec COUNT             the median time of running /bin/true
       client SOCKET out|in PATH FILE CHUNK the time of copying a file of the guest, or into one";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [socket, ref task @ ..] = arguments[..] else { bail!(USAGE) };
    let mut client = Client::unix(socket);
    let time = match *task {
        ["ping", count] => median(count, || client.guest_ping().map(|_| ()).map_err(Into::into))?,
        ["info", count] => median(count, || client.guest_info().map(drop).map_err(Into::into))?,
        ["exec", count] => {
            let program = Exec::new("/bin/true").within(Duration::from_secs(60));
            median(count, || client.exec(&program).map(drop).map_err(Into::into))?
        }
        ["out", path, file, chunk] => {
            let to = File::create(file).with_context(|| file.to_owned())?;
            let begun = Instant::now();
            client.files().copy_out(path, to, in_pieces_of(chunk)?)?;
            begun.elapsed()
        }
        ["in", path, file, chunk] => {
            let from = File::open(Path::new(file)).with_context(|| file.to_owned())?;
            let begun = Instant::now();
            client.files().copy_in(from, path, in_pieces_of(chunk)?)?;
            begun.elapsed()
        }
        _ => bail!(USAGE),
    };
    println!("{:.3}", time.as_secs_f64() * 1e6);
    Ok(())
}

fn in_pieces_of(chunk: &str) -> Result<CopyOptions<'static>> {
    Ok(CopyOptions::new().chunk_size(chunk.parse()?))
}
