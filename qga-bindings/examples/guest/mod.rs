//! The agent of the examples: the one at an address, or a fake one that needs no guest.

use qga_bindings::blocking::{Client, Stream};
use qga_bindings::fake::{Agent, Run};

/// A client of the agent at `address`, such as `/run/vm/web-1/qga.sock`, or else of a fake agent.
pub(crate) fn connect(address: Option<&str>) -> Client<Box<dyn Stream + Send>> {
    let Some(address) = address else {
        println!("(a fake agent; give the path of a socket for a real one)");
        return Client::new(Box::new(fake().connect()));
    };
    Client::open(qga_bindings::Address::Unix(address.into()))
}

/// A guest with a file and two programs.
fn fake() -> Agent {
    let agent = Agent::new();
    let files = agent.add_files();
    files.insert("/etc/hostname", "web-1\n");
    let programs = agent.add_programs(&files);
    programs.insert("/bin/echo", |start| Run::exit(0).stdout(start.args.join(" ") + "\n"));
    programs.insert("/bin/cat", |start| Run::exit(0).stdout(start.stdin.clone()));
    agent
}
