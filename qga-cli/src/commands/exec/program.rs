//! What is run, and how: shared by everything that runs programs.

use std::io::Read as _;
use std::time::Duration;

use clap::Args;
use qga_bindings::exec::{Exec, MAX_STDIN};

use crate::failure::Failure;

/// How a program is run.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Settings {
    /// Give the program our standard input, which is read to its end first.
    #[arg(short = 'i', long = "stdin")]
    pub(super) stdin: bool,

    /// How long the program may take; then it is killed.
    #[arg(short = 't', long = "limit", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) limit: Option<Duration>,

    /// A variable of its environment, which is then only those given and a usual PATH; repeat it for several.
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) env: Vec<(String, String)>,

    /// The folder to run it in; needs a POSIX guest.
    #[arg(short = 'w', long = "workdir", value_name = "FOLDER")]
    pub(super) dir: Option<String>,

    /// Show its output as it comes, which is usual on a terminal and through libvirt; needs a POSIX guest.
    #[arg(long, overrides_with = "no_stream")]
    pub(super) stream: bool,

    /// Show its output when it has ended.
    #[arg(long, overrides_with = "stream")]
    no_stream: bool,

    /// Do not wait for it, and tell its process id.
    #[arg(short, long)]
    pub(super) detach: bool,
}

/// Where programs are in most guests; an environment of one's own has no other.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Changes the folder, and becomes the program.
const IN_FOLDER: &str = r#"cd -- "$1" || exit 125; shift; exec "$@""#;

impl Settings {
    /// The program in words, as the library takes it.
    pub(super) fn program(&self, words: &[String], stdin: Option<&[u8]>) -> Result<Exec, Failure> {
        let mut words = words.to_vec();
        if let Some(dir) = &self.dir {
            let shell = ["/bin/sh", "-c", IN_FOLDER, "sh", dir].map(str::to_owned);
            words.splice(0..0, shell);
        }
        let (program, args) =
            words.split_first().ok_or_else(|| Failure::usage("there is no program to run"))?;
        let mut exec = Exec::new(program).args(args);
        if !self.env.is_empty() {
            if !self.env.iter().any(|(name, _)| name == "PATH") {
                exec = exec.env("PATH", PATH);
            }
            exec = self.env.iter().fold(exec, |exec, (name, value)| exec.env(name, value));
        }
        if let Some(bytes) = stdin {
            exec = exec.stdin(bytes);
        }
        if let Some(limit) = self.limit {
            exec = exec.within(limit);
        }
        Ok(exec)
    }

    /// Whether output is shown as it comes, where the user did not say.
    pub(super) fn streams(&self, otherwise: bool) -> bool {
        self.stream || otherwise && !self.no_stream
    }

    /// Our standard input, if the program gets it.
    pub(super) fn read_stdin(&self) -> Result<Option<Vec<u8>>, Failure> {
        if !self.stdin {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let limit = u64::try_from(MAX_STDIN).unwrap_or(u64::MAX).saturating_add(1);
        std::io::stdin()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::host(format!("standard input cannot be read: {error}")))?;
        if bytes.len() > MAX_STDIN {
            return Err(Failure::host(format!(
                "standard input is longer than the {} MiB that agents take",
                MAX_STDIN >> 20
            ))
            .next("copy it to a file in the guest with `qga cp`, and let a shell redirect it"));
        }
        Ok(Some(bytes))
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
