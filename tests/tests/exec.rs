//! Programs in the guest: against a fake agent in both faces, and against a real one where there is one.

use std::time::{Duration, Instant};

use qga_bindings::commands::GuestPing;
use qga_bindings::exec::{Capture, Exec, ExecError, Exit, MAX_STDIN, Process, Truncation};
use qga_bindings::fake::{Answer, Call, Run};
use qga_bindings::{Cause, Error};
use qga_tests::with_both_clients;

const MOMENT: Duration = Duration::from_millis(30);
const AMPLE: Duration = Duration::from_secs(20);
/// A program is started by then, however slow this machine is.
const STARTED: Duration = Duration::from_secs(2);
const FOREVER: Duration = Duration::from_secs(3600);
const NONE: [i64; 0] = [];

with_both_clients! {
    fn a_program_gets_its_arguments_environment_and_input(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/show", |start| {
            Run::exit(0).stdout(format!("{:?} {:?} {:?}", start.args, start.env, start.stdin))
        });
        let program = Exec::new("show").arg("a b").args(["\"", "\u{e9}\n"]);
        let output = done(client.exec(&program.clone().env("A", "1=2").env("B", "").stdin(*b"\0\xff")));
        let expected = r#"["a b", "\"", "é\n"] Some(["A=1=2", "B="]) [0, 255]"#;
        assert_eq!(String::from_utf8_lossy(&output.expect("it runs").stdout), expected);
        let output = done(client.exec(&program)).expect("it runs");
        assert!(output.stdout.ends_with(b"None []"), "{output:?}");
        let output = done(client.exec(&program.empty_env())).expect("it runs");
        assert!(output.stdout.ends_with(b"Some([]) []"), "{output:?}");
    }

    fn every_way_to_end_is_told(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        for (run, exit) in [
            (Run::exit(0), Exit::Code(0)),
            (Run::exit(255), Exit::Code(255)),
            (Run::signal(9), Exit::Signal(9)),
            (Run::signal(-1_073_741_819), Exit::Exception(0xC000_0005)),
            (Run::lost(), Exit::Unknown),
        ] {
            programs.insert("/bin/end", move |_| run.clone());
            assert_eq!(done(client.exec(&Exec::new("/bin/end"))).expect("it runs").exit, exit);
        }
        assert_eq!(programs.processes(), NONE);
    }

    fn each_capture_mode_gives_what_it_says_and_never_asks_for_one_that_damages_the_agent(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.set_capture_defect(true);
        programs.insert("/bin/both", |_| Run::exit(0).stdout("out").stderr("err"));
        for (capture, stdout, stderr) in [
            (Capture::Nothing, "", ""),
            (Capture::Stdout, "out", ""),
            (Capture::Stderr, "", "err"),
            (Capture::Separated, "out", "err"),
            (Capture::Merged, "outerr", ""),
        ] {
            let output = done(client.exec(&Exec::new("/bin/both").capture(capture))).expect("it runs");
            assert_eq!((output.stdout, output.stderr), (stdout.into(), stderr.into()), "{capture:?}");
        }
    }

    fn an_agent_before_8_1_is_told_apart_by_what_it_refuses_and_only_merging_needs_a_newer_one(agent, client) {
        agent.add_programs(&agent.add_files()).set_knows_modes(false).insert("/bin/true", |_| Run::exit(0));
        for capture in [Capture::Nothing, Capture::Stdout, Capture::Stderr, Capture::Separated] {
            done(client.exec(&Exec::new("/bin/true").capture(capture))).expect("every agent can");
        }
        let error = done(client.exec(&Exec::new("/bin/true").capture(Capture::Merged))).expect_err("too old");
        assert!(matches!(error, ExecError::CannotMerge), "{error}");
    }

    fn a_program_that_is_not_there_is_an_error_of_the_agent(agent, client) {
        agent.add_programs(&agent.add_files());
        let error = done(client.exec(&Exec::new("/bin/nothing"))).expect_err("not there");
        assert!(matches!(error, ExecError::Agent(Error::Failed { .. })), "{error}");
    }

    fn an_argument_with_nul_a_nameless_variable_and_too_much_input_are_refused_before_anything_is_sent(agent, client) {
        agent.add_programs(&agent.add_files());
        let error = done(client.exec(&Exec::new("x").arg("a\0b"))).expect_err("NUL");
        assert!(matches!(error, ExecError::Agent(Error::NotSent { cause: Cause::Nul, .. })), "{error}");
        let error = done(client.exec(&Exec::new("x").env("", "b"))).expect_err("no name");
        assert!(matches!(error, ExecError::UnnamedVariable { .. }), "{error}");
        let error = done(client.exec(&Exec::new("x").stdin(vec![0; MAX_STDIN + 1]))).expect_err("too long");
        assert!(matches!(error, ExecError::StdinTooLong { .. }), "{error}");
        assert!(agent.requests().is_empty());
    }

    fn output_that_was_cut_off_is_told_even_by_an_agent_that_tells_it_wrongly(agent, client) {
        const KEPT: usize = 16 << 20;
        let programs = agent.add_programs(&agent.add_files());
        for (defect, length, truncation) in [
            (false, 10, Truncation::No),
            (true, KEPT + 1, Truncation::Possibly),
        ] {
            programs.set_truncation_defect(defect);
            programs.insert("/bin/long", move |_| Run::exit(0).stdout(vec![b'x'; length]));
            let output = done(client.exec(&Exec::new("/bin/long").capture(Capture::Stdout))).expect("it runs");
            assert_eq!((output.stdout.len(), output.stdout_truncated), (length.min(KEPT), truncation));
        }
    }

    fn a_short_program_is_waited_for_no_longer_than_it_takes(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/short", |_| Run::exit(0).after(MOMENT));
        done(client.exec(&Exec::new("/bin/short"))).expect("it runs");
        let start = Instant::now();
        done(client.exec(&Exec::new("/bin/short"))).expect("it runs");
        // Whoever asks every so often would wait for the next time.
        assert!(start.elapsed() < AMPLE / 4, "{:?}", start.elapsed());
    }

    fn a_long_program_is_not_asked_for_without_end(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/long", |_| Run::exit(0).after(20 * MOMENT));
        done(client.exec(&Exec::new("/bin/long"))).expect("it runs");
        // Doubling would take 10 questions, one every millisecond 600.
        let questions = agent.requests().len();
        assert!(questions < 100, "{questions} questions");
    }

    fn a_program_that_does_not_end_in_time_is_killed_and_what_it_wrote_is_kept(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/sleep", |_| Run::exit(0).stdout("zzz").after(FOREVER));
        let error = done(client.exec(&Exec::new("/bin/sleep").within(STARTED))).expect_err("it takes an hour");
        let ExecError::Deadline { limit: STARTED, process, killed: true } = error else { panic!("{error}") };
        let output = process.into_output().expect("known");
        assert_eq!((output.exit, output.stdout.as_slice()), (Exit::Signal(9), b"zzz".as_slice()));
        assert_eq!(programs.processes(), NONE);
    }

    fn a_windows_guest_is_asked_to_kill_in_its_own_way(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        agent.on("guest-get-osinfo", |_| Answer::json(r#"{"id": "mswindows"}"#));
        programs.insert("C:/sleep", |_| Run::exit(0).after(FOREVER));
        programs.insert("C:/Windows/taskkill", |start| Run::exit(0).stdout(start.args.join(" ")));
        done(client.exec(&Exec::new("C:/sleep").within(STARTED))).expect_err("it takes an hour");
        let calls = agent.requests();
        let killer = calls.iter().rfind(|call| call.name == "guest-exec").expect("it was started");
        assert_eq!(killer.arguments["arg"].to_string(), r#"["/F","/T","/PID","4711"]"#);
    }

    fn a_process_goes_on_while_other_things_are_done_and_its_end_is_kept_until_it_is_taken(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/slow", |_| Run::exit(3).stdout("done").after(STARTED));
        let mut process = done(client.processes().spawn(&Exec::new("/bin/slow"))).expect("started");
        assert!(!done(client.processes().try_wait(&mut process)).expect("known"));
        agent.hang_up();
        while !done(client.processes().try_wait(&mut process)).expect("known") {}
        assert_eq!(programs.processes(), NONE);
        assert_eq!(process.output().map(|output| output.exit), Some(Exit::Code(3)));
        let output = done(client.processes().wait(&mut process, Some(AMPLE))).expect("kept");
        assert_eq!(output.stdout, b"done");
    }

    fn waiting_ends_in_time_and_leaves_the_process_alone(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/sleep", |_| Run::exit(0).after(FOREVER));
        let mut process = done(client.processes().spawn(&Exec::new("/bin/sleep"))).expect("started");
        let error = done(client.processes().wait(&mut process, Some(MOMENT))).expect_err("an hour");
        assert!(matches!(error, ExecError::Deadline { killed: false, .. }), "{error}");
        done(client.processes().kill(&mut process)).expect("killed");
        let output = done(client.processes().wait(&mut process, Some(AMPLE))).expect("ended");
        assert_eq!(output.exit, Exit::Signal(9));
        assert_eq!(programs.processes(), NONE);
    }

    /// Peers' pain 7: a process's end is told once, so an answer that is lost is lost for good.
    fn an_end_that_is_told_too_late_is_not_lost(agent, client) {
        agent.on("guest-exec", |_| Answer::json(r#"{"pid": 7}"#));
        agent.on("guest-exec-status", told_once_and_late());
        done(client.execute(&GuestPing::new())).expect("served");
        let mut process = done(client.processes().spawn(&Exec::new("x"))).expect("started");
        let error = done(client.processes().wait(&mut process, Some(10 * MOMENT))).expect_err("late");
        assert!(matches!(error, ExecError::Deadline { .. }), "{error}");
        agent.send(Answer::json(END));
        let output = done(client.processes().wait(&mut process, Some(AMPLE))).expect("still to come");
        assert_eq!(output.exit, Exit::Code(3));
        let error = done(client.processes().wait(&mut process, None)).expect_err("taken");
        assert!(matches!(error, ExecError::Lost { .. }), "{error}");
    }

    fn a_process_that_the_agent_forgot_is_lost_and_not_failed(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/sleep", |_| Run::exit(0).after(FOREVER));
        let mut process = done(client.processes().spawn(&Exec::new("/bin/sleep"))).expect("started");
        agent.restart();
        let error = done(client.processes().wait(&mut process, None)).expect_err("forgotten");
        assert!(matches!(error, ExecError::Lost { pid, .. } if pid == process.pid()), "{error}");
    }

    fn an_agent_that_falls_silent_leaves_the_process_with_the_caller(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/true", |_| Run::exit(0));
        agent.on("guest-exec-status", |_| Answer::silence().then_hang_up());
        let error = done(client.exec(&Exec::new("/bin/true"))).expect_err("no answer");
        assert!(matches!(error, ExecError::Interrupted { .. }), "{error}");
        assert_eq!(error.into_process().map(|process| process.pid()), Some(4711));
    }

    fn a_process_can_be_asked_for_by_its_number_alone(agent, client) {
        agent.add_programs(&agent.add_files()).insert("/bin/true", |_| Run::exit(0).stdout("x"));
        let pid = done(client.processes().spawn(&Exec::new("/bin/true"))).expect("started").pid();
        let mut process = Process::new(pid, Capture::Stdout);
        let output = done(client.processes().wait(&mut process, None)).expect("ended");
        assert_eq!(output.stdout, b"x");
    }
}

/// How process 7 ended.
const END: &str = r#"{"exited": true, "exitcode": 3}"#;

/// Nothing yet of how process 7 ended, as if that took its time, and that it is no more.
fn told_once_and_late() -> impl FnMut(&Call) -> Answer + Send {
    let mut told = false;
    move |_| {
        if std::mem::replace(&mut told, true) {
            return Answer::error("GenericError", "PID 7 does not exist");
        }
        Answer::silence()
    }
}

#[test]
fn an_end_that_is_told_to_a_future_that_was_dropped_is_not_lost() {
    use qga_bindings::tokio::{Client, Helpers as _};
    let agent = qga_bindings::fake::Agent::new();
    agent.on("guest-exec-status", told_once_and_late());
    let mut client = Client::new(agent.connect());
    let mut process = Process::new(7, Capture::Nothing);
    qga_tests::both::block_on(async {
        client.execute(&GuestPing::new()).await.expect("served");
        let mut processes = client.processes();
        let wait = processes.wait(&mut process, None);
        ::tokio::time::timeout(MOMENT, wait).await.expect_err("late");
        agent.send(Answer::json(END));
        let output = processes.wait(&mut process, Some(AMPLE)).await.expect("still to come");
        assert_eq!(output.exit, Exit::Code(3));
    });
}

#[cfg(unix)]
mod real {
    use qga_bindings::blocking::Helpers as _;
    use qga_tests::agent::Agent;

    use super::*;

    #[test]
    fn a_mebibyte_of_input_comes_back_as_output() {
        let Some(agent) = Agent::start() else { return };
        let bytes: Vec<u8> = (0..1_u32 << 18).flat_map(u32::to_le_bytes).collect();
        let output = agent.client().exec(&Exec::new("cat").stdin(bytes.clone()).within(AMPLE));
        let output = output.expect("it runs");
        assert!(output.stdout == bytes, "{} bytes came back", output.stdout.len());
        assert_eq!((output.exit, output.stdout_truncated), (Exit::Code(0), Truncation::No));
    }

    #[test]
    fn a_program_is_killed_at_its_deadline() {
        let Some(agent) = Agent::start() else { return };
        let sleep = Exec::new("sleep").arg("3600").within(STARTED);
        let error = agent.client().exec(&sleep).expect_err("it takes an hour");
        let ExecError::Deadline { process, killed: true, .. } = error else { panic!("{error}") };
        assert_eq!(process.output().map(|output| output.exit), Some(Exit::Signal(9)));
    }

    #[test]
    fn what_a_program_has_started_is_killed_with_it() {
        let Some(agent) = Agent::start() else { return };
        let line = "(sleep 3600; true) & sleep 3600; true";
        let shell = Exec::new("/bin/sh").args(["-c", line]).within(STARTED);
        let start = Instant::now();
        let error = agent.client().exec(&shell).expect_err("it takes an hour");
        let ExecError::Deadline { process, killed: true, .. } = error else { panic!("{error}") };
        // The agent tells the end only when nobody holds the output open any more.
        assert_eq!(process.output().map(|output| output.exit), Some(Exit::Signal(9)));
        assert!(start.elapsed() < AMPLE, "{:?}", start.elapsed());
    }

    #[test]
    fn more_output_than_the_agent_keeps_is_told() {
        let Some(agent) = Agent::start() else { return };
        let head = Exec::new("head").args(["-c", "16777217", "/dev/zero"]).within(3 * AMPLE);
        let output = agent.client().exec(&head).expect("it runs");
        assert_eq!(output.stdout.len(), 16 << 20);
        assert_ne!(output.stdout_truncated, Truncation::No);
    }

    #[test]
    fn an_environment_replaces_that_of_the_agent() {
        let Some(agent) = Agent::start() else { return };
        let env = Exec::new("/usr/bin/env").env("ONLY", "this").within(AMPLE);
        assert_eq!(agent.client().exec(&env).expect("it runs").stdout, b"ONLY=this\n");
    }
}
