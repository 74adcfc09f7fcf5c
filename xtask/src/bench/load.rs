//! What a load generator did: how many calls a second, and what each cost it.

use std::time::Duration;

/// A load, once it is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load {
    /// Answered calls a second.
    pub(super) rate: f64,
    /// Answered calls.
    pub(super) calls: f64,
    /// Processor time of the client for each call.
    pub(super) cost: Duration,
}

impl Load {
    /// Of a client that took this much processor time for all its calls.
    pub(super) fn new(rate: f64, calls: f64, cpu: Duration) -> Self {
        Self {
            rate,
            calls,
            cost: each(cpu, calls),
        }
    }
}

/// What each of so many calls took of a processor's time.
pub(super) fn each(cpu: Duration, calls: f64) -> Duration {
    match calls > 0.0 {
        true => cpu.div_f64(calls),
        false => Duration::ZERO,
    }
}

/// The ratio of two processor times.
pub(super) fn ratio(of: Duration, to: Duration) -> f64 {
    of.as_secs_f64() / to.as_secs_f64()
}
