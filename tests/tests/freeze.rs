//! File systems that are frozen are thawed, whatever happens; and what others froze is left alone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use qga_bindings::fake::{Agent, Answer};
use qga_bindings::freeze::{Freeze, FreezeError, NotFrozen};
use qga_bindings::{Error, commands};
use qga_tests::both::until;
use qga_tests::with_both_clients;

/// Time to wait for an agent that will not answer.
const SHORT: Duration = Duration::from_millis(60);

/// When an agent answers for which nobody waited, however slow this machine is.
const MUCH_LATER: Duration = Duration::from_secs(2);

/// The names of the commands that the agent was sent.
fn sent(agent: &Agent) -> Vec<String> {
    agent.requests().into_iter().map(|call| call.name).collect()
}

fn error<F, E>(result: Result<F, NotFrozen<E>>) -> FreezeError {
    result.map(drop).unwrap_err().into()
}

with_both_clients! {
    fn what_was_frozen_is_thawed_when_told_and_counted(agent, client) {
        agent.add_file_systems(["/", "/srv"]);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        assert!(agent.is_frozen());
        assert_eq!(frozen.file_systems(), 2);
        let (_, thawed) = done(frozen.thaw());
        let thawed = thawed.unwrap();
        assert_eq!((thawed.frozen, thawed.thawed, thawed.expired), (2, Some(2), false));
        assert!(!agent.is_frozen());
        assert_eq!(sent(&agent), ["guest-fsfreeze-status", "guest-fsfreeze-freeze", "guest-fsfreeze-thaw"]);
    }

    fn only_the_mount_points_given_are_frozen(agent, client) {
        agent.add_file_systems(["/", "/home", "/srv"]);
        let frozen = done(client.freeze(&Freeze::mountpoints(["/srv", "/nowhere"]))).unwrap();
        assert_eq!(frozen.file_systems(), 1);
        done(frozen.thaw()).1.unwrap();
    }

    fn the_agent_is_given_back_and_works(agent, client) {
        agent.add_file_systems(["/"]);
        let (client, thawed) = done(done(client.freeze(&Freeze::all())).unwrap().thaw());
        thawed.unwrap();
        done(done(client.freeze(&Freeze::all())).unwrap().thaw()).1.unwrap();
    }

    fn dropping_the_guard_thaws(agent, client) {
        agent.add_file_systems(["/"]);
        drop(done(client.freeze(&Freeze::all())).unwrap());
        until("dropping thaws", || !agent.is_frozen());
    }

    fn the_guest_is_thawed_at_the_deadline_and_the_thaw_says_that_it_was_not_held(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all().at_most(SHORT))).unwrap();
        until("the deadline thaws", || !agent.is_frozen());
        match done(frozen.thaw()).1.unwrap_err() {
            FreezeError::NotHeld(thawed) => assert!(thawed.expired && thawed.held >= SHORT, "{thawed:?}"),
            other => panic!("{other}"),
        }
    }

    fn a_guest_without_a_deadline_that_the_clock_can_express_is_held_until_told(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all().at_most(Duration::MAX))).unwrap();
        assert!(agent.is_frozen());
        assert!(!done(frozen.thaw()).1.unwrap().expired);
    }

    fn what_something_else_froze_is_neither_frozen_again_nor_thawed(agent, client) {
        agent.add_file_systems(["/"]).set_frozen(true);
        let error = error(done(client.freeze(&Freeze::all())));
        assert!(matches!(error, FreezeError::AlreadyFrozen { .. }), "{error}");
        assert_eq!(sent(&agent), ["guest-fsfreeze-status"]);
        assert!(agent.is_frozen());
    }

    fn a_guest_without_anything_to_freeze_is_not_taken_to_be_frozen(agent, client) {
        agent.add_file_systems([] as [&str; 0]);
        let error = error(done(client.freeze(&Freeze::all())));
        assert!(matches!(error, FreezeError::NothingFrozen), "{error}");
        assert!(!sent(&agent).contains(&"guest-fsfreeze-thaw".to_owned()));
    }

    fn an_agent_that_cannot_freeze_says_so_and_is_given_back(agent, client) {
        agent.without("guest-fsfreeze-freeze");
        let (_, error) = done(client.freeze(&Freeze::all())).map(drop).unwrap_err().into_parts();
        assert!(matches!(&error, FreezeError::Agent(error) if error.is_unsupported()), "{error}");
    }

    fn a_freeze_whose_reply_is_lost_with_the_connection_is_undone(agent, client) {
        agent.add_file_systems(["/"]);
        agent.replace_next_answer("guest-fsfreeze-freeze", Answer::silence().then_hang_up());
        let error = error(done(client.freeze(&Freeze::all())));
        assert!(matches!(error, FreezeError::Undone { .. }), "{error}");
        assert!(!agent.is_frozen());
    }

    fn a_freeze_that_takes_too_long_is_undone_when_it_is_through(agent, client) {
        agent.add_file_systems(["/"]);
        done(client.execute(&commands::GuestPing::new())).unwrap();
        agent.replace_next_answer("guest-fsfreeze-freeze", Answer::json("1").after(MUCH_LATER));
        let error = error(done(client.freeze(&Freeze::all().within(SHORT))));
        assert!(matches!(error, FreezeError::Undone { error: Error::OutcomeUnknown { .. } }), "{error}");
        assert!(!agent.is_frozen());
    }

    fn after_a_lost_freeze_that_did_not_happen_nothing_is_thawed(agent, client) {
        agent.add_file_systems(["/"]);
        agent.on("guest-fsfreeze-freeze", |_| Answer::silence().then_hang_up());
        let error = error(done(client.freeze(&Freeze::all())));
        assert!(matches!(error, FreezeError::Agent(Error::OutcomeUnknown { .. })), "{error}");
        assert_eq!(sent(&agent), ["guest-fsfreeze-status", "guest-fsfreeze-freeze", "guest-fsfreeze-status"]);
    }

    fn a_freeze_that_can_neither_be_confirmed_nor_undone_is_told_as_such(agent, client) {
        agent.add_file_systems(["/"]);
        done(client.execute(&commands::GuestPing::new())).unwrap();
        agent.on("guest-fsfreeze-freeze", |_| Answer::silence().then_hang_up()).set_refusing(true);
        let error = error(done(client.freeze(&Freeze::all().thaw_within(SHORT))));
        assert!(matches!(error, FreezeError::Unresolved { .. }), "{error}");
    }

    fn a_freeze_that_fails_is_an_error_of_the_agent(agent, client) {
        agent.add_file_systems(["/"]);
        agent.on("guest-fsfreeze-freeze", |_| Answer::error("GenericError", "failed to freeze /"));
        let error = error(done(client.freeze(&Freeze::all())));
        assert!(matches!(error, FreezeError::Agent(Error::Failed { .. })), "{error}");
    }

    fn an_agent_that_is_killed_while_frozen_is_thawed_over_a_new_connection(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        agent.restart_agent().hang_up();
        assert_eq!(done(frozen.thaw()).1.unwrap().thawed, Some(1));
        assert!(!agent.is_frozen());
    }

    fn a_connection_that_dies_while_thawing_does_not_keep_the_guest_frozen(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        agent.replace_next_answer("guest-fsfreeze-thaw", Answer::silence().then_hang_up());
        assert_eq!(done(frozen.thaw()).1.unwrap().thawed, None);
        assert!(!agent.is_frozen());
    }

    fn a_guest_that_cannot_be_reached_for_a_while_is_thawed_as_soon_as_it_can(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        agent.set_refusing(true).hang_up();
        let later = agent.clone();
        let accepting = std::thread::spawn(move || {
            std::thread::sleep(2 * SHORT);
            later.set_refusing(false);
        });
        assert_eq!(done(frozen.thaw()).1.unwrap().frozen, 1);
        assert!(!agent.is_frozen());
        accepting.join().unwrap();
    }

    fn a_thaw_that_is_refused_is_told_with_what_the_agent_says_is_frozen(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        agent.disable("guest-fsfreeze-thaw");
        let error = done(frozen.thaw()).1.unwrap_err();
        assert!(matches!(error, FreezeError::NotThawed { frozen: Some(true), .. }), "{error}");
    }

    fn a_guest_that_let_go_by_itself_like_windows_is_told_as_thawed_but_not_well(agent, client) {
        agent.add_file_systems(["C:\\"]).set_freeze_limit(SHORT);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        until("the guest lets go", || !agent.is_frozen());
        let error = done(frozen.thaw()).1.unwrap_err();
        assert!(matches!(error, FreezeError::NotThawed { frozen: Some(false), .. }), "{error}");
    }

    fn a_guest_that_was_restarted_while_frozen_was_not_held(agent, client) {
        agent.add_file_systems(["/"]);
        let frozen = done(client.freeze(&Freeze::all())).unwrap();
        agent.restart();
        let error = done(frozen.thaw()).1.unwrap_err();
        assert!(matches!(error, FreezeError::NotHeld(thawed) if thawed.thawed == Some(0)), "{error}");
    }
}

