//! Which releases agents are taken for, by the commands that they list.

use std::fs;
use std::path::Path;

use qga_bindings::fit::{Absence, Fit, fit};
use qga_bindings::types::{GuestAgentCommandInfo, GuestAgentInfo};
use qga_bindings::{BuildCondition, Release, info};
use qga_tests::{fit as report, golden};
use xtask::pins::Pins;

/// The commands that an agent of a release lists, if it was built for Linux with everything.
fn complete(release: Release) -> GuestAgentInfo {
    let mut agent = GuestAgentInfo::new(release.to_string());
    let of_windows = Some(BuildCondition::Defined("CONFIG_WIN32"));
    let known = info::COMMANDS
        .iter()
        .filter(|command| command.is_in(release) && command.condition_in(release) != of_windows);
    let listed = known.map(|command| {
        let mut listed = GuestAgentCommandInfo::new(command.name, true);
        let tells = release >= Release::new(1, 7);
        listed.success_response = tells.then_some(command.success_response);
        listed
    });
    agent.supported_commands = (release >= Release::new(1, 1)).then(|| listed.collect());
    agent
}

#[test]
fn an_agent_with_everything_a_release_has_fits_that_release() {
    for &release in info::RELEASES {
        let fit = fit(&complete(release));
        assert!(fit.is_exact() && fit.releases.contains(&release), "{release}: {fit:?}");
    }
}

#[test]
fn why_an_agent_lacks_a_command_is_told_as_far_as_it_can_be_known() {
    let lacking = |release: Release, own: &[&str]| {
        let mut agent = complete(release);
        if let Some(listed) = &mut agent.supported_commands {
            listed.retain(|command| !own.contains(&command.name.as_str()));
        }
        fit(&agent)
    };
    let absence = |fit: &Fit, name: &str| {
        let known = info::COMMANDS.iter().find(|command| command.name == name);
        known.map(|command| fit.absence(command))
    };
    let fit = lacking(Release::new(9, 0), &[]);
    let older = Absence::Older { since: Release::new(10, 0), fits: Release::new(9, 0) };
    assert_eq!(absence(&fit, "guest-get-load"), Some(older));
    let fit = lacking(Release::new(9, 2), &["guest-fstrim", "guest-ping"]);
    let windows = Absence::OtherSystem { systems: vec!["Windows"] };
    assert_eq!(absence(&fit, "guest-get-devices"), Some(windows));
    assert_eq!(absence(&fit, "guest-fstrim"), Some(Absence::NotBuilt));
    assert_eq!(absence(&fit, "guest-ping"), Some(Absence::Unexplained));
    assert_eq!(absence(&Fit::default(), "guest-ping"), Some(Absence::Unexplained));
}

#[test]
fn when_agents_began_to_say_more_is_what_the_history_says() {
    let pins = Pins::open(Path::new("../schema")).expect("what is pinned reads");
    let history = pins.history().expect("the releases merge");
    for (path, first) in [
        ("GuestAgentInfo.supported_commands", (1, 1)),
        ("GuestAgentCommandInfo.success-response", (1, 7)),
    ] {
        let since = history.life(path).expect("it is known").since;
        assert_eq!((since.major, since.minor), first, "{path}");
    }
}

#[test]
fn lists_of_agents_are_told_as_recorded() {
    for path in golden::files(Path::new("cases/fit"), "json").expect("they are listed") {
        let text = fs::read_to_string(&path).expect("read");
        let agent: GuestAgentInfo = serde_json::from_str(&text).expect("a reply to guest-info");
        let command = "cargo test -p qga-tests --test fit";
        golden::compare(&path.with_extension("txt"), &report::text(&agent), command).unwrap();
    }
}

#[test]
fn a_name_that_would_steer_a_terminal_is_shown_as_text() {
    let mut agent = GuestAgentInfo::new("\u{1b}[2J");
    agent.supported_commands = Some(vec![GuestAgentCommandInfo::new("\u{1b}]0;x\u{7}\n", true)]);
    let text = report::text(&agent);
    assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{text:?}");
    assert!(text.contains(r"foreign   \u{1b}]0;x\u{7}\n"), "{text}");
}

#[test]
fn a_list_without_end_is_read_in_time() {
    let mut agent = GuestAgentInfo::new("1");
    let names = (0..200_000).map(|n| GuestAgentCommandInfo::new(format!("guest-{n}"), true));
    agent.supported_commands = Some(names.collect());
    assert_eq!(fit(&agent).foreign.len(), 200_000);
}

#[cfg(unix)]
mod live {
    use std::process::Command;

    use qga_bindings::Commands as _;
    use qga_tests::agent::Agent;
    use qga_tests::lab::agents;
    use serde_json::Value;

    use super::*;

    #[test]
    fn agents_of_the_lab_fit_their_release() {
        for fetched in agents() {
            let agent = Agent::run(&fetched.command().expect("it is complete"), &[]);
            let said = agent.client().guest_info().expect("it answers");
            let fit = fit(&said);
            let own = Release::new(fetched.release.major, fetched.release.minor);
            assert!(
                fit.is_exact() && fit.releases.contains(&own),
                "{own}: {}",
                report::text(&said)
            );
        }
    }

    #[test]
    fn an_agent_is_asked_by_its_address() {
        let Some(agent) = Agent::start() else { return };
        let ask = |more: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_agent"))
                .arg(agent.socket())
                .args(more)
                .output()
                .expect("it starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("UTF-8")
        };
        let text = ask(&[]);
        assert!(text.contains("\nfits      QEMU "), "{text}");
        let json: Value = serde_json::from_str(&ask(&["--format", "json"])).expect("JSON");
        assert_eq!(json["exact"], true, "{json:#}");
        let disabled = json["disabled"].as_array().expect("a list");
        assert!(
            disabled.contains(&"guest-shutdown".into()),
            "tests run agents that cannot do harm"
        );
    }

    #[test]
    fn where_no_agent_is_the_program_says_so() {
        let output = Command::new(env!("CARGO_BIN_EXE_agent"))
            .arg("unix:/nowhere/qga.sock")
            .output()
            .expect("it starts");
        let complaint = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(!output.status.success(), "{complaint}");
        assert!(complaint.starts_with("error: unix:/nowhere/qga.sock: guest-info"), "{complaint}");
    }
}
