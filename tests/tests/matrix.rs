//! The agents of several releases, where the lab has them.
#![cfg(unix)]

use qga_bindings::Commands;
use qga_tests::lab;

#[test]
fn every_release_answers_and_says_which_it_is() {
    for fetched in lab::agents() {
        let agent = lab::start(&fetched);
        let info = agent.client().guest_info().expect("an agent that runs answers");
        let release = info.version.parse();
        assert_eq!(release, Ok(fetched.release), "the agent of {}", fetched.suite);
    }
}
