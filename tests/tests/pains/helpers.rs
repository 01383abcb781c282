//! What has to do with freezing, programs and files: the pains that the helpers take away.

use std::time::{Duration, Instant};

use qga_bindings::commands::GuestPing;
use qga_bindings::exec::{Capture, Chunk, Exec, ExecError, Exit, Truncation};
use qga_bindings::fake::{Answer, Run};
use qga_bindings::files::{CopyOptions, FileProblem};
use qga_bindings::freeze::{Freeze, FreezeError};
use qga_tests::both::until;
use qga_tests::with_both_clients;

use super::{AMPLE, MUCH_LATER, SHORT};

/// What an agent keeps of a program's output.
const KEPT: usize = 16 << 20;

with_both_clients! {
    fn pain_03_a_guest_is_left_frozen_by_a_program_that_goes_away(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all())).expect("frozen");
        assert!(agent.is_frozen());
        drop(frozen);
        until("dropping thaws", || !agent.is_frozen());
    }

    fn pain_03_a_freeze_takes_effect_late(agent, client) {
        agent.add_file_systems(["/"]);
        done(client.execute(&GuestPing::new())).expect("served");
        agent.replace_next_answer("guest-fsfreeze-freeze", Answer::json("1").after(MUCH_LATER));
        let error = done(client.freeze(&Freeze::all().within(SHORT))).map(drop).expect_err("too slow");
        assert!(matches!(error.into(), FreezeError::Undone { .. }));
        assert!(!agent.is_frozen());
    }

    fn pain_03_what_others_froze_is_thawed(agent, client) {
        agent.add_file_systems(["/"]).set_frozen(true);
        let error = done(client.freeze(&Freeze::all())).map(drop).expect_err("theirs");
        assert!(matches!(error.into(), FreezeError::AlreadyFrozen { .. }));
        assert!(agent.is_frozen());
    }

    fn pain_07_output_comes_at_the_end_is_cut_off_and_the_end_is_told_once(agent, client) {
        let disk = agent.add_files();
        let programs = agent.add_programs(&disk);
        programs.insert("/bin/long", |_| Run::exit(3).stdout(vec![b'x'; KEPT + 1]).after(SHORT));
        let long = Exec::new("/bin/long").capture(Capture::Stdout);
        let cut = done(client.exec(&long)).expect("it runs");
        assert_eq!((cut.stdout.len(), cut.stdout_truncated), (KEPT, Truncation::Yes));
        let mut length = 0;
        let exit = done(client.exec_streaming(&long, |chunk| {
            if let Chunk::Stdout(bytes) = chunk {
                length += bytes.len();
            }
            Ok(())
        }));
        assert_eq!((exit.expect("it runs"), length), (Exit::Code(3), KEPT + 1));
        // The answer that is lost because it came too late is waited for, not asked for again.
        let mut told = false;
        agent.on("guest-exec", |_| Answer::json(r#"{"pid": 7}"#));
        agent.on("guest-exec-status", move |_| {
            if std::mem::replace(&mut told, true) {
                return Answer::error("GenericError", "PID 7 does not exist");
            }
            Answer::silence()
        });
        let mut process = done(client.processes().spawn(&Exec::new("x"))).expect("started");
        let error = done(client.processes().wait(&mut process, Some(5 * SHORT))).expect_err("late");
        assert!(matches!(error, ExecError::Deadline { .. }), "{error}");
        agent.send(Answer::json(r#"{"exited": true, "exitcode": 3}"#));
        let output = done(client.processes().wait(&mut process, Some(AMPLE))).expect("it is not lost");
        assert_eq!(output.exit, Exit::Code(3));
    }

    fn pain_08_copying_files_is_slow_and_limited(agent, client) {
        let disk = agent.add_files();
        let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        done(client.files().copy_in(bytes.as_slice(), "/f", CopyOptions::new())).expect("copied");
        assert!(disk.get("/f").as_ref() == Some(&bytes));
        // Not a command for each 4 KiB, and no command that blocks the agent for long.
        let most = bytes.len() / (48 << 10);
        assert!(agent.requests().len() < most, "{} commands", agent.requests().len());
        let mut back = Vec::new();
        done(client.files().copy_out("/f", &mut back, CopyOptions::new())).expect("copied");
        assert!(back == bytes);
        assert!(agent.requests().len() < 2 * most, "{} commands", agent.requests().len());
    }

    fn pain_11_an_exit_status_is_lost_or_wrong(agent, client) {
        let programs = agent.add_programs(&agent.add_files());
        for (run, exit) in [
            (Run::exit(7), Exit::Code(7)),
            (Run::signal(15), Exit::Signal(15)),
            // Windows says what ended a program in the same place.
            (Run::signal(-1_073_741_819), Exit::Exception(0xC000_0005)),
            // And some agents say that a program ended, and not how.
            (Run::lost(), Exit::Unknown),
        ] {
            programs.insert("/bin/end", move |_| run.clone());
            let output = done(client.exec(&Exec::new("/bin/end"))).expect("it ends");
            assert_eq!(output.exit, exit);
        }
        // A program that never ends is not waited for without end.
        programs.insert("/bin/daemon", |_| Run::exit(0).after(Duration::from_secs(3600)));
        let start = Instant::now();
        let error = done(client.exec(&Exec::new("/bin/daemon").within(MUCH_LATER))).expect_err("it goes on");
        assert!(matches!(error, ExecError::Deadline { .. }), "{error}");
        assert!(start.elapsed() < AMPLE);
    }

    fn pain_15_short_writes_go_unnoticed(agent, client) {
        let disk = agent.add_files();
        disk.set_transfer_limit(7);
        done(client.files().write("/f", &[b'x'; 100])).expect("written piece by piece");
        assert_eq!(disk.get("/f"), Some(vec![b'x'; 100]));
        agent.on("guest-file-write", |_| Answer::json(r#"{"count": 101, "eof": false}"#));
        let error = done(client.files().write("/f", &[b'x'; 100])).expect_err("more than there was");
        assert!(matches!(*error.problem, FileProblem::WrongCount { .. }), "{error}");
    }
}
