//! Which guests a command is for, and how they are reached.

mod config;
mod discover;
mod holder;
mod libvirt;
mod probe;
mod qemu;
mod remedy;
mod trace;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use qga_bindings::Address;
use qga_bindings::blocking::{Client, Stream, connect};
use serde::Serialize;

use crate::args::Global;
use crate::demo;
use crate::failure::{Failure, exit};
use config::Config;
pub(crate) use libvirt::Domain;
use libvirt::Passthrough;
pub(crate) use remedy::remedy;

/// A guest, and the way to its agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What it is called in results.
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) source: Source,
}

/// Where a target is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// The user gave an address.
    Address,
    /// The configuration names it.
    Config,
    /// A process of QEMU runs it.
    Qemu,
    /// libvirt runs it.
    Libvirt,
    /// Proxmox runs it.
    Proxmox,
}

/// Where an agent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At an address of its own.
    Address(Address),
    /// Behind libvirt.
    Libvirt(Domain),
    /// In this process, and only made up.
    Demo,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Libvirt(domain) => domain.fmt(f),
            Self::Demo => f.write_str("demo:"),
        }
    }
}

impl Place {
    /// Whether a long reply makes the way to the agent unusable.
    pub(crate) fn limits_replies(&self) -> bool {
        matches!(self, Self::Libvirt(_))
    }
}

impl Target {
    /// A client that connects when first used, and shows what passes if it is asked to.
    pub(crate) fn client(&self, verbose: u8) -> Client<Box<dyn Stream + Send>> {
        let place = self.place.clone();
        let name = self.name.clone();
        let socket = match &self.place {
            Place::Address(Address::Unix(path)) => Some(path.clone()),
            _ => None,
        };
        Client::connecting(move |limit| {
            let stream = open(&place, limit)?;
            Ok(match verbose {
                0 => stream,
                _ => Box::new(trace::Traced::new(stream, &name, verbose > 1)),
            })
        })
        .of_socket(socket)
        .with_repeated_queries()
    }

    /// The guest at an address, if the text is one rather than a name.
    fn at_address(text: &str) -> Result<Option<Self>, Failure> {
        let place = match text.split_once(':') {
            Some(("demo", "")) => Place::Demo,
            Some(("pve", id)) => match id.parse::<u32>() {
                Ok(id) => Place::Address(Address::Unix(proxmox(id))),
                Err(_) => {
                    return Err(Failure::usage(format!(
                        "`{text}` is not an address: a VMID is a number"
                    ))
                    .next("write pve:100"));
                }
            },
            Some(("libvirt", rest)) => match Domain::read(rest) {
                Some(domain) => Place::Libvirt(domain),
                None => {
                    return Err(Failure::usage(format!(
                        "`{text}` is not an address: the domain is missing"
                    ))
                    .next("write libvirt:vm1 or libvirt:qemu:///system/vm1"));
                }
            },
            Some(("unix" | "tcp" | "vsock" | "serial" | "pipe", _)) => address(text)?,
            _ if text.contains(['/', '\\']) => address(text)?,
            _ => return Ok(None),
        };
        Ok(Some(Self { name: text.to_owned(), place, source: Source::Address }))
    }
}

fn address(text: &str) -> Result<Place, Failure> {
    text.parse()
        .map(Place::Address)
        .map_err(|error: qga_bindings::AddressError| Failure::usage(error.to_string()))
}

/// Where Proxmox puts a guest's channel.
fn proxmox(id: u32) -> PathBuf {
    PathBuf::from(format!("/var/run/qemu-server/{id}.qga"))
}

fn open(place: &Place, limit: Duration) -> io::Result<Box<dyn Stream + Send>> {
    match place {
        Place::Address(address) => connect(address, limit),
        Place::Libvirt(domain) => Ok(Box::new(Passthrough::open(domain, limit)?)),
        Place::Demo => Ok(Box::new(demo::the_agent().connect())),
    }
}

