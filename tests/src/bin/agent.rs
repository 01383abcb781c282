//! The second half of `cargo xtask schema agent`: asks a running agent what it has, and compares that with the history.

use std::error::Error;
use std::process::ExitCode;

use qga_bindings::Address;
use qga_bindings::blocking::Client;
use qga_bindings::commands::GuestInfo;
use qga_tests::fit;

fn main() -> ExitCode {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [address] | [address, "--format", "text"] | ["--format", "text", address] => {
            run(address, false)
        }
        [address, "--format", "json"] | ["--format", "json", address] => run(address, true),
        _ => {
            eprintln!("usage: cargo xtask schema agent ADDRESS [--format text|json]");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(report) => {
            xtask::print(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}: {error}", arguments.join(" "));
            ExitCode::FAILURE
        }
    }
}

fn run(address: &str, json: bool) -> Result<String, Box<dyn Error>> {
    let agent = Client::open(address.parse::<Address>()?).execute(&GuestInfo::new())?;
    Ok(if json { format!("{:#}\n", fit::json(&agent)) } else { fit::text(&agent) })
}