mod in_the_blocking_face {
    use super::*;
    use qga_bindings::blocking::{Client, Helpers};

    #[test]
    fn work_is_done_while_frozen_and_its_result_is_given_back() {
        let agent = Agent::new();
        agent.add_file_systems(["/"]);
        let held = Client::new(agent.connect())
            .freeze_while(&Freeze::all(), || agent.is_frozen())
            .unwrap();
        assert!(held.value);
        assert_eq!(held.thawed.unwrap().thawed, Some(1));
        assert!(!agent.is_frozen());
    }

    #[test]
    fn no_work_is_done_where_nothing_is_frozen() {
        let agent = Agent::new();
        agent.add_file_systems([] as [&str; 0]);
        let client = Client::new(agent.connect());
        error(client.freeze_while(&Freeze::all(), || panic!("work while nothing is frozen")));
    }

    #[test]
    fn a_panic_thaws() {
        let agent = Agent::new();
        agent.add_file_systems(["/"]);
        let client = Client::new(agent.connect());
        let work = std::panic::AssertUnwindSafe(|| {
            drop(client.freeze_while(&Freeze::all(), || panic!("while frozen")));
        });
        assert!(std::panic::catch_unwind(work).is_err());
        assert!(!agent.is_frozen());
    }
}

mod in_the_tokio_face {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::Poll;

