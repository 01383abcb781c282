//! What can be tried in a guest: everything.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use qapi_codegen::schema::Schema;
use qga_bindings::blocking::Client;
use qga_bindings::commands::{GuestFsfreezeThaw, GuestPing};
use xtask::lab::agents::Fetched;

use super::form::{Form, forms};
use super::subject::Subject;
use super::{Outcome, release, trial};
use crate::vm::{PATIENCE, Vm, until};

/// Whether the machine does not simply go on after it.
pub fn is_about_power(form: &Form) -> bool {
    form.command.name == "guest-shutdown" || form.command.name.starts_with("guest-suspend-")
}

/// Tries a form in a guest that runs, in a state that allows everything, and restores that state; unless it is switched off.
///
/// # Errors
/// What does not fit the agent's release.
pub fn try_in_guest(
    form: &Form,
    vm: &mut Vm,
    agent: &Fetched,
    schema: &Schema,
) -> Result<Outcome, String> {
    let mut subject = Subject { client: vm.client(), file: "/tmp/file".to_owned() };
    let name = form.command.name;
    if !answers(&mut subject.client) {
        let (command, form, console) = (name, form.name(), vm.console());
        return Err(format!(
            "before {command} ({form}) agent {} in a guest was silent for {PATIENCE:?}; the console: {console}",
            agent.release
        ));
    }
    prepare(name, vm);
    if name == "guest-fsfreeze-thaw" {
        subject.freeze().map_err(|error| error.to_string())?;
    }
    vm.qmp.forget_events();
    let outcome = trial::attempt(form, &mut subject, release(agent), schema)
        .map_err(|error| format!("agent {} in a guest: {error}", agent.release))?;
    let has_effect = match name {
        _ if outcome != Outcome::Works => true,
        "guest-shutdown" => wait_for_shutdown(form, vm),
        _ if name.starts_with("guest-suspend-") => sleeps(vm),
        _ => true,
    };
    if name.starts_with("guest-fsfreeze-freeze") && outcome.is_understood() {
        let thawed = subject.client.execute_within(&GuestFsfreezeThaw::new(), PATIENCE);
        thawed.map_err(|error| error.to_string())?;
    }
    if form.spoils_agent() {
        vm.kill_agent();
    }
    Ok(if has_effect { outcome } else { Outcome::NoEffect })
}

/// Brings the guest into a state in which the command can succeed.
fn prepare(command: &str, vm: &mut Vm) {
    match command {
        // An emulated machine may crash when several processors wake up at once.
        "guest-suspend-disk" | "guest-suspend-ram" | "guest-suspend-hybrid" => {
            vm.run("echo 0 > /sys/devices/system/cpu/cpu1/online");
        }
        "guest-ssh-get-authorized-keys" => {
            vm.run(
                "cd /home/alice; mkdir -p .ssh; touch .ssh/authorized_keys; chown -R alice .ssh",
            );
        }
        _ => {}
    }
}

/// Whether the agent answers, sooner or later. What is sent while a machine starts anew may be lost, so it is tried again.
fn answers(client: &mut Client<UnixStream>) -> bool {
    let (begun, ping) = (Instant::now(), GuestPing::new());
    while begun.elapsed() < PATIENCE {
        if client.execute_within(&ping, Duration::from_secs(5)).is_ok() {
            return true;
        }
    }
    false
}

/// Waits until the machine shows that the guest was shut down in the way that was asked for.
fn wait_for_shutdown(form: &Form, vm: &mut Vm) -> bool {
    match form.value.as_ref().and_then(|value| value.as_str()) {
        Some("reboot") => {
            vm.qmp.wait_for("RESET");
        }
        Some("halt") => {
            until("the guest has halted", || vm.console().contains("System halted"));
        }
        _ => vm.wait_until_off(),
    }
    true
}

/// Whether the machine sleeps, from which it is woken.
fn sleeps(vm: &mut Vm) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if vm.is_off() {
            return true;
        }
        if vm.qmp.execute("query-status")["status"] == "suspended" {
            vm.qmp.execute("system_wakeup");
            vm.qmp.wait_for("WAKEUP");
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Tries every form in guests, as many as are needed one after the other, which `boot` boots.
///
/// # Errors
/// What does not fit the agent's release.
pub(super) fn try_all(
    boot: impl Fn() -> Vm,
    agent: &Fetched,
    schema: &Schema,
) -> Result<Vec<(Form, Outcome)>, String> {
    let mut vm = boot();
    let mut tried = Vec::new();
    let (last, first): (Vec<Form>, Vec<Form>) = forms().partition(is_about_power);
    for form in first.into_iter().chain(last) {
        let outcome = try_in_guest(&form, &mut vm, agent, schema)?;
        if vm.is_off() || vm.console().contains("System halted") {
            vm = boot();
        }
        tried.push((form, outcome));
    }
    Ok(tried)
}
