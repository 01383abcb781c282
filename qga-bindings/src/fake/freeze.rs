//! A fake agent's file systems, as far as they can be frozen.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Agent, Answer, Call};

/// Which file systems there are, and which are frozen.
#[derive(Clone, Debug, Default)]
pub(super) struct Freezer(Arc<Mutex<FileSystems>>);

#[derive(Debug, Default)]
struct FileSystems {
    mountpoints: BTreeSet<String>,
    frozen: BTreeSet<String>,
    /// Frozen by a test, and not by a command.
    forced: bool,
    /// When they were frozen.
    since: Option<Instant>,
    /// How long the guest can hold them.
    held_for: Option<Duration>,
    /// The guest let go of them by itself.
    slipped: bool,
}

impl Freezer {
    pub(super) fn is_frozen(&self) -> bool {
        let mut file_systems = self.lock();
        file_systems.let_go();
        file_systems.forced || !file_systems.frozen.is_empty()
    }

    pub(super) fn force(&self, frozen: bool) {
        let mut file_systems = self.lock();
        file_systems.forced = frozen;
        if !frozen {
            file_systems.frozen.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, FileSystems> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileSystems {
    /// Thaws what cannot be held any longer.
    fn let_go(&mut self) {
        if let (Some(since), Some(limit)) = (self.since, self.held_for) {
            if since.elapsed() >= limit {
                self.since = None;
                self.slipped = true;
                self.frozen.clear();
            }
        }
    }

    fn freeze(&mut self, chosen: impl Fn(&str) -> bool) -> Answer {
        self.frozen = self.mountpoints.iter().filter(|path| chosen(path)).cloned().collect();
        self.since = (!self.frozen.is_empty()).then(Instant::now);
        Answer::value(&self.frozen.len())
    }

    fn thaw(&mut self) -> Answer {
        self.let_go();
        if std::mem::take(&mut self.slipped) {
            return Answer::error("GenericError", "couldn't hold writes for so long");
        }
        let thawed = self.frozen.len();
        self.since = None;
        self.forced = false;
        self.frozen.clear();
        Answer::value(&thawed)
    }
}

impl Agent {
    /// Gives the guest file systems that can be frozen, mounted at these places, and the agent the commands for it.
    pub fn add_file_systems(
        &self,
        mountpoints: impl IntoIterator<Item = impl Into<String>>,
    ) -> &Self {
        let freezer = self.freezer();
        freezer.lock().mountpoints = mountpoints.into_iter().map(Into::into).collect();
        let with = move |run: fn(&mut FileSystems, &Call) -> Answer| {
            let freezer = freezer.clone();
            move |call: &Call| run(&mut freezer.lock(), call)
        };
        self.on("guest-fsfreeze-freeze", with(|all, _| all.freeze(|_| true)));
        self.on("guest-fsfreeze-thaw", with(|all, _| all.thaw()));
        self.on(
            "guest-fsfreeze-freeze-list",
            with(|all, call| match call.arguments["mountpoints"].as_array() {
                None => all.freeze(|_| true),
                Some(list) => all.freeze(|path| list.iter().any(|listed| listed == path)),
            }),
        )
    }

    /// Lets the guest hold frozen file systems no longer than this, as Windows does for ten seconds. Then it lets go by itself,
    /// and the thaw fails.
    pub fn set_freeze_limit(&self, limit: Duration) -> &Self {
        self.freezer().lock().held_for = Some(limit);
        self
    }

    /// Whether file systems are frozen.
    pub fn is_frozen(&self) -> bool {
        self.freezer().is_frozen()
    }
}
