//! Guests with which something goes wrong, at random.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use qga_bindings::fake::{Agent, Answer};

use crate::channels::PIECES;
use crate::values::Random;

/// A fake guest that answers `guest-file-seek` with the offset it was asked for, as far as nothing goes wrong.
pub(super) struct Guest {
    pub(super) agent: Agent,
    next: Arc<Mutex<Next>>,
}

/// What becomes of the next answer.
#[derive(Default)]
enum Next {
    #[default]
    Right,
    Late(Duration),
    Other(Answer),
}

impl Guest {
    pub(super) fn new() -> Self {
        let agent = Agent::new();
        let next = Arc::new(Mutex::new(Next::Right));
        let planned = Arc::clone(&next);
        agent.on("guest-file-seek", move |call| {
            let offset = &call.arguments["offset"];
            let right = Answer::json(&format!("{{\"position\": {offset}, \"eof\": false}}"));
            match std::mem::take(&mut *planned.lock().unwrap_or_else(PoisonError::into_inner)) {
                Next::Right => right,
                Next::Late(delay) => right.after(delay),
                Next::Other(answer) => answer,
            }
        });
        Self { agent, next }
    }

    /// Has something go wrong with the next answer, or with the guest itself; often nothing does.
    pub(super) fn disturb(&self, random: &mut Random) {
        let agent = &self.agent;
        agent.set_refusing(false);
        match random.below(24) {
            0 => self.plan(Next::Late(delay(random))),
            1 => self.answer(Answer::silence()),
            2 => self.answer(Answer::silence().then_hang_up()),
            3 => self.answer(half()),
            4 => self.answer(half().then_hang_up()),
            5 => self.answer(Answer::bytes(garbage(random))),
            6 => self.answer(Answer::bytes(flood(random))),
            7 => self.answer(Answer::error("Odd", "an error")),
            8 => drop(agent.send(Answer::bytes(garbage(random)))),
            9 => drop(agent.send(Answer::bytes(flood(random)))),
            10 => drop(agent.send(Answer::bytes(garbage(random)).after(delay(random)))),
            11 => drop(agent.hang_up()),
            12 => drop(agent.restart()),
            13 => drop(agent.restart_agent()),
            14 => drop(agent.set_refusing(true).hang_up()),
            15 => drop(agent.set_piece_size(100 + random.below(1000))),
            _ => {}
        }
    }

    fn answer(&self, answer: Answer) {
        self.plan(Next::Other(answer));
    }

    fn plan(&self, next: Next) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

fn delay(random: &mut Random) -> Duration {
    Duration::from_millis(random.below(600) as u64)
}

fn half() -> Answer {
    Answer::bytes(*b"{\"return\": {\"position\": ")
}

fn garbage(random: &mut Random) -> Vec<u8> {
    (0..random.below(20)).flat_map(|_| PIECES[random.below(PIECES.len())]).copied().collect()
}

/// Up to 256 KiB, in lines or without any end.
fn flood(random: &mut Random) -> Vec<u8> {
    let piece: &[u8] = if random.once_in(2) { b"flood " } else { b"{\"return\": 7}\n" };
    piece.iter().copied().cycle().take(random.below(256 << 10)).collect()
}
