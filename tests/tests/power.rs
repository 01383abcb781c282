//! Shutting down, restarting and suspending: an outcome that says no more than was seen.

use std::time::Duration;

use qga_bindings::Error;
use qga_bindings::commands::GuestPing;
use qga_bindings::fake::Answer;
use qga_bindings::power::{Outcome, Power, PowerError, Until};
use qga_tests::with_both_clients;

/// Time in which nothing that is waited for happens, and in which a busy machine answers a client that is served already.
const SHORT: Duration = Duration::from_millis(400);

/// How long the guest takes to boot.
const BOOT: Duration = Duration::from_millis(300);

with_both_clients! {
    fn a_guest_that_switches_off_ends_the_connection(agent, client) {
        agent.add_power(BOOT);
        assert_eq!(done(client.power(&Power::off())).unwrap(), Outcome::Ended);
        assert_eq!(agent.requests()[0].arguments["mode"], "powerdown");
    }

    fn an_agent_that_goes_on_has_accepted(agent, client) {
        agent.add_power(BOOT);
        let power = Power::off().until(Until::Accepted);
        assert_eq!(done(client.power(&power)).unwrap(), Outcome::Accepted);
    }

    fn the_end_of_the_stream_may_come_before_the_agent_goes_on(agent, client) {
        agent.on("guest-shutdown", |_| Answer::silence().then_hang_up());
        let power = Power::off().until(Until::Accepted);
        assert_eq!(done(client.power(&power)).unwrap(), Outcome::Ended);
    }

    fn silence_until_the_deadline_is_told_as_silence(agent, client) {
        done(client.execute(&GuestPing::new())).unwrap();
        agent.on("guest-suspend-ram", |_| Answer::silence().after(Duration::from_secs(3600)));
        let power = Power::suspend_to_ram().until(Until::Accepted).within(SHORT);
        assert_eq!(done(client.power(&power)).unwrap(), Outcome::Silent);
    }

    fn a_guest_that_is_halted_falls_silent(agent, client) {
        done(client.execute(&GuestPing::new())).unwrap();
        agent.add_power(BOOT);
        assert_eq!(done(client.power(&Power::halt().within(SHORT))).unwrap(), Outcome::Silent);
    }

    fn a_guest_that_sleeps_falls_silent_and_answers_when_it_is_woken(agent, client) {
        done(client.execute(&GuestPing::new())).unwrap();
        agent.add_power(BOOT);
        assert_eq!(done(client.power(&Power::suspend_to_ram().within(SHORT))).unwrap(), Outcome::Silent);
        agent.wake();
        done(client.execute(&GuestPing::new())).unwrap();
    }

    fn a_restarted_guest_is_known_by_the_file_handle_it_has_forgotten(agent, client) {
        agent.add_power(BOOT);
        let files = agent.add_files();
        files.insert("/dev/null", []);
        let Outcome::Back { after } = done(client.power(&Power::reboot())).unwrap() else { panic!("not back") };
        assert!(after >= BOOT, "{after:?}");
        assert!(files.open_handles().is_empty());
        done(client.execute(&GuestPing::new())).unwrap();
    }

    fn a_restarted_guest_whose_agent_opens_no_files_is_known_by_its_silence(agent, client) {
        agent.add_power(Duration::from_millis(2_500));
        assert!(matches!(done(client.power(&Power::reboot())), Ok(Outcome::Back { .. })));
    }

    fn a_guest_that_does_not_restart_is_not_back_although_it_answers(agent, client) {
        done(client.execute(&GuestPing::new())).unwrap();
        agent.on("guest-shutdown", |_| Answer::silence());
        let files = agent.add_files();
        files.insert("/dev/null", []);
        let error = done(client.power(&Power::reboot().within(SHORT))).unwrap_err();
        assert!(matches!(error, PowerError::Unconfirmed { seen: Outcome::Accepted, .. }), "{error}");
        assert!(files.open_handles().is_empty(), "the handle was closed again");
    }

    fn a_guest_that_switches_off_in_place_of_restarting_is_not_back(agent, client) {
        done(client.execute(&GuestPing::new())).unwrap();
        agent.on("guest-shutdown", |_| Answer::silence().then_power_off());
        let error = done(client.power(&Power::reboot().within(SHORT))).unwrap_err();
        assert!(matches!(error, PowerError::Unconfirmed { seen: Outcome::Ended, .. }), "{error}");
    }

    fn a_guest_that_goes_on_answering_is_not_gone(agent, client) {
        done(client.execute(&GuestPing::new())).unwrap();
        agent.on("guest-suspend-disk", |_| Answer::silence());
        let error = done(client.power(&Power::suspend_to_disk().within(SHORT))).unwrap_err();
        assert!(matches!(error, PowerError::Unconfirmed { until: Until::Gone, .. }), "{error}");
    }

    fn a_mode_that_the_guest_does_not_support_is_its_error(agent, client) {
        let desc = "the requested suspend mode is not supported by the guest";
        agent.on("guest-suspend-hybrid", move |_| Answer::error("GenericError", desc));
        let error = done(client.power(&Power::suspend_hybrid())).unwrap_err();
        assert!(matches!(&error, PowerError::Agent(Error::Failed { .. })), "{error}");
    }

    fn a_restart_that_is_refused_leaves_no_file_handle_behind(agent, client) {
        let files = agent.add_files();
        files.insert("/dev/null", []);
        agent.on("guest-shutdown", |_| Answer::empty()).disable("guest-shutdown");
        let error = done(client.power(&Power::reboot())).unwrap_err();
        assert!(matches!(&error, PowerError::Agent(Error::Refused { .. })), "{error}");
        assert!(files.open_handles().is_empty());
    }

    fn an_agent_that_answers_as_before_qemu_1_1_has_accepted(agent, client) {
        agent.on("guest-shutdown", |_| Answer::empty());
        let power = Power::off().until(Until::Accepted);
        assert_eq!(done(client.power(&power)).unwrap(), Outcome::Accepted);
    }
}
