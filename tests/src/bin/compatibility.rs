//! The second half of `cargo xtask compatibility`: tries every command on the agents of the lab's guests, all of them or those
//! of the suites that are named, writes the records, and renders the page.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Mutex;
use std::{fs, thread};

use qga_tests::lab::lab;
use qga_tests::matrix::{Record, evidence, is_pinned, page, page_path, pins, today};
use xtask::lab::guest::{self, Guest};
use xtask::pins::Pins;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let pins = pins();
    let suites: Vec<String> = std::env::args().skip(1).collect();
    let (mut guests, date) = (guest::fetched(&lab()), today()?);
    guests.retain(|guest| suites.is_empty() || suites.contains(&guest.agent.suite));
    guests.retain(|guest| is_pinned(&guest.agent, &pins));
    if guests.is_empty() {
        return Err("the lab has no guest: `cargo xtask lab vm SUITE --fetch`".into());
    }
    // Two at a time: more would only be slower.
    let waiting = Mutex::new(guests.iter());
    let next = || waiting.lock().ok()?.next();
    let work = || -> Result<(), String> {
        while let Some(guest) = next() {
            record(guest, &pins, &date)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err("a guest did not behave: see above".to_owned()))
        })
    })?;
    fs::write(page_path(), page(&Record::all(&evidence())?))?;
    println!("docs/compatibility.md is up to date");
    Ok(())
}

fn record(guest: &Guest, pins: &Pins, date: &str) -> Result<(), String> {
    println!("{:18} agent {}: trying every command", guest.agent.suite, guest.agent.release);
    let record = Record::make(guest, pins, date)?;
    record.write(&evidence()).map_err(|error| error.to_string())?;
    let forms: usize = record.answers.values().map(std::collections::BTreeMap::len).sum();
    println!("{:18} {forms} forms of {} commands", guest.agent.suite, record.answers.len());
    Ok(())
}
