//! `qga doctor`: tries each layer between here and the agent, and names the first that fails.

mod layers;

use clap::Args;
use serde::Serialize;

use crate::context::{Guest, Query};
use crate::failure::{Failure, exit};
use crate::output::{Cell, Report, Table, Text};
use layers::Layer;

/// Try each layer between here and the agent, and say which is the first that fails and what to do about it.
#[derive(Args, Debug)]
pub(crate) struct Doctor {}

#[derive(Serialize)]
struct Findings {
    healthy: bool,
    layers: Vec<Layer>,
}

impl Query for Doctor {
    fn ask(&self, guest: &mut Guest<'_>) -> Result<Report, Failure> {
        let layers = layers::examine(&mut guest.agent, guest.target);
        let mut table = Table::new(["LAYER", "", "FOUND"], "");
        let mut remedies = Vec::new();
        for layer in &layers {
            let state = Cell::from(layer.state.to_string());
            let state = if layer.state == layers::State::Failed { state.bad() } else { state };
            table.row([layer.name.into(), state, layer.found.as_str().into()]);
            remedies.extend(layer.remedy.as_deref());
        }
        let text = remedies
            .iter()
            .fold(Text::from(table), |text, remedy| text.and_line(format!("next: {remedy}")));
        let healthy = layers.iter().all(|layer| layer.state != layers::State::Failed);
        let report = Report::new(&Findings { healthy, layers }, text)?;
        if healthy {
            return Ok(report);
        }
        // What was found is the result, also where it is bad.
        guest.emit(&report)?;
        Err(Failure::silent(exit::UNREACHABLE))
    }
}
