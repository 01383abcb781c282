//! Calls an agent again and again, as a program does that shares it with others: `contender SOCKET CALLS MILLISECONDS`, where
//! each call may take so long. Says how many calls were served and for how many the agent was busy; anything else is a failure.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use qga_bindings::blocking::Client;
use qga_bindings::commands::GuestPing;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [socket, calls, milliseconds] = &arguments[..] else { return ExitCode::from(2) };
    let (Ok(calls), Ok(milliseconds)) = (calls.parse::<u32>(), milliseconds.parse()) else {
        return ExitCode::from(2);
    };
    match contend(socket, calls, Duration::from_millis(milliseconds)) {
        Ok((served, busy)) => {
            println!("{served} served, {busy} busy");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn contend(socket: &str, calls: u32, limit: Duration) -> Result<(u32, u32), String> {
    let mut agent = Client::unix(socket).with_connection_per_call();
    let (mut served, mut busy) = (0, 0);
    for _ in 0..calls {
        let start = Instant::now();
        match agent.execute_within(&GuestPing::new(), limit) {
            Ok(_) => served += 1,
            Err(error) if error.is_busy() => busy += 1,
            Err(error) => return Err(format!("{error} ({error:?})")),
        }
        // A machine that is busy itself has some time more.
        if start.elapsed() > limit + Duration::from_secs(5) {
            return Err(format!("a call took {:?}", start.elapsed()));
        }
    }
    Ok((served, busy))
}
