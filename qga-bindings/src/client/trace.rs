//! What the feature `tracing` tells of a call; nothing without it.
//!
//! A span per call, called `qga`, with the command's name, how long it took, how it ended and how many bytes went out and came
//! in. Arguments and replies are left out, because they can hold secrets.

#[cfg(feature = "tracing")]
pub(super) use on::Call;

#[cfg(not(feature = "tracing"))]
pub(super) use off::Call;

/// How many bytes went through a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    pub(super) sent: u64,
    pub(super) received: u64,
}

#[cfg(feature = "tracing")]
mod on {
    use std::time::Instant;

    use tracing::field::Empty;
    use tracing::{Instrument, Span, debug_span};

    use super::Traffic;
    use crate::Error;

    /// A call that has begun. If it is dropped before its end, so was the call.
    #[derive(Debug)]
    pub(in crate::client) struct Call {
        span: Span,
        start: Instant,
        before: Traffic,
        ended: bool,
    }

    impl Call {
        pub(in crate::client) fn begin(
            command: &str,
            now: impl FnOnce() -> Instant,
            before: Traffic,
        ) -> Self {
            let span = debug_span!(
                "qga",
                command,
                outcome = Empty,
                duration_us = Empty,
                bytes_sent = Empty,
                bytes_received = Empty
            );
            Self { span, start: now(), before, ended: false }
        }

        /// Makes the span the current one while the call goes on.
        pub(in crate::client) fn around<F: Future>(
            &self,
            call: F,
        ) -> impl Future<Output = F::Output> + use<F> {
            call.instrument(self.span.clone())
        }

        pub(in crate::client) fn end(
            mut self,
            error: Option<&Error>,
            now: impl FnOnce() -> Instant,
            after: Traffic,
        ) {
            self.ended = true;
            let duration = now().saturating_duration_since(self.start).as_micros();
            self.span.record("outcome", outcome(error));
            self.span.record("duration_us", u64::try_from(duration).unwrap_or(u64::MAX));
            self.span.record("bytes_sent", after.sent.wrapping_sub(self.before.sent));
            self.span.record("bytes_received", after.received.wrapping_sub(self.before.received));
        }
    }

    impl Drop for Call {
        fn drop(&mut self) {
            if !self.ended {
                self.span.record("outcome", "abandoned");
            }
        }
    }

    fn outcome(error: Option<&Error>) -> &'static str {
        match error {
            None => "done",
            Some(Error::NotSent { .. }) => "not sent",
            Some(Error::OutcomeUnknown { .. }) => "unknown",
            Some(Error::Refused { .. }) => "refused",
            Some(Error::Failed { .. }) => "failed",
            Some(Error::UnexpectedReply { .. }) => "unexpected reply",
            Some(Error::TooLong { .. }) => "reply too long",
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use std::time::Instant;

    use super::Traffic;
    use crate::Error;

    /// A call of which nobody is told.
    #[derive(Debug)]
    pub(in crate::client) struct Call;

    impl Call {
        pub(in crate::client) fn begin(_: &str, _: impl FnOnce() -> Instant, _: Traffic) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "its twin needs it")]
        pub(in crate::client) fn around<F: Future>(&self, call: F) -> F {
            call
        }

        #[expect(clippy::unused_self, reason = "its twin needs it")]
        pub(in crate::client) fn end(
            self,
            _: Option<&Error>,
            _: impl FnOnce() -> Instant,
            _: Traffic,
        ) {
        }
    }
}
