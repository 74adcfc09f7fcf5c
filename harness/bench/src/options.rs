//! What the user asks of a bench, beside the profile.

use std::time::Duration;

use hubproof_model::bench_record::{BenchBaseline, Incomparable};
use hubproof_model::measurement::Pacing;
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::UsageError;
use hubproof_runner::select::SelectError;
use hubproof_wire::SessionError;

/// The most connections that are opened.
pub const MOST_CONNECTIONS: u32 = 4096;

/// The options of a bench.
#[derive(Debug, Clone)]
pub struct BenchOptions {
    /// Which tools, how far the bench may go, the seed. The requirements and the number of cases are of no meaning here.
    pub scope: RunOptions,
    /// How calls are paced.
    pub pacing: Pacing,
    /// How long is measured: above zero.
    pub duration: Duration,
    /// How long the target is called before that.
    pub warm_up: Duration,
    /// How many connections an open loop has; `None` for [one for every ten calls a second](BenchOptions::connections).
    pub connections: Option<u32>,
    /// Weights of tools in the mix, by glob; the last that matches counts, and without one a tool weighs 1. With weight 0 it is left out.
    pub weights: Vec<(String, u32)>,
    /// Whether inputs are drawn while the target is called.
    pub live: bool,
    /// An earlier bench to compare with.
    pub baseline: Option<BenchBaseline>,
}

impl BenchOptions {
    /// How many connections are opened before the clock starts. Users of a hub do not queue for each other's connections: in an open loop
    /// there are as many as are in flight while the hub takes 100 ms, 16 to 256.
    #[must_use]
    pub fn connections(&self) -> u32 {
        match self.pacing {
            Pacing::Closed { concurrency } => concurrency,
            Pacing::Open { rate } => self
                .connections
                .unwrap_or_else(|| ((rate / 10.0) as u32).clamp(16, 256)),
        }
    }
}

/// A mistake of the user's that shows before the load begins: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The profile or a flag cannot be used.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// An earlier bench that tells nothing of this one.
    #[error("--compare: {0}")]
    Incomparable(#[from] Incomparable),
    /// The mix is empty by weight.
    #[error("every tool of the mix has weight 0: give one a weight above it")]
    NoWeight,
    /// More than the profile allows a second.
    #[error("the profile's `safety.rate` is {allowed} requests a second: give `--rate {allowed}` or less")]
    TooFast {
        /// What it allows.
        allowed: f64,
    },
    /// More than the profile allows in all.
    #[error(
        "the profile's `safety.{budget}` of {allowed} is less than the {planned} calls that this bench may need: shorten it, or raise the budget"
    )]
    TooMany {
        /// The key.
        budget: &'static str,
        /// What it allows.
        allowed: u64,
        /// What the bench would send.
        planned: u64,
    },
    /// A budget that a closed loop cannot be held to beforehand.
    #[error(
        "the profile has `safety.{budget}`, and a closed loop sends as many calls as the target takes: give `--rate`"
    )]
    Unbounded {
        /// The key.
        budget: &'static str,
    },
}

impl From<SessionError> for BenchError {
    fn from(fault: SessionError) -> Self {
        UsageError::from(fault).into()
    }
}

impl From<SelectError> for BenchError {
    fn from(fault: SelectError) -> Self {
        UsageError::from(fault).into()
    }
}

/// How many calls a pacing means to send in a time; `None` where the target decides.
#[must_use]
pub(crate) fn planned_calls(pacing: Pacing, time: Duration) -> Option<u64> {
    match pacing {
        Pacing::Closed { .. } => None,
        Pacing::Open { rate } => Some((rate * time.as_secs_f64()).ceil() as u64),
    }
}
