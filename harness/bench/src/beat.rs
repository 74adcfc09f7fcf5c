//! What goes on while the load does, each second: for whoever watches.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hubproof_latency::Histogram;

/// How often workers tell.
const EVERY: Duration = Duration::from_millis(200);

/// What happened since the last beat.
#[derive(Debug, Clone)]
pub struct Beat {
    /// How long the load goes on already.
    pub elapsed: Duration,
    /// How long it is to go on, the warm-up with it.
    pub planned: Duration,
    /// Whether it is still warming up.
    pub is_warm_up: bool,
    /// Answered calls a second.
    pub rate: f64,
    /// The median response time of the calls that were answered.
    pub p50: Duration,
    /// The response time that one in a hundred exceeds.
    pub p99: Duration,
    /// Calls that did not succeed.
    pub failed: u64,
    /// Answers that break a requirement.
    pub wrong: u64,
    /// Calls that are due, and that no connection was free for.
    pub waiting: u64,
}

/// What workers tell between two beats.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) latency: Histogram,
    pub(crate) failed: u64,
    pub(crate) wrong: u64,
}

/// Where workers tell, and the watcher listens.
#[derive(Debug, Default)]
pub(crate) struct Board {
    told: Mutex<Told>,
}

impl Board {
    /// What was told since it was last asked.
    pub(crate) fn take(&self) -> Told {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a worker is to tell next.
#[derive(Debug)]
pub(crate) struct Telling {
    told: Told,
    next: Instant,
}

impl Telling {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            told: Told::default(),
            next: Instant::now(),
        }
    }

    /// Takes in a call that ended now.
    pub(crate) fn note(&mut self, board: &Board, now: Instant, latency: Duration, failed: bool, wrong: bool) {
        self.told.latency.record(latency);
        self.told.failed += u64::from(failed);
        self.told.wrong += u64::from(wrong);
        if now >= self.next {
            self.next = now + EVERY;
            let mut told = board.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.latency.add(&self.told.latency);
            told.failed += self.told.failed;
            told.wrong += self.told.wrong;
            self.told.latency.reset();
            (self.told.failed, self.told.wrong) = (0, 0);
        }
    }
}
