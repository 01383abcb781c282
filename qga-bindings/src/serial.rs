//! Serial lines and pseudo terminals: opened, and made to carry bytes instead of text.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, isatty, tcgetattr, tcsetattr};

/// Opens a line in raw mode, without blocking and without making it the terminal of this process.
///
/// The speed is left as it is: virtual lines have none, and others were set up by whoever wired them.
pub(crate) fn open_raw(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let line = rustix::fs::open(path, flags, Mode::empty())?;
    if isatty(&line) {
        let mut settings = tcgetattr(&line)?;
        settings.make_raw();
        tcsetattr(&line, OptionalActions::Now, &settings)?;
    }
    Ok(File::from(line))
}
