//! For how long the machine that measures stands still: a thread that does nothing but sleep tells by how much it was woken late. What held
//! it up, held up the calls and their answers too, and a hub on the same machine; in a closed loop nothing else tells it from the hub.

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use hubproof_latency::Histogram;

use crate::schedule::{Clock, LONGEST_SLEEP, Schedule, keep};

/// How many ticks a second there are: one takes up to 40 µs of a core where a virtual machine has to be woken for it, so all of them take less
/// than half a percent.
const TICKS: f64 = 100.0;

/// Sleeps from tick to tick, from a moment on and for so long, and tells by how much each tick was late. One that was slept through is late as
/// well, by the rest of the pause: so the part of the ticks that were late is the part of the time in which nothing went on.
pub(crate) fn ticks(begin: Instant, time: Duration, clock: &impl Clock, stop: &AtomicBool) -> Histogram {
    let schedule = Schedule::new(begin, TICKS);
    let total = (time.as_secs_f64() * TICKS) as u64;
    let mut late = Histogram::default();
    keep(&schedule, total, clock, stop, |ticks, now| {
        ticks.for_each(|tick| late.record(now.saturating_duration_since(schedule.intended(tick))));
    });
    late
}

/// The machine's clock, slept on without a care for a few microseconds.
pub(crate) struct SleepingClock;

impl Clock for SleepingClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wait(&self, until: Instant, _step: Duration) {
        thread::sleep(until.saturating_duration_since(Instant::now()).min(LONGEST_SLEEP));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::samples::Jumping;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn late(jumps: &[Duration]) -> Vec<(u64, u64)> {
        let start = Instant::now();
        let clock = Jumping::new(start, jumps);
        let late = ticks(start, ms(1000), &clock, &AtomicBool::new(false));
        assert_eq!(late.count(), 100, "each tick counts, however late");
        let late = late.steps().filter(|(late, _)| *late >= ms(1));
        late.map(|(late, ticks)| (late.as_millis() as u64, ticks)).collect()
    }

    #[test]
    fn a_machine_that_goes_on_is_never_late() {
        assert_eq!(late(&[]), []);
        assert_eq!(late(&[Duration::from_micros(300); 200]), []);
    }

    #[test]
    fn a_pause_is_told_by_all_ticks_that_it_swallowed() {
        assert_eq!(late(&[ms(0), ms(45)]), [(5, 1), (15, 1), (25, 1), (35, 1), (45, 1)]);
        // The last ticks are not beyond the time.
        let late = late(&[ms(0), ms(60_000)]);
        let ticks: u64 = late.iter().map(|(_, ticks)| ticks).sum();
        assert_eq!(ticks, 98);
    }

    #[test]
    fn the_machines_clock_comes_to_the_end() {
        let late = ticks(Instant::now(), ms(50), &SleepingClock, &AtomicBool::new(false));
        assert_eq!(late.count(), 5);
        let late = ticks(Instant::now(), ms(60_000), &SleepingClock, &AtomicBool::new(true));
        assert!(late.is_empty());
    }
}
