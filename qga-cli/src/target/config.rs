//! The configuration file: names for guests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use super::{Source, Target};
use crate::failure::Failure;

/// What the configuration says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The guest that is meant if none is named: a name or an address.
    pub(crate) default: Option<String>,
    /// Whether guests that are not named here are looked for on this host; they are, unless this is false.
    pub(crate) discover: Option<bool>,
    targets: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    connect: String,
}

impl Config {
    /// Reads the configuration, if there is one.
    pub(crate) fn read() -> Result<Self, Failure> {
        let Some(path) = path() else { return Ok(Self::default()) };
        let wrong = |problem: &dyn std::fmt::Display| {
            Failure::usage(format!("the configuration {} cannot be used: {problem}", path.display()))
                .next("it has lines such as: default = \"vm1\", and sections such as: [targets.vm1] connect = \"unix:PATH\"")
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error: toml::de::Error| {
                let before =
                    error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                wrong(&format!("line {}: {}", before.lines().count().max(1), error.message()))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(wrong(&error)),
        }
    }

    /// The guests it names.
    pub(crate) fn targets(&self) -> Result<Vec<Target>, Failure> {
        let mut targets = Vec::new();
        for (name, entry) in &self.targets {
            let Some(target) = Target::at_address(&entry.connect)? else {
                return Err(Failure::usage(format!(
                    "[targets.{name}] connects to `{}`, which is no address",
                    entry.connect
                ))
                .next("write it as unix:PATH, tcp:HOST:PORT or the like"));
            };
            targets.push(Target { name: name.clone(), source: Source::Config, ..target });
        }
        Ok(targets)
    }
}

/// Where the configuration is: `QGA_CONFIG`, or `qga/config.toml` in the user's folder for such files.
pub(crate) fn path() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("QGA_CONFIG") {
        return Some(PathBuf::from(path));
    }
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("qga").join("config.toml"))
}
