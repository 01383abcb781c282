//! A serial line, which returns to the client what it sends, until the agent has set the line up.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qga_bindings::{Commands as _, commands};
use qga_tests::vm::{PATIENCE, Vm, until};
use xtask::lab::machine::{Channel, Machine};

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![an_agent_on_a_line_that_echoes_is_waited_for_and_answers];

fn an_agent_on_a_line_that_echoes_is_waited_for_and_answers(slot: &mut Slot) {
    slot.vm = None;
    // Longer than anybody waits: it is told when to end.
    let machine = Machine { channel: Channel::IsaSerial, delay: 3600, ..Machine::default() };
    let mut vm = Vm::boot_on(&slot.guest, machine);
    // The line echoes as soon as somebody has it open, and until the agent has set it up.
    vm.run("exec 4<>/dev/ttyS1");
    let mut raw = UnixStream::connect(vm.socket()).expect("the machine listens");
    raw.set_read_timeout(Some(PATIENCE)).expect("a time limit can be set");
    raw.write_all(b"x\n").expect("written");
    let mut echo = [0; 3];
    raw.read_exact(&mut echo).expect("it comes back");
    assert_eq!(&echo, b"x\r\n");
    drop(raw);
    let (mut client, heard) = vm.overheard_client();
    until("what the client sends comes back to it", || {
        let error = client.execute_within(&commands::GuestPing::new(), Duration::from_millis(300));
        assert!(error.expect_err("the agent is not there yet").is_timeout());
        heard.count(b"guest-sync") > 0
    });
    // The shell may be there before what it is to end.
    vm.run("until kill $(pidof sleep) 2>/dev/null; do usleep 10000; done");
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    for id in 0..5 {
        assert_eq!(client.guest_sync(commands::GuestSync::new(id)).expect("answered"), id);
    }
    let info = client.guest_info().expect("answered");
    assert_eq!(info.version.parse(), Ok(slot.guest.agent.release));
}
