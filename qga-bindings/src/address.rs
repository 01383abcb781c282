//! Where an agent can be reached, as text.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where an agent can be reached.
///
/// | text | what it is |
/// | --- | --- |
/// | `unix:PATH` | a unix socket |
/// | `tcp:HOST:PORT`, `tcp:[ADDRESS]:PORT` | a TCP port |
/// | `vsock:CID:PORT` | a port of a virtual machine; feature `vsock`, Linux only |
/// | `serial:PATH` | a serial line or pseudo terminal, which is set to raw mode; feature `serial`, Unix only |
/// | `pipe:PATH`, `\\.\pipe\NAME` | a named pipe of Windows |
/// | any other `PATH` | a unix socket |
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// A TCP port.
    Tcp {
        /// A name, or an address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A port of a virtual machine.
    Vsock {
        /// The virtual machine.
        cid: u32,
        /// The port.
        port: u32,
    },
    /// A serial line or pseudo terminal.
    Serial(PathBuf),
    /// A named pipe of Windows.
    Pipe(PathBuf),
}

impl Address {
    /// The unix socket, if it is one.
    #[inline]
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        match self {
            Self::Unix(path) => Some(path.clone()),
            _ => None,
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    #[inline]
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let error = |problem| AddressError { text: text.to_owned(), problem };
        let path = |path: &str| match path {
            "" => Err(error("the path is empty")),
            path if path.contains('\0') => Err(error("the path contains a NUL character")),
            path => Ok(PathBuf::from(path)),
        };
        match text.split_once(':') {
            Some(("unix", rest)) => path(rest).map(Self::Unix),
            Some(("serial", rest)) => path(rest).map(Self::Serial),
            Some(("pipe", rest)) => path(rest).map(Self::Pipe),
            Some(("tcp", rest)) => {
                let (host, port) =
                    rest.rsplit_once(':').ok_or_else(|| error("the port is missing"))?;
                let host =
                    unbracketed(host).ok_or_else(|| error("an IPv6 address needs brackets"))?;
                if host.is_empty() {
                    return Err(error("the host is empty"));
                }
                let port =
                    port.parse().map_err(|_| error("the port is not a number up to 65535"))?;
                Ok(Self::Tcp { host: host.to_owned(), port })
            }
            Some(("vsock", rest)) => {
                let (cid, port) =
                    rest.split_once(':').ok_or_else(|| error("the port is missing"))?;
                let number =
                    |text: &str| text.parse().map_err(|_| error("context and port are numbers"));
                Ok(Self::Vsock { cid: number(cid)?, port: number(port)? })
            }
            _ if text.starts_with(r"\\.\pipe\") => path(text).map(Self::Pipe),
            _ => path(text).map(Self::Unix),
        }
    }
}

/// The host without brackets; nothing if it has colons and no brackets.
#[inline]
fn unbracketed(host: &str) -> Option<&str> {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']'),
        None => (!host.contains(':')).then_some(host),
    }
}

impl From<PathBuf> for Address {
    #[inline]
    fn from(path: PathBuf) -> Self {
        Self::Unix(path)
    }
}

impl From<&Path> for Address {
    #[inline]
    fn from(path: &Path) -> Self {
        Self::Unix(path.to_owned())
    }
}

impl fmt::Display for Address {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp { host, port } if host.contains(':') => write!(f, "tcp:[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "tcp:{host}:{port}"),
            Self::Vsock { cid, port } => write!(f, "vsock:{cid}:{port}"),
            Self::Serial(path) => write!(f, "serial:{}", path.display()),
            Self::Pipe(path) => write!(f, "pipe:{}", path.display()),
        }
    }
}

/// A text that is no [`Address`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    text: String,
    problem: &'static str,
}

impl fmt::Display for AddressError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not an address: {}; use unix:PATH, tcp:HOST:PORT, vsock:CID:PORT, serial:PATH, pipe:PATH or the path \
             of a unix socket",
            self.text.escape_debug(),
            self.problem
        )
    }
}

impl std::error::Error for AddressError {}

/// Why a unix socket cannot be connected to, in words that say what is wrong with its path, if that is it.
#[cfg(unix)]
#[inline]
pub(crate) fn explain(path: &Path, error: io::Error) -> io::Error {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::FileTypeExt as _;

    let with = |text: String| io::Error::new(error.kind(), text);
    match error.kind() {
        // It did not get as far as the operating system.
        io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => with(format!(
            "a path of {} bytes is too long for a unix socket: name it by a shorter one, such as a symbolic link or from \
             a folder that is nearer",
            path.as_os_str().as_bytes().len()
        )),
        io::ErrorKind::ConnectionRefused => match path.metadata() {
            Ok(found) if found.is_dir() => with("a folder is there, and no socket".to_owned()),
            Ok(found) if !found.file_type().is_socket() => {
                with("a file is there, and no socket".to_owned())
            }
            _ => error,
        },
        _ => error,
    }
}

/// Why a host cannot be connected to whose name leads nowhere.
#[inline]
pub(crate) fn unresolved(error: &io::Error) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("the host's name leads nowhere: {error}"))
}

/// Why an address cannot be used by this build.
#[cfg_attr(
    all(unix, feature = "serial", feature = "vsock"),
    allow(dead_code, reason = "everything is there")
)]
#[inline]
pub(crate) fn unsupported(what: &str, how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, format!("{what} cannot be used here: {how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_address_is_read_and_written_alike() {
        for text in [
            "unix:/run/agent.sock",
            "tcp:localhost:1234",
            "tcp:[::1]:1234",
            "vsock:3:9999",
            "serial:/dev/pts/3",
            r"pipe:\\.\pipe\agent",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_bare_path_is_a_unix_socket_even_with_a_colon_in_it() {
        for path in ["/run/agent.sock", "agent.sock", "./a:b", "/tmp/a:b:c"] {
            assert_eq!(path.parse(), Ok(Address::Unix(path.into())));
        }
        assert_eq!(r"\\.\pipe\agent".parse(), Ok(Address::Pipe(r"\\.\pipe\agent".into())));
    }

    #[test]
    fn what_is_no_address_is_told_with_what_would_be_one() {
        for text in [
            "",
            "unix:",
            "tcp:host",
            "tcp::1",
            "tcp:::1:80",
            "tcp:h:65536",
            "vsock:1",
            "vsock:a:1",
            "unix:a\0b",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("use unix:PATH"), "{error}");
        }
    }
}
