//! What the agent has counted so far.

use std::collections::BTreeMap;

use qga_bindings::types::GuestCpuStats;
use qga_bindings::{Commands as _, Error};

use crate::agent::Agent;
use crate::failure::Failure;

/// Counters, as far as the agent has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counters {
    /// For each processor, how long it was busy and how long it was there, in units of the guest's own.
    pub(super) cpus: BTreeMap<i64, (u64, u64)>,
    /// For each disk, the bytes read and written.
    pub(super) disks: BTreeMap<String, (u64, u64)>,
    /// For each network interface, the bytes received and sent.
    pub(super) interfaces: BTreeMap<String, (u64, u64)>,
}

/// The kernel counts in sectors of this size, whatever those of the disk are.
const SECTOR: u64 = 512;

impl Counters {
    pub(super) fn read(agent: &mut Agent) -> Result<Self, Failure> {
        let mut counters = Self::default();
        for cpu in available(agent.guest_get_cpustats())?.into_iter().flatten() {
            let GuestCpuStats::Linux(cpu) = cpu else { continue };
            let waiting = cpu.iowait.unwrap_or(0);
            let others = [cpu.irq, cpu.softirq, cpu.steal].map(Option::unwrap_or_default);
            // Time of guests of the guest is part of the user's time.
            let busy = others.iter().fold(cpu.user, |sum, time| sum.saturating_add(*time));
            let busy = busy.saturating_add(cpu.nice).saturating_add(cpu.system);
            let total = busy.saturating_add(cpu.idle).saturating_add(waiting);
            counters.cpus.insert(cpu.cpu, (busy, total));
        }
        for disk in available(agent.guest_get_diskstats())?.into_iter().flatten() {
            let bytes = |sectors: Option<u64>| sectors.unwrap_or(0).saturating_mul(SECTOR);
            let moved = (bytes(disk.stats.read_sectors), bytes(disk.stats.write_sectors));
            counters.disks.insert(disk.name, moved);
        }
        for interface in available(agent.guest_network_get_interfaces())?.into_iter().flatten() {
            if let Some(statistics) = interface.statistics {
                counters
                    .interfaces
                    .insert(interface.name, (statistics.rx_bytes, statistics.tx_bytes));
            }
        }
        if counters == Self::default() {
            return Err(Failure::new("this agent counts nothing")
                .next("processors and disks need QEMU 7.1 and Linux, network QEMU 2.11"));
        }
        Ok(counters)
    }
}

/// What an agent does not have is left out.
fn available<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Refused { .. } | Error::Failed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
