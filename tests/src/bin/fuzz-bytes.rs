//! Broken bytes through a session, or through replies, for as long as wanted:
//! `cargo run --release --package qga-tests --bin fuzz-bytes -- session|reply [SECONDS]`. Without a number it is ten minutes.
//! What fails is tried again by the number that is printed: `fuzz-bytes session 0 NUMBER`.

use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use qga_tests::values::encoded_members;
use qga_tests::{channels, replies};
use xtask::pins::Pins;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().unwrap_or_default();
    let mut number =
        |otherwise| arguments.next().and_then(|number| number.parse().ok()).unwrap_or(otherwise);
    let (time, first) = (Duration::from_secs(number(600)), number(0));
    match target.as_str() {
        "session" => run(time, first, |number| channels::check_session(&channels::input(number))),
        "reply" => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
            let history = match Pins::open(&folder).and_then(|pins| pins.history()) {
                Ok(history) => history,
                Err(error) => {
                    eprintln!("error: {error:#}");
                    return ExitCode::FAILURE;
                }
            };
            let (schema, encoded) = (history.schema(), encoded_members(history.schema()));
            run(time, first, |number| {
                replies::check_reply(&replies::input(schema, &encoded, number));
            })
        }
        _ => {
            eprintln!("usage: fuzz-bytes session|reply [SECONDS [FIRST]]");
            ExitCode::from(2)
        }
    }
}

fn run(time: Duration, first: u64, check: impl Fn(u64) + std::panic::RefUnwindSafe) -> ExitCode {
    let (begun, mut number) = (Instant::now(), first);
    loop {
        if catch_unwind(|| check(number)).is_err() {
            eprintln!("input {number} fails");
            return ExitCode::FAILURE;
        }
        number += 1;
        if begun.elapsed() >= time {
            println!("{} inputs in {:.0?}", number - first, begun.elapsed());
            return ExitCode::SUCCESS;
        }
    }
}
