//! `qga info`: a guest on one screen.

use clap::Args;
use qga_bindings::Commands as _;
use qga_bindings::blocking::Helpers as _;
use qga_bindings::clock::Offset;
use qga_bindings::fit::{Fit, fit};
use qga_bindings::overview::Overview;
use qga_bindings::types::{GuestLoadAverage, GuestOSInfo};
use serde::Serialize;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, Text, human};

/// Show what there is to know of a guest, on one screen.
#[derive(Args, Debug)]
pub(crate) struct Info {}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Screen<'a> {
    agent: Agent<'a>,
    host_name: Option<&'a str>,
    os: Option<&'a GuestOSInfo>,
    uptime_seconds: Option<f64>,
    /// How far the guest's clock is ahead of the host's.
    clock_ahead_ns: Option<i128>,
    timezone: Option<&'a str>,
    load: Option<&'a GuestLoadAverage>,
    users: Option<Vec<&'a str>>,
    interfaces: Option<Vec<Interface<'a>>>,
    file_systems: Option<Vec<FileSystem<'a>>>,
    frozen: Option<bool>,
    failures: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Agent<'a> {
    version: &'a str,
    /// The releases of QEMU that have the same commands.
    fits: Vec<String>,
    disabled: &'a [String],
}

#[derive(Serialize)]
struct Interface<'a> {
    name: &'a str,
    mac: Option<String>,
    addresses: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FileSystem<'a> {
    mountpoint: &'a str,
    r#type: &'a str,
    used_bytes: Option<u64>,
    total_bytes: Option<u64>,
}

impl Query for Info {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.overview()?;
        let fit = fit(&guest.agent.guest_info()?);
        Report::new(&screen(&found, &fit), text(&found, &fit))
    }
}

fn screen<'a>(found: &'a Overview, fit: &Fit) -> Screen<'a> {
    let interfaces = found.interfaces.as_ref().map(|interfaces| {
        let one = |interface: &'a qga_bindings::network::Interface| Interface {
            name: &interface.name,
            mac: interface.mac.map(|mac| mac.to_string()),
            addresses: interface.addresses.iter().map(ToString::to_string).collect(),
        };
        interfaces.iter().map(one).collect()
    });
    let file_systems = found.file_systems.as_ref().map(|file_systems| {
        let one = |fs: &'a qga_bindings::storage::FileSystem| FileSystem {
            mountpoint: &fs.mountpoint,
            r#type: &fs.kind,
            used_bytes: fs.space.map(|space| space.used),
            total_bytes: fs.space.map(|space| space.total),
        };
        file_systems.iter().map(one).collect()
    });
    Screen {
        agent: Agent {
            version: &found.agent_version,
            fits: fit.releases.iter().map(ToString::to_string).collect(),
            disabled: &found.disabled,
        },
        host_name: found.host_name.as_deref(),
        os: found.os.as_ref(),
        uptime_seconds: found.uptime.map(|time| time.as_secs_f64()),
        clock_ahead_ns: found.clock.map(|clock| ahead(clock.offset())),
        timezone: found.timezone.as_ref().and_then(|zone| zone.zone.as_deref()),
        load: found.load.as_ref(),
        users: found
            .logins
            .as_ref()
            .map(|logins| logins.iter().map(|login| login.user.as_str()).collect()),
        interfaces,
        file_systems,
        frozen: found.frozen,
        failures: found.failures.iter().map(ToString::to_string).collect(),
    }
}

/// An offset in nanoseconds; negative if the guest is behind.
pub(super) fn ahead(offset: Offset) -> i128 {
    let signed = |nanoseconds: u128| i128::try_from(nanoseconds).unwrap_or(i128::MAX);
    match offset {
        Offset::Ahead(by) => signed(by.as_nanos()),
        Offset::Behind(by) => -signed(by.as_nanos()),
    }
}

fn text(found: &Overview, fit: &Fit) -> Text {
    let mut text =
        Text::default().fact("host name", found.host_name.as_deref()).fact("system", system(found));
    let releases = match (fit.releases.first(), fit.releases.last()) {
        (Some(first), Some(last)) if first == last => format!(", as of QEMU {first}"),
        (Some(first), Some(last)) => format!(", as of QEMU {first} to {last}"),
        _ => String::new(),
    };
    text = text.fact("agent", format!("version {}{releases}", found.agent_version));
    if !found.disabled.is_empty() {
        text = text.fact("disabled", found.disabled.join(", "));
    }
    if found.frozen == Some(true) {
        text = text.fact("file systems", Cell::from("frozen; `qga thaw` lets them go").bad());
    }
    if let Some(uptime) = found.uptime {
        text = text.fact("uptime", human::latency(uptime));
    }
    if let Some(clock) = &found.clock {
        let zone = found
            .timezone
            .as_ref()
            .map(|zone| format!(", {}", human::offset(zone.offset)))
            .unwrap_or_default();
        text = text.fact(
            "clock",
            format!("{} ({}{zone})", human::moment(clock.guest), human::apart(clock.offset())),
        );
    }
    if let Some(load) = &found.load {
        text =
            text.fact("load", format!("{:.2} {:.2} {:.2}", load.load1m, load.load5m, load.load15m));
    }
    if let Some(logins) = &found.logins {
        let users: Vec<&str> = logins.iter().map(|login| login.user.as_str()).collect();
        text = text
            .fact("users", if users.is_empty() { "nobody".to_owned() } else { users.join(", ") });
    }
    for interface in found.interfaces.iter().flatten() {
        let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
        if !addresses.is_empty() {
            text = text.fact(&format!("net {}", interface.name), addresses.join(", "));
        }
    }
    for failure in &found.failures {
        text = text.fact("not told", failure.to_string());
    }
    match &found.file_systems {
        Some(file_systems) if !file_systems.is_empty() => text.table(table(file_systems)),
        _ => text,
    }
}

fn table(file_systems: &[qga_bindings::storage::FileSystem]) -> Table {
    let mut table = Table::new(["MOUNTED ON", "TYPE", "SIZE", "FREE"], "");
    for fs in file_systems {
        table.row([
            fs.mountpoint.as_str().into(),
            fs.kind.as_str().into(),
            fs.space.map(|space| Cell::number(human::size(space.total))).into(),
            fs.space.map(|space| Cell::number(human::size(space.free()))).into(),
        ]);
    }
    table
}

fn system(found: &Overview) -> Option<String> {
    let os = found.os.as_ref()?;
    let words = [&os.pretty_name, &os.kernel_release, &os.machine];
    let words: Vec<&str> = words.into_iter().filter_map(|word| word.as_deref()).collect();
    Some(words.join(", "))
}
