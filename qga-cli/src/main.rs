//! The program `qga`.

use std::process::ExitCode;

fn main() -> ExitCode {
    qga_cli::main()
}
