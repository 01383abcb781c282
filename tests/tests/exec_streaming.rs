//! Programs whose output is followed while they run: against a fake agent in both faces, and against a real one where there is
//! one.

use std::io::ErrorKind;
use std::time::Duration;

use qga_bindings::Error;
use qga_bindings::exec::{Capture, Chunk, Exec, ExecError, Exit};
use qga_bindings::fake::{Answer, Run};
use qga_tests::with_both_clients;

const MOMENT: Duration = Duration::from_millis(30);
const AMPLE: Duration = Duration::from_secs(20);
/// A program is started by then, however slow this machine is.
const STARTED: Duration = Duration::from_secs(2);
const FOREVER: Duration = Duration::from_secs(3600);
const NONE: [i64; 0] = [];

with_both_clients! {
    fn output_is_handed_on_while_the_program_runs(agent, client) {
        let disk = agent.add_files();
        let programs = agent.add_programs(&disk);
        programs.insert("/bin/talk", |start| {
            let said = [start.args.join(" ").into_bytes(), start.stdin.clone()].concat();
            Run::exit(7).stdout(said).stderr("err").after(MOMENT)
        });
        for (capture, stdout, stderr) in [
            (Capture::Nothing, "", ""),
            (Capture::Stdout, "a 'b$in", ""),
            (Capture::Stderr, "", "err"),
            (Capture::Separated, "a 'b$in", "err"),
            (Capture::Merged, "a 'b$inerr", ""),
        ] {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let program = Exec::new("talk").args(["a", "'b$"]).stdin("in").capture(capture).within(AMPLE);
            let exit = done(client.exec_streaming(&program, |chunk| {
                match chunk {
                    Chunk::Stdout(bytes) => out.extend_from_slice(bytes),
                    Chunk::Stderr(bytes) => err.extend_from_slice(bytes),
                    _ => {}
                }
                Ok(())
            }));
            assert_eq!(exit.expect("it runs"), Exit::Code(7));
            assert_eq!((out, err), (stdout.into(), stderr.into()), "{capture:?}");
        }
        assert_eq!((disk.open_handles(), disk.paths()), (NONE.to_vec(), vec![]));
        assert_eq!(programs.processes(), NONE);
    }

    fn output_is_there_before_the_program_ends(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        programs.insert("/bin/sleep", |_| Run::exit(0).stdout("zzz").after(FOREVER));
        let mut said = Vec::new();
        let exit = done(client.exec_streaming(&Exec::new("/bin/sleep").within(AMPLE), |chunk| {
            // Nothing else ends it.
            programs.processes().iter().for_each(|pid| assert!(programs.kill(*pid, 15)));
            if let Chunk::Stdout(bytes) = chunk {
                said.extend_from_slice(bytes);
            }
            Ok(())
        }));
        assert_eq!((exit.expect("it runs"), said.as_slice()), (Exit::Signal(15), &b"zzz"[..]));
    }

    fn a_followed_program_that_is_not_there_ends_as_in_a_shell(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk);
        let mut said = Vec::new();
        let exit = done(client.exec_streaming(&Exec::new("/bin/nothing"), |chunk| {
            if let Chunk::Stderr(bytes) = chunk {
                said.extend_from_slice(bytes);
            }
            Ok(())
        }));
        assert_eq!(exit.expect("the shell runs"), Exit::Code(127));
        assert!(said.ends_with(b"not found\n"));
        assert_eq!((disk.open_handles(), disk.paths()), (NONE.to_vec(), vec![]));
    }

    fn a_followed_program_is_killed_at_its_deadline_and_nothing_is_left_behind(agent, client) {
        let disk = agent.add_files();
        let programs = agent.add_programs(&disk);
        programs.insert("/bin/sleep", |_| Run::exit(0).stdout("zzz").after(FOREVER));
        let mut said = Vec::new();
        let program = Exec::new("/bin/sleep").within(STARTED);
        let error = done(client.exec_streaming(&program, |chunk| {
            if let Chunk::Stdout(bytes) = chunk {
                said.extend_from_slice(bytes);
            }
            Ok(())
        }));
        let error = error.expect_err("it takes an hour");
        assert!(matches!(error, ExecError::Deadline { killed: true, .. }), "{error}");
        assert_eq!(said, b"zzz");
        assert_eq!((disk.open_handles(), disk.paths()), (NONE.to_vec(), vec![]));
        assert_eq!(programs.processes(), NONE);
    }

    fn a_followed_program_is_killed_when_its_output_cannot_be_handed_on(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk).insert("/bin/sleep", |_| Run::exit(0).stdout("zzz").after(FOREVER));
        let error = done(client.exec_streaming(&Exec::new("/bin/sleep"), |_| Err(ErrorKind::BrokenPipe.into())));
        let error = error.expect_err("nobody listens");
        assert!(matches!(error, ExecError::Local { killed: true, .. }), "{error}");
        assert_eq!(disk.open_handles(), NONE);
    }

    fn a_program_that_cannot_be_started_leaves_no_files_behind(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk);
        agent.disable("guest-file-read").on("guest-file-open", |_| Answer::error("GenericError", "no"));
        let error = done(client.exec_streaming(&Exec::new("/bin/true"), |_| Ok(()))).expect_err("no handles");
        assert!(matches!(error, ExecError::Agent(Error::Failed { .. })), "{error}");
        assert_eq!(disk.paths(), Vec::<String>::new());
    }

    fn a_windows_guest_is_told_apart_before_output_is_followed(agent, client) {
        agent.add_programs(&agent.add_files());
        agent.on("guest-get-osinfo", |_| Answer::json(r#"{"id": "mswindows"}"#));
        let error = done(client.exec_streaming(&Exec::new("C:/x"), |_| Ok(()))).expect_err("Windows");
        assert!(matches!(error, ExecError::NotStreamable), "{error}");
    }

    fn a_connection_that_ends_while_output_is_followed_leaves_the_process_with_the_caller(agent, client) {
        let disk = agent.add_files();
        agent.add_programs(&disk).insert("/bin/sleep", |_| Run::exit(0).stdout("zzz").after(FOREVER));
        let cut = agent.clone();
        let error = done(client.exec_streaming(&Exec::new("/bin/sleep"), |_| {
            cut.set_refusing(true).hang_up();
            Ok(())
        }));
        let error = error.expect_err("refused");
        assert!(matches!(&error, ExecError::Interrupted { leaked, .. } if leaked.len() == 2), "{error}");
        agent.set_refusing(false);
        let mut process = error.into_process().expect("it was started");
        done(client.processes().kill(&mut process)).expect("killed");
    }
}

#[cfg(unix)]
mod real {
    use qga_bindings::blocking::Helpers as _;
    use qga_tests::agent::Agent;

    use super::*;

    #[test]
    fn twenty_mebibytes_of_output_are_followed_whole() {
        let Some(agent) = Agent::start() else { return };
        let program = "i=0; while [ $i -lt 20 ]; do head -c 1048576 /dev/urandom; i=$((i+1)); done | tee /dev/stderr | sha256sum";
        // What is followed is its own proof: the digest of the one is the other.
        let program = Exec::new("sh").args(["-c", program]).within(5 * AMPLE);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = agent.client().exec_streaming(&program, |chunk| {
            match chunk {
                Chunk::Stdout(bytes) => stdout.extend_from_slice(bytes),
                Chunk::Stderr(bytes) => stderr.extend_from_slice(bytes),
                _ => {}
            }
            Ok(())
        });
        assert_eq!(exit.expect("it runs"), Exit::Code(0));
        assert_eq!(stderr.len(), 20 << 20);
        let mut client = agent.client();
        let path = agent.dir().join("output").to_string_lossy().into_owned();
        client.files().write(&path, &stderr).expect("written");
        let digest = client.exec(&Exec::new("sh").args(["-c", "sha256sum <\"$1\"", "sh", &path]));
        assert_eq!(digest.expect("it runs").stdout, stdout);
    }

    #[test]
    fn output_is_there_before_the_program_ends_and_nothing_is_left_behind() {
        let Some(agent) = Agent::start() else { return };
        let go = agent.dir().join("go");
        let script = format!(
            "readlink /proc/$$/fd/1; echo $0 \"$@\"; cat; until [ -e {} ]; do sleep 0.01; done; exit 3",
            go.display()
        );
        let program =
            Exec::new("/bin/sh").args(["-c", &script, "a b", "$c", "\"d"]).stdin("input\n");
        let mut said = Vec::new();
        let exit = agent.client().exec_streaming(&program.within(AMPLE), |chunk| {
            if let Chunk::Stdout(bytes) = chunk {
                said.extend_from_slice(bytes);
                // It does not end before what it wrote was here.
                std::fs::write(&go, "")?;
            }
            Ok(())
        });
        assert_eq!(exit.expect("it runs"), Exit::Code(3));
        let said = String::from_utf8_lossy(&said);
        let (place, said) = said.split_once(" (deleted)\n").expect("the file has no name any more");
        assert_eq!(said, "a b $c \"d\ninput\n");
        assert!(!std::path::Path::new(place).parent().expect("a directory").exists());
    }
}
