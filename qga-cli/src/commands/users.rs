//! `qga users`.

use clap::Args;
use qga_bindings::Commands as _;

use crate::context::{Guest, Query};
use crate::failure::Failure;
use crate::output::{Report, Table, human};

/// List who is logged in.
#[derive(Args, Debug)]
pub(crate) struct Users {}

impl Query for Users {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let found = guest.agent.guest_get_users()?;
        let mut table = Table::new(["USER", "DOMAIN", "SINCE"], "nobody is logged in");
        for user in &found {
            table.row([
                user.user.as_str().into(),
                user.domain.as_deref().into(),
                human::time(user.login_time).into(),
            ]);
        }
        Report::new(&found, table.into())
    }
}
