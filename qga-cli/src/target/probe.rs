//! What is at the other end, where it hangs up on an agent's client without a word.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use qga_bindings::blocking::{Stream, connect};
use qga_bindings::{Address, Stranger};

/// How long to listen.
const PATIENCE: Duration = Duration::from_millis(300);

/// Speaks to whoever ends connections of its own accord, which agents do not, in the language that is most common.
pub(super) fn who_hangs_up(address: &Address) -> Option<Stranger> {
    if !matches!(address, Address::Unix(_) | Address::Tcp { .. }) {
        return None;
    }
    let end = Instant::now() + PATIENCE;
    let mut stream = connect(address, PATIENCE).ok()?;
    stream.set_write_limit(PATIENCE).ok()?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut said = Vec::new();
    let mut buffer = [0; 256];
    while said.len() < buffer.len() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_limit(left).ok()?;
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => said.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            _ => break,
        }
        if let Some(stranger) = Stranger::by_first_bytes(&said) {
            return Some(stranger);
        }
    }
    None
}
