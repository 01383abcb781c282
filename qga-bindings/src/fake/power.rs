//! A fake guest that can be switched off, restarted and sent to sleep.

use std::time::{Duration, Instant};

use super::state::State;
use super::{Agent, Answer, Call};

/// What happens to the guest when a command is executed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    PowerOff,
    Halt,
    Reboot(Duration),
    Sleep,
}

/// Whether the agent runs, and what it has not read yet.
#[derive(Debug, Default)]
pub(super) struct Power {
    state: PowerState,
    unread: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PowerState {
    #[default]
    Up,
    UpAt(Instant),
    Halted,
    Asleep,
}

impl State {
    /// Whether bytes are kept for later, because nobody reads them now.
    pub(super) fn keeps(&mut self, bytes: &[u8]) -> bool {
        self.come_up();
        let is_up = self.power.state == PowerState::Up;
        if !is_up {
            self.power.unread.extend_from_slice(bytes);
        }
        !is_up
    }

    /// When something can change without anybody doing anything.
    pub(super) fn next_change(&self) -> Option<Instant> {
        match self.power.state {
            PowerState::UpAt(at) => Some(at),
            _ => None,
        }
    }

    /// Starts the guest again, if it is time.
    pub(super) fn come_up(&mut self) {
        if let PowerState::UpAt(at) = self.power.state {
            if at <= Instant::now() {
                self.restart();
                self.go_on();
            }
        }
    }

    /// Takes what was sent meanwhile.
    fn go_on(&mut self) {
        self.power.state = PowerState::Up;
        let unread = std::mem::take(&mut self.power.unread);
        self.receive(&unread);
    }

    pub(super) fn change_power(&mut self, effect: Effect) {
        self.power.state = match effect {
            Effect::PowerOff => {
                self.hang_up();
                self.refusing = true;
                PowerState::Halted
            }
            Effect::Halt => PowerState::Halted,
            Effect::Sleep => PowerState::Asleep,
            Effect::Reboot(after) => {
                let now = Instant::now();
                PowerState::UpAt(now.checked_add(after).unwrap_or(now))
            }
        };
    }
}

impl Answer {
    /// Switches the guest off: the connection ends, and others are refused.
    #[must_use]
    pub fn then_power_off(self) -> Self {
        self.with_effect(Effect::PowerOff)
    }

    /// Halts the guest: it never answers again.
    #[must_use]
    pub fn then_halt(self) -> Self {
        self.with_effect(Effect::Halt)
    }

    /// Restarts the guest, which is up again after the given time. What is sent to it meanwhile is answered then.
    #[must_use]
    pub fn then_reboot(self, after: Duration) -> Self {
        self.with_effect(Effect::Reboot(after))
    }

    /// Sends the guest to sleep, until it is [woken](Agent::wake). What is sent to it meanwhile is answered then.
    #[must_use]
    pub fn then_sleep(self) -> Self {
        self.with_effect(Effect::Sleep)
    }
}

impl Agent {
    /// Gives the guest the commands that shut it down and suspend it. It boots within the given time.
    pub fn add_power(&self, boot: Duration) -> &Self {
        let shutdown = move |call: &Call| match call.arguments["mode"].as_str() {
            None | Some("powerdown") => Answer::silence().then_power_off(),
            Some("halt") => Answer::silence().then_halt(),
            Some("reboot") => Answer::silence().then_reboot(boot),
            Some(_) => Answer::error("GenericError", "mode is invalid"),
        };
        self.on("guest-shutdown", shutdown);
        self.on("guest-suspend-disk", |_| Answer::silence().then_power_off());
        self.on("guest-suspend-ram", |_| Answer::silence().then_sleep());
        self.on("guest-suspend-hybrid", |_| Answer::silence().then_sleep())
    }

    /// Wakes the guest up.
    pub fn wake(&self) -> &Self {
        let mut state = self.lock();
        if state.power.state == PowerState::Asleep {
            state.go_on();
            self.notify(&mut state);
        }
        drop(state);
        self
    }
}