    use super::*;
    use qga_bindings::tokio::{Client, Helpers};
    use qga_tests::both::block_on;

    #[test]
    fn work_is_done_while_frozen_and_its_result_is_given_back() {
        let agent = Agent::new();
        agent.add_file_systems(["/"]);
        let client = Client::new(agent.connect());
        let work = async { agent.is_frozen() };
        let held = block_on(client.freeze_while(&Freeze::all(), work)).unwrap();
        assert!(held.value);
        assert_eq!(held.thawed.unwrap().thawed, Some(1));
        assert!(!agent.is_frozen());
    }

    #[test]
    fn no_work_is_done_where_nothing_is_frozen() {
        let agent = Agent::new();
        agent.add_file_systems([] as [&str; 0]);
        let client = Client::new(agent.connect());
        let work = async { panic!("work while nothing is frozen") };
        error(block_on(client.freeze_while::<()>(&Freeze::all(), work)));
    }

    #[test]
    fn a_panic_thaws() {
        let agent = Agent::new();
        agent.add_file_systems(["/"]);
        let client = Client::new(agent.connect());
        let work = async { panic!("while frozen") };
        let task = async move {
            ::tokio::spawn(
                async move { drop(client.freeze_while::<()>(&Freeze::all(), work).await) },
            )
            .await
        };
        assert!(block_on(task).unwrap_err().is_panic());
        until("a panic thaws", || !agent.is_frozen());
    }

    #[test]
    fn a_future_that_is_dropped_while_the_agent_freezes_leaves_nothing_frozen() {
        let agent = Agent::new();
        agent.add_file_systems(["/"]);
        agent.replace_next_answer("guest-fsfreeze-freeze", Answer::json("1").after(MUCH_LATER));
        let client = Client::new(agent.connect());
        let freeze = Freeze::all();
        block_on(until_or_drop(client.freeze(&freeze), || agent.is_frozen()));
        assert!(agent.is_frozen());
        until("nobody waits any more", || !agent.is_frozen());
    }

    #[test]
    fn work_that_is_dropped_while_frozen_thaws() {
        let agent = Agent::new();
        agent.add_file_systems(["/"]);
        let client = Client::new(agent.connect());
        let freeze = Freeze::all();
        let begun = AtomicBool::new(false);
        let work = async {
            begun.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        };
        let has_begun = || begun.load(Ordering::Relaxed);
        block_on(until_or_drop(client.freeze_while(&freeze, work), has_begun));
        until("nobody waits any more", || !agent.is_frozen());
    }

    /// Has a future go on until something is so, and drops it then.
    async fn until_or_drop<F: Future>(future: F, is_so: impl Fn() -> bool) {
        let mut future = pin!(future);
        poll_fn(|cx| {
            assert!(future.as_mut().poll(cx).is_pending(), "it has ended");
            if is_so() {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