/// The guests that a command is for, at least one.
pub(crate) fn choose(global: &Global) -> Result<Vec<Target>, Failure> {
    if global.all {
        let targets = all()?;
        return if targets.is_empty() { Err(nobody()?) } else { Ok(targets) };
    }
    let mut names = global.connect.clone();
    if names.is_empty() {
        // The variable stands in for the option, so it yields to it and to `--all`.
        let variable = std::env::var("QGA_CONNECT").unwrap_or_default();
        names.extend(variable.split(',').filter(|name| !name.is_empty()).map(str::to_owned));
    }
    if names.is_empty() {
        return the_only_one().map(|target| vec![target]);
    }
    names.iter().map(|name| named(name)).collect()
}

/// Every guest of the configuration, and those of this host that it does not have.
pub(crate) fn all() -> Result<Vec<Target>, Failure> {
    let config = Config::read()?;
    let mut targets = config.targets()?;
    if config.discover == Some(false) {
        return Ok(targets);
    }
    for found in discover::guests() {
        if !targets.iter().any(|target| target.place == found.place || target.name == found.name) {
            targets.push(found);
        }
    }
    Ok(targets)
}

/// The guest at an address, or of a name.
pub(crate) fn named(text: &str) -> Result<Target, Failure> {
    if let Some(target) = Target::at_address(text)? {
        return Ok(target);
    }
    let targets = all()?;
    if let Some(target) = targets.iter().find(|target| target.name == text) {
        return Ok(target.clone());
    }
    if Path::new(text).exists() {
        let place = Place::Address(Address::Unix(text.into()));
        return Ok(Target { name: text.to_owned(), place, source: Source::Address });
    }
    if without_channel()?.iter().any(|name| name == text) {
        let message =
            format!("the guest `{text}` has no channel for an agent that could be connected to");
        let channel = remedy::channel_at(&Path::new("/run/qga").join(format!("{text}.sock")));
        return Err(Failure::with_exit(message, exit::UNREACHABLE)
            .next(format!("start its QEMU with {channel}")));
    }
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let next = match names.as_slice() {
        [] => "give an address such as unix:/run/qga/vm1.sock; names come from [targets.NAME] in the configuration".to_owned(),
        names => format!("known names: {}", names.join(", ")),
    };
    Err(Failure::usage(format!("there is no guest `{text}`")).next(next))
}

/// The guest that is meant if none is named.
fn the_only_one() -> Result<Target, Failure> {
    if let Some(default) = Config::read()?.default {
        return named(&default);
    }
    let mut targets = all()?;
    match (targets.pop(), targets.len()) {
        (Some(target), 0) => Ok(target),
        (None, _) => Err(nobody()?),
        (Some(last), _) => {
            let names: Vec<&str> =
                targets.iter().chain([&last]).map(|target| target.name.as_str()).collect();
            Err(Failure::usage(format!("there are several guests: {}", names.join(", ")))
                .next("say which with -c NAME, or all with --all"))
        }
    }
}

/// The guests that run on this host without a channel for an agent, if they are to be looked for.
fn without_channel() -> Result<Vec<String>, Failure> {
    let looked_for = Config::read()?.discover != Some(false);
    Ok(if looked_for { discover::without_channel() } else { Vec::new() })
}

fn nobody() -> Result<Failure, Failure> {
    let found = without_channel()?;
    if let Some(name) = found.first() {
        let message =
            format!("no guest of this host has a channel for an agent: {}", found.join(", "));
        let next =
            format!("`qga -c {name} ping` says what it needs, -c ADDRESS names one elsewhere");
        return Ok(Failure::usage(message).next(next));
    }
    Ok(Failure::usage("no guest is named, configured or found on this host").next(
        "name one with -c ADDRESS or QGA_CONNECT, such as -c /run/qga/vm1.sock; `qga -c demo: info` works without any",
    ))
}
