//! A fake agent on a unix socket, so that other programs can be tested against it.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use qga_bindings::fake::Agent;

use crate::folder::Folder;

/// A fake agent that listens on a socket of its own until this is dropped.
#[derive(Debug)]
pub struct Bridge {
    dir: Folder,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Bridge {
    /// Lets an agent listen. Like a real one it serves one client at a time.
    ///
    /// # Errors
    /// The operating system's.
    pub fn start(agent: Agent) -> io::Result<Self> {
        Self::start_in(Folder::new()?, agent)
    }

    /// The same, in a folder that is there already.
    ///
    /// # Errors
    /// As of [`start`](Self::start).
    pub fn start_in(dir: Folder, agent: Agent) -> io::Result<Self> {
        let listener = UnixListener::bind(dir.join("agent.sock"))?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let listener = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // A client that leaves in the middle of something is none of the agent's concern.
                drop(agent.serve(client));
            }
        });
        Ok(Self { dir, stop, listener: Some(listener) })
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.dir.join("agent.sock")
    }

    /// A folder of its own.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A connection lets it look. If there can be none, it has ended already; a client that stays keeps it.
        if UnixStream::connect(self.socket()).is_ok()
            && let Some(listener) = self.listener.take().filter(JoinHandle::is_finished)
        {
            drop(listener.join());
        }
    }
}
