//! A shell on a terminal of its own, and somebody who types.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use qga_tests::agent::skip;
use qga_tests::folder::Folder;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// How a shell is started, without the files of whoever runs the tests.
#[derive(Debug)]
pub(crate) struct Shell {
    words: &'static [&'static str],
    /// What it has to be told before it completes.
    prepare: &'static str,
}

impl Shell {
    pub(crate) const BASH: Self = Self {
        words: &["bash", "--norc", "--noprofile", "-i"],
        prepare: "PS1='ready> '; source <(qga completions bash)",
    };
    const ZSH: Self = Self {
        words: &["zsh", "-f", "-i"],
        prepare: "PS1='ready> '; setopt interactivecomments; autoload -Uz compinit; compinit -u -D; \
                  source <(qga completions zsh)",
    };
    const FISH: Self = Self {
        words: &["fish", "--no-config", "-i"],
        prepare: "function fish_prompt; echo -n 'ready> '; end; qga completions fish | source",
    };
}

/// Every shell that is completed in with names and paths.
pub(crate) const ALL: [Shell; 3] = [Shell::BASH, Shell::ZSH, Shell::FISH];

/// A shell that runs, in a folder of its own.
#[derive(Debug)]
pub(crate) struct Session {
    name: &'static str,
    child: Child,
    terminal: File,
    shown: Arc<Mutex<Vec<u8>>>,
    /// How much of what was shown has been looked at.
    looked: Mutex<usize>,
    folder: Folder,
}

impl Session {
    /// Starts a shell that knows of one guest, `my-vm`; nothing if it is not installed.
    pub(crate) fn start(shell: &Shell, socket: &Path) -> Option<Self> {
        let (name, program) = (shell.words[0], Path::new(env!("CARGO_BIN_EXE_qga")));
        if Command::new(name).arg("--version").stdout(Stdio::null()).status().is_err() {
            skip(
                "QGA_REQUIRE_SHELLS",
                &format!("{name} is not installed: nothing is completed in it"),
            );
            return None;
        }
        let folder = Folder::new().expect("made");
        let config = format!(
            "default = \"my-vm\"\ndiscover = false\n[targets.my-vm]\nconnect = {:?}\n",
            format!("unix:{}", socket.display())
        );
        fs::write(folder.join("config.toml"), config).expect("written");
        let (terminal, other) = terminal();
        let end = || Stdio::from(other.try_clone().expect("opened"));
        let path = std::env::var("PATH").unwrap_or_default();
        let folder_of_program = program.parent().expect("a folder").display();
        // A shell wants to be who controls its terminal.
        let child = Command::new("setsid")
            .arg("--ctty")
            .args(shell.words)
            .current_dir(&*folder)
            .env_clear()
            .env("PATH", format!("{folder_of_program}:{path}"))
            .env("HOME", &*folder)
            // Otherwise fish leaves files in a folder for all.
            .env("XDG_RUNTIME_DIR", &*folder)
            .env("TMPDIR", &*folder)
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .env("QGA_CONFIG", folder.join("config.toml"))
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("it runs");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (seen, mut reader) = (shown.clone(), terminal.try_clone().expect("a second end"));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                seen.lock().unwrap_or_else(PoisonError::into_inner).extend(&buffer[..read]);
            }
        });
        let session = Self { name, child, terminal, shown, looked: Mutex::new(0), folder };
        session
            .types(shell.prepare)
            .types("; echo prep''ared\n")
            .shows("prepared")
            .shows("ready> ");
        Some(session)
    }

    /// Types something.
    pub(crate) fn types(&self, keys: &str) -> &Self {
        (&self.terminal).write_all(keys.as_bytes()).expect("typed");
        self
    }

    /// Waits until something is shown that was not looked at before.
    pub(crate) fn shows(&self, text: &str) -> &Self {
        const AMPLE: Duration = Duration::from_secs(30);
        let start = Instant::now();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let seen = self.seen();
            let new = seen.get(*looked..).unwrap_or_default();
            if let Some(at) = new.find(text) {
                *looked += at + text.len();
                return self;
            }
            assert!(start.elapsed() < AMPLE, "{}: no {text:?} in {new:?}", self.name);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Everything that was shown.
    pub(crate) fn seen(&self) -> String {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&shown).into_owned()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn name(&self) -> &str {
        self.name
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The two ends of a new terminal.
fn terminal() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let name = name.to_str().expect("UTF-8");
    let other = File::options().read(true).write(true).open(name).expect("the other end");
    (File::from(master), other)
}
