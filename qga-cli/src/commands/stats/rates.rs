//! Two looks at counters to rates.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Serialize;

use super::counters::Counters;
use crate::output::{Cell, Table, Text, human};

/// How busy the guest was between two looks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Rates {
    seconds: f64,
    /// How busy each processor was, in percent.
    cpus: BTreeMap<i64, u64>,
    disks: BTreeMap<String, Disk>,
    interfaces: BTreeMap<String, Interface>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Disk {
    read_bytes_per_second: u64,
    written_bytes_per_second: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Interface {
    received_bytes_per_second: u64,
    sent_bytes_per_second: u64,
}

impl Rates {
    pub(super) fn between(before: &Counters, now: &Counters, time: Duration) -> Self {
        let cpus = pairs(&before.cpus, &now.cpus).map(|(cpu, busy, total)| {
            let percent = u128::from(busy) * 100 / u128::from(total.max(1));
            (*cpu, u64::try_from(percent.min(100)).unwrap_or(100))
        });
        let disks = pairs(&before.disks, &now.disks).map(|(name, read, written)| {
            let read_bytes_per_second = per_second(read, time);
            let written_bytes_per_second = per_second(written, time);
            (name.clone(), Disk { read_bytes_per_second, written_bytes_per_second })
        });
        let interfaces =
            pairs(&before.interfaces, &now.interfaces).map(|(name, received, sent)| {
                let received_bytes_per_second = per_second(received, time);
                let sent_bytes_per_second = per_second(sent, time);
                (name.clone(), Interface { received_bytes_per_second, sent_bytes_per_second })
            });
        Self {
            cpus: cpus.collect(),
            disks: disks.collect(),
            interfaces: interfaces.collect(),
            seconds: time.as_secs_f64(),
        }
    }

    /// Everything, in a table.
    pub(super) fn text(&self) -> Text {
        let mut table = Table::new(["WHAT", "BUSY", "IN", "OUT"], "nothing to be told");
        for (cpu, percent) in &self.cpus {
            let busy = Cell::number(format!("{percent}%"));
            table.row([format!("cpu {cpu}").into(), busy, Cell::default(), Cell::default()]);
        }
        let rate = |bytes: u64| Cell::number(format!("{}/s", human::size(bytes)));
        for (name, disk) in &self.disks {
            let (read, written) =
                (rate(disk.read_bytes_per_second), rate(disk.written_bytes_per_second));
            table.row([format!("disk {name}").into(), Cell::default(), read, written]);
        }
        for (name, interface) in &self.interfaces {
            let (received, sent) =
                (rate(interface.received_bytes_per_second), rate(interface.sent_bytes_per_second));
            table.row([format!("net {name}").into(), Cell::default(), received, sent]);
        }
        table.into()
    }

    /// How busy the processors were on average, in percent.
    fn busy(&self) -> u64 {
        self.cpus.values().sum::<u64>() / (self.cpus.len() as u64).max(1)
    }
}

/// What was added to each pair of counters. Counters that were reset count from nothing.
fn pairs<'a, K: Ord>(
    before: &'a BTreeMap<K, (u64, u64)>,
    now: &'a BTreeMap<K, (u64, u64)>,
) -> impl Iterator<Item = (&'a K, u64, u64)> {
    now.iter().filter_map(|(key, (first, second))| {
        let (first_before, second_before) = before.get(key)?;
        Some((key, first.saturating_sub(*first_before), second.saturating_sub(*second_before)))
    })
}

fn per_second(count: u64, time: Duration) -> u64 {
    let micros = time.as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// How busy the guest was lately, as small columns.
#[derive(Debug, Default)]
pub(super) struct History {
    busy: VecDeque<u64>,
}

/// How many columns are shown.
const COLUMNS: usize = 30;

impl History {
    pub(super) fn push(&mut self, rates: &Rates) {
        self.busy.push_back(rates.busy());
        if self.busy.len() > COLUMNS {
            self.busy.pop_front();
        }
    }

    /// The rates, and how the processors got there.
    pub(super) fn text(&self, rates: &Rates) -> Text {
        let columns: String = self.busy.iter().map(|percent| column(*percent)).collect();
        Text::line(format!("processors {}% {columns}", rates.busy())).and(rates.text())
    }
}

fn column(percent: u64) -> char {
    const COLUMNS: [char; 8] = [
        '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}',
        '\u{2588}',
    ];
    let at = usize::try_from(percent * 7 / 100).unwrap_or(0);
    COLUMNS.get(at).copied().unwrap_or('\u{2588}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(cpu: (u64, u64), disk: (u64, u64)) -> Counters {
        Counters {
            cpus: [(0, cpu)].into(),
            disks: [("vda".to_owned(), disk)].into(),
            interfaces: BTreeMap::new(),
        }
    }

    #[test]
    fn rates_are_what_was_added_over_the_time_it_took() {
        let rates = Rates::between(
            &counters((100, 1000), (0, 0)),
            &counters((125, 1100), (4096, 1024)),
            Duration::from_secs(2),
        );
        assert_eq!(rates.cpus[&0], 25);
        let disk = rates.disks["vda"];
        assert_eq!((disk.read_bytes_per_second, disk.written_bytes_per_second), (2048, 512));
    }

    #[test]
    fn counters_that_began_anew_or_lie_make_no_nonsense() {
        let rates = Rates::between(
            &counters((u64::MAX, 5), (9, 9)),
            &counters((1, 5), (0, u64::MAX)),
            Duration::ZERO,
        );
        assert_eq!((rates.cpus[&0], rates.disks["vda"].read_bytes_per_second), (0, 0));
        assert!(rates.disks["vda"].written_bytes_per_second > 0);
    }
}
