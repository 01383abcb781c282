//! One way to write tests of helpers, so that each says once what holds in both faces.

use std::time::{Duration, Instant};

/// Runs a future to its end, on a runtime of the thread's own.
///
/// # Panics
/// There can be no runtime.
#[expect(clippy::expect_used, reason = "a test without a runtime has failed")]
pub fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        // Its tasks go on while the test itself does something else.
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be made");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Blocks until something holds.
///
/// # Panics
/// It does not, in a time in which it should.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    const AMPLE: Duration = Duration::from_secs(20);
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < AMPLE, "{what}: not within {AMPLE:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Makes two tests of each function, in the modules `blocking` and `tokio`. Its body has a new fake agent and a client that
/// connects to it, and passes every call of the client through `done`, which awaits it where there is something to await.
#[macro_export]
macro_rules! with_both_clients {
    ($($(#[doc = $doc:expr])* fn $name:ident($agent:ident, $client:ident) $body:block)*) => {
        mod blocking {
            use qga_bindings::blocking::{Client, Helpers as _};

            use super::*;

            fn done<T>(result: T) -> T {
                result
            }

            $(#[test] fn $name() {
                let $agent = qga_bindings::fake::Agent::new();
                let connecting = $agent.clone();
                #[allow(unused_mut, reason = "it depends on the test")]
                let mut $client = Client::connecting(move |_| connecting.try_connect());
                $body
            })*
        }
        mod tokio {
            use qga_bindings::tokio::{Client, Helpers as _};

            use super::*;

            fn done<F: Future>(future: F) -> F::Output {
                $crate::both::block_on(future)
            }

            $(#[test] fn $name() {
                let $agent = qga_bindings::fake::Agent::new();
                let connecting = $agent.clone();
                #[allow(unused_mut, reason = "it depends on the test")]
                let mut $client = Client::connecting(move || std::future::ready(connecting.try_connect()));
                $body
            })*
        }
    };
}
