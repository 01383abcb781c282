//! Broken streams through a session for as long as wanted: `cargo run --release -p qga-tests --bin fuzz-session [SECONDS]`.
//! Without a number it is ten minutes. What fails is tried again by `check_session(&input(NUMBER))`.

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use qga_tests::channels::{check_session, input};

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(600);
    let (start, mut number) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(seconds) {
        if catch_unwind(|| check_session(&input(number))).is_err() {
            eprintln!("input {number} fails");
            return ExitCode::FAILURE;
        }
        number += 1;
    }
    println!("{number} inputs in {:.0?}", start.elapsed());
    ExitCode::SUCCESS
}
