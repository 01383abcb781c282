//! `qga devices`: drivers of a Windows guest.

use clap::Args;
use qga_bindings::Commands as _;
use qga_bindings::types::GuestDeviceId;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, human};

/// List the drivers of the guest's PCI devices; only agents on Windows have this.
#[derive(Args, Debug)]
pub(crate) struct Devices {}

impl Query for Devices {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_get_devices()?;
        let mut table = Table::new(["DEVICE", "DRIVER", "VERSION", "DATE"], "no devices");
        for device in &found {
            let id = device.id.as_ref().map(|id| match id {
                GuestDeviceId::Pci(pci) => {
                    Cell::from(format!("{:04x}:{:04x}", pci.vendor_id, pci.device_id))
                }
                _ => "other".into(),
            });
            table.row([
                id.into(),
                device.driver_name.as_str().into(),
                device.driver_version.as_deref().into(),
                device.driver_date.map(human::nanoseconds).into(),
            ]);
        }
        Report::new(&found, table.into())
    }
}
