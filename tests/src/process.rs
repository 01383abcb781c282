//! Programs that tests start, and that end with them.

use std::io;
use std::process::{Child, Command};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};

/// A command to be started, and where its process goes.
type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// Starts a program from a thread that lives as long as this process: what is tied to the thread that starts it, is tied to
/// this process then, and not to a test.
pub(crate) fn launch(command: Command) -> io::Result<Child> {
    static LAUNCHER: LazyLock<Mutex<mpsc::Sender<Order>>> = LazyLock::new(|| {
        let (orders, waiting) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in waiting {
                // Whoever asked waits for it.
                drop(answer.send(command.spawn()));
            }
        });
        Mutex::new(orders)
    });
    let (answer, outcome) = mpsc::channel();
    let gone = |_| io::Error::other("the thread that starts programs has ended");
    let launcher = LAUNCHER.lock().unwrap_or_else(PoisonError::into_inner);
    launcher.send((command, answer)).map_err(io::Error::other)?;
    drop(launcher);
    outcome.recv().map_err(gone)?
}

/// Kills a program and everything that it started in its own process group, which it leads.
pub(crate) fn end_group(leader: &mut Child) {
    // One that was waited for already may have left its number to somebody else.
    if let (Ok(None), Ok(number)) = (leader.try_wait(), i32::try_from(leader.id()))
        && let Some(group) = Pid::from_raw(number)
    {
        // There is nothing to be done about an error.
        let _ = kill_process_group(group, Signal::KILL);
        drop(leader.wait());
    }
}
