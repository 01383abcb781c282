//! `qga trim`: gives unused space back to the host.

use clap::Args;
use qga_bindings::{Commands as _, commands};

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Cell, Report, Table, human};

/// Tell the guest's disks which space its file systems do not use.
#[derive(Args, Debug)]
pub(crate) struct Trim {
    /// Leave free pieces alone that are shorter than this, in bytes.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(i64).range(0..))]
    minimum: Option<i64>,
}

impl Query for Trim {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let mut command = commands::GuestFstrim::new();
        command.minimum = self.minimum;
        let found = guest.agent.guest_fstrim(command)?;
        let mut table = Table::new(["FILE SYSTEM", "TRIMMED", "PROBLEM"], "trimmed");
        for path in found.paths.iter().flatten() {
            let trimmed = path.trimmed.and_then(|bytes| u64::try_from(bytes).ok()).map(human::size);
            table.row([
                path.path.as_str().into(),
                trimmed.map(Cell::number).into(),
                path.error.as_deref().map(|error| Cell::from(error).bad()).into(),
            ]);
        }
        Report::new(&found, table.into())
    }
}
