//! What runs most, each by itself and so many times over, so that its instructions can be counted: always on the same input,
//! on one thread, without a clock in it.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use qapi_codegen::Options;
use qapi_codegen::dialect::Dialect;
use qapi_codegen::history::History;
use qapi_codegen::source::SourceMap;
use qga_bindings::blocking::{Client, Untimed};
use qga_bindings::commands::{GuestExec, GuestFileRead, GuestFileWrite, GuestInfo};
use qga_bindings::protocol::{Event, Request, Session};
use qga_bindings::{Command, Commands as _};
use xtask::pins;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, count, schema] = arguments.as_slice() else {
        bail!("usage: instructions parse|generate|encode|decode|call COUNT SCHEMA")
    };
    let task: fn(&Path) -> Result<()> = match task.as_str() {
        "parse" => |schema| read(schema).map(drop),
        "generate" => generate,
        "encode" => |_| encode(),
        "decode" => |_| decode(),
        "call" => return call(count.parse()?),
        _ => bail!("no such task"),
    };
    for _ in 0..count.parse()? {
        task(black_box(Path::new(schema)))?;
    }
    Ok(())
}

fn read(schema: &Path) -> Result<History> {
    Ok(History::single(pins::read(&mut SourceMap::new(), schema, Dialect::strict())?))
}

fn generate(schema: &Path) -> Result<()> {
    let bindings = Options::new().generate(&read(schema)?);
    black_box(bindings.map_err(|_| anyhow!("the schema has no bindings"))?);
    Ok(())
}

/// A command with several arguments, and one with many bytes.
fn encode() -> Result<()> {
    let mut exec = GuestExec::new("/usr/bin/env");
    exec.arg = Some((0..20).map(|number| format!("argument \"{number}\"")).collect());
    let write = GuestFileWrite::new(1, vec![0x5a; 48 << 10]);
    for request in [Request::new(&exec), Request::new(&write)] {
        black_box(request.map_err(|cause| anyhow!("not encoded: {cause}"))?);
    }
    Ok(())
}

/// The reply of many small objects, and one with many bytes.
fn decode() -> Result<()> {
    let command = r#"{"name": "guest-some-command", "enabled": true, "success-response": true}"#;
    let commands = vec![command; 100].join(", ");
    let info = format!(
        "{{\"return\": {{\"version\": \"10.2.2\", \"supported_commands\": [{commands}]}}}}\n"
    );
    let bytes = "Wlpa".repeat(16 << 10);
    let read =
        format!("{{\"return\": {{\"count\": 49152, \"buf-b64\": \"{bytes}\", \"eof\": false}}}}\n");
    black_box(decoded(&GuestInfo::new(), &info)?);
    black_box(decoded(&GuestFileRead::new(1), &read)?);
    Ok(())
}

fn decoded<C: Command>(command: &C, reply: &str) -> Result<C::Output> {
    let mut session = Session::new();
    session.sync(1);
    session.sent(session.outgoing().len());
    session.receive(b"\xff{\"return\": 1}\n");
    session.poll().context("not in order")?;
    session.submit(&Request::new(command).map_err(|cause| anyhow!("not encoded: {cause}"))?)?;
    session.sent(session.outgoing().len());
    session.receive(reply.as_bytes());
    let Some(Event::Returned(reply)) = session.poll() else { bail!("no reply") };
    Ok(reply.decode::<C>()?)
}

fn call(count: usize) -> Result<()> {
    let mut client = Client::new(Untimed(Canned::default()));
    for _ in 0..count {
        client.guest_ping()?;
    }
    Ok(())
}

/// An agent that knows two answers.
#[derive(Default)]
struct Canned {
    answer: Vec<u8>,
}

impl Write for Canned {
    fn write(&mut self, request: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(request);
        self.answer = b"{\"return\": {}}\n".to_vec();
        if let Some((_, id)) = text.split_once("\"id\":") {
            let id = id.trim_end_matches('}');
            self.answer = [b"\xff{\"return\": ", id.as_bytes(), b"}\n"].concat();
        }
        Ok(request.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Canned {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.answer.as_slice().read(bytes)?;
        self.answer.drain(..read);
        Ok(read)
    }
}
