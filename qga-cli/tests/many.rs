//! Many guests at once.

use std::fmt::Write as _;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use qga_bindings::fake::{Agent, Answer};
use qga_tests::bridge::Bridge;

/// How many there are.
const GUESTS: usize = 200;

/// How long the dead one is waited for, which makes it the slowest.
const SLOWEST: Duration = Duration::from_secs(3);

#[test]
fn a_dead_guest_among_many_delays_nobody() {
    let mut bridges = Vec::new();
    let mut config = "discover = false\n".to_owned();
    let mut add = |number: usize, socket: &std::path::Path| {
        writeln!(config, "[targets.vm{number}]\nconnect = \"unix:{}\"", socket.display())
            .expect("written");
    };
    for number in 1..GUESTS {
        let agent = Agent::new();
        agent.on("guest-ping", |_| Answer::empty().after(Duration::from_millis(20)));
        let bridge = Bridge::start(agent).expect("it listens");
        add(number, &bridge.socket());
        bridges.push(bridge);
    }
    let folder = bridges.first().expect("there are some").dir().to_owned();
    let dead = folder.join("dead.sock");
    let _never_accepts = UnixListener::bind(&dead).expect("bound");
    add(GUESTS, &dead);
    let path = folder.join("config.toml");
    std::fs::write(&path, config).expect("written");

    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_qga"))
        .args(["--all", "--timeout", "3s", "ping"])
        .env("QGA_CONFIG", path)
        .env_remove("QGA_CONNECT")
        .output()
        .expect("it runs");
    let took = begun.elapsed();
    let answers = String::from_utf8_lossy(&output.stdout).lines().count();
    assert_eq!((answers, output.status.code()), (GUESTS - 1, Some(1)), "{output:?}");
    assert!(took < SLOWEST + SLOWEST / 2, "{took:?}");
}
