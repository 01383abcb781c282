//! Tests of helpers, written once for both faces.

use std::time::{Duration, Instant};

use qga_bindings::fake::{Agent, Connection};
use qga_bindings::{blocking, tokio};

/// Makes two tests of each function: one per face, each with a new agent and a client that can connect to it. In the body,
/// `wait!` waits for what a helper returns, and `work!` makes work for it to do.
#[macro_export]
macro_rules! helpers_in_both_faces {
    ($($(#[doc = $doc:expr])* fn $name:ident($agent:ident, $client:ident) $body:block)*) => {
        mod blocking {
            #[allow(unused_imports, reason = "not every file uses all of them")]
            use {super::*, qga_bindings::blocking::Helpers, $crate::{now as wait, closure as work}};
            $(#[test] fn $name() {
                let $agent = qga_bindings::fake::Agent::new();
                #[allow(unused_mut, reason = "some helpers take the client, others borrow it")]
                let mut $client = $crate::helpers::blocking(&$agent);
                $body
            })*
        }
        mod tokio {
            #[allow(unused_imports, reason = "not every file uses all of them")]
            use {super::*, qga_bindings::tokio::Helpers, $crate::{awaited as wait, future as work}};
            $(#[test] fn $name() {
                let $agent = qga_bindings::fake::Agent::new();
                $crate::helpers::runtime().block_on(async {
                    #[allow(unused_mut, reason = "some helpers take the client, others borrow it")]
                    let mut $client = $crate::helpers::tokio(&$agent);
                    $body
                });
            })*
        }
    };
}

/// What has been waited for already.
#[macro_export]
macro_rules! now {
    ($value:expr) => {
        $value
    };
}

/// What is still to be waited for.
#[macro_export]
macro_rules! awaited {
    ($future:expr) => {
        $future.await
    };
}

/// Work as a function.
#[macro_export]
macro_rules! closure {
    ($work:expr) => {
        || $work
    };
}

/// Work as a future.
#[macro_export]
macro_rules! future {
    ($work:expr) => {
        async { $work }
    };
}

/// A client that connects to the agent whenever it has to.
pub fn blocking(agent: &Agent) -> blocking::Client<Connection> {
    let agent = agent.clone();
    blocking::Client::connecting(move |_| agent.try_connect())
}

/// A client that connects to the agent whenever it has to.
pub fn tokio(agent: &Agent) -> tokio::Client<Connection> {
    let agent = agent.clone();
    tokio::Client::connecting(move || std::future::ready(agent.try_connect()))
}

/// A runtime whose tasks go on while the test itself blocks.
///
/// # Panics
/// There can be no runtime.
#[expect(clippy::expect_used, reason = "a test without a runtime has failed")]
pub fn runtime() -> ::tokio::runtime::Runtime {
    let runtime =
        ::tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime can be made")
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
