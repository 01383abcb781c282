//! A serial line, which returns to the client what it sends, until the agent has set the line up.

use std::time::Duration;

use qga_bindings::{Commands as _, commands};
use qga_tests::vm::{PATIENCE, Vm};
use xtask::lab::machine::{Channel, Machine};

use super::{Slot, Test, tests};

pub(super) const TESTS: &[Test] = tests![an_agent_on_a_line_that_echoes_is_waited_for_and_answers];

fn an_agent_on_a_line_that_echoes_is_waited_for_and_answers(slot: &mut Slot) {
    slot.vm = None;
    let machine = Machine { channel: Channel::IsaSerial, delay: 3, ..Machine::default() };
    let mut vm = Vm::boot_on(&slot.guest, machine);
    // The shell is there before the agent: so has been the line.
    vm.run("true");
    let mut client = vm.client();
    let error = client.execute_within(&commands::GuestPing::new(), Duration::from_millis(300));
    assert!(error.expect_err("the agent is not there yet").is_timeout());
    client.execute_within(&commands::GuestPing::new(), PATIENCE).expect("served");
    for id in 0..5 {
        assert_eq!(client.guest_sync(commands::GuestSync::new(id)).expect("answered"), id);
    }
    let info = client.guest_info().expect("answered");
    assert_eq!(info.version.parse(), Ok(slot.guest.agent.release));
}
