//! The threads that watch the clock beside the workers: the schedule's, and the one that tells when the machine stands still.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use hubproof_latency::Histogram;
use hubproof_model::measurement::Pacing;

use super::{NoLoad, Shared, Times};
use crate::options::planned_calls;
use crate::pauses::{SleepingClock, ticks};
use crate::schedule::{Schedule, SystemClock, keep};

/// Starts the schedule's thread, where there is a schedule.
pub(super) fn pace(shared: &Arc<Shared>, times: Times) -> Result<(), NoLoad> {
    let Pacing::Open { rate } = shared.plan.pacing else {
        return Ok(());
    };
    let total = planned_calls(shared.plan.pacing, shared.plan.warm_up + shared.plan.duration).unwrap_or_default();
    let shared = Arc::clone(shared);
    start("schedule", move || {
        let clock = SystemClock::of_this_thread();
        let schedule = Schedule::new(times.start, rate);
        keep(&schedule, total, &clock, &shared.is_stopped, |calls, now| {
            let intended = schedule.intended(calls.start);
            shared.late_handouts.note(calls.clone(), intended, now);
            shared.gate.open_to(calls.end);
        });
        shared.gate.close();
    })
    .map(drop)
}

/// Starts the thread that tells pauses of the measured time.
pub(super) fn watch_pauses(shared: &Arc<Shared>, times: Times) -> Result<JoinHandle<Histogram>, NoLoad> {
    let (time, shared) = (shared.plan.duration, Arc::clone(shared));
    start("pauses", move || {
        ticks(times.begin, time, &SleepingClock, &shared.is_stopped)
    })
}

fn start<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>, NoLoad> {
    let named = thread::Builder::new().name(name.to_owned());
    named
        .spawn(work)
        .map_err(|fault| NoLoad::Harness(format!("a thread does not start: {fault}")))
}
