//! The reply to a read of 48 MiB, the largest that agents allow, which comes in pieces of 64 KiB: decoded, and held against a search
//! for its end and base64 at full speed.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use qga_bindings::commands::GuestFileRead;
use qga_bindings::protocol::{Event, Request, Session};
use qga_bindings::types;

const PIECE: usize = 64 << 10;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["once", bytes] => {
            let read = decode(bytes.parse()?)?;
            println!("{}", read.count);
        }
        ["side-by-side", bytes] => {
            let bytes = bytes.parse()?;
            // Once in vain, for the memory.
            decode(bytes)?;
            limit(bytes)?;
            let begun = Instant::now();
            black_box(decode(bytes)?);
            let between = Instant::now();
            black_box(limit(bytes)?);
            let end = Instant::now();
            println!("{} {}", (between - begun).as_secs_f64(), (end - between).as_secs_f64());
        }
        _ => bail!(
            "usage: decode once BYTES: how many were read; decode side-by-side BYTES: the seconds of both"
        ),
    }
    Ok(())
}

/// The reply in pieces: nobody but who takes them has all of them.
fn pieces(bytes: usize) -> impl Iterator<Item = Vec<u8>> {
    let head = format!("{{\"return\": {{\"count\": {bytes}, \"buf-b64\": \"");
    let text = b"Zm9v".repeat(PIECE / 4);
    let whole = bytes / 3 * 4;
    let bodies =
        (0..whole.div_ceil(PIECE)).map(move |at| text[..PIECE.min(whole - at * PIECE)].to_vec());
    [head.into_bytes()].into_iter().chain(bodies).chain([b"\", \"eof\": false}}\n".to_vec()])
}

fn decode(bytes: usize) -> Result<types::GuestFileRead> {
    let mut session = Session::new();
    session.sync(1);
    session.sent(session.outgoing().len());
    session.receive(b"\xff{\"return\": 1}\n");
    session.poll().context("not in order")?;
    let request =
        Request::new(&GuestFileRead::new(1)).map_err(|cause| anyhow!("not encoded: {cause}"))?;
    session.submit(&request)?;
    session.sent(session.outgoing().len());
    pieces(bytes).for_each(|piece| session.receive(&piece));
    let Some(Event::Returned(reply)) = session.poll() else { bail!("no reply") };
    Ok(reply.decode::<GuestFileRead>()?)
}

fn limit(bytes: usize) -> Result<Vec<u8>> {
    let mut line = Vec::new();
    for piece in pieces(bytes) {
        line.extend_from_slice(&piece);
        if memchr::memchr(b'\n', &piece).is_some() {
            break;
        }
    }
    let begin = memchr::memmem::find(&line, b"\"buf-b64\": \"").context("no bytes")? + 12;
    let text = line.get(begin..).unwrap_or_default();
    let end = memchr::memchr(b'"', text).context("no end")?;
    Ok(BASE64_STANDARD.decode(text.get(..end).unwrap_or_default())?)
}
