//! The moments at which calls are meant to go out: they stand before the first does, and nothing moves them.

use std::cell::Cell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest that the clock sleeps at a time: how soon a bench that is stopped ends.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_millis(20);

/// Equal steps from a beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    start: Instant,
    rate: f64,
}

impl Schedule {
    /// So many calls a second, the first at once.
    pub(crate) fn new(start: Instant, rate: f64) -> Self {
        Self { start, rate }
    }

    /// When the call of this number (from 0) is meant to go out.
    pub(crate) fn intended(&self, number: u64) -> Instant {
        self.start + Duration::from_secs_f64(number as f64 / self.rate)
    }

    /// How many calls were meant to go out by now.
    fn due(&self, now: Instant) -> u64 {
        let Some(since) = now.checked_duration_since(self.start) else {
            return 0;
        };
        let near = (since.as_secs_f64() * self.rate) as u64;
        // The division may have rounded either way.
        (near.saturating_sub(1)..near + 3)
            .take_while(|number| self.intended(*number) <= now)
            .last()
            .map_or(0, |number| number + 1)
    }

    fn step(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.rate)
    }
}

/// A clock that can be waited on to the microsecond.
pub(crate) trait Clock {
    /// Now.
    fn now(&self) -> Instant;

    /// Waits until then, or somewhat less long; `step` is the time between two such waits.
    fn wait(&self, until: Instant, step: Duration);
}

/// Hands out the calls `0..total` as they become due: `publish` is given their numbers, and the moment at which they were found due. Ends early
/// when it is told to stop.
pub(crate) fn keep(
    schedule: &Schedule,
    total: u64,
    clock: &impl Clock,
    stop: &AtomicBool,
    mut publish: impl FnMut(Range<u64>, Instant),
) {
    let mut handed_out = 0;
    while handed_out < total && !stop.load(Ordering::Relaxed) {
        let now = clock.now();
        let due = schedule.due(now).min(total);
        if due > handed_out {
            publish(handed_out..due, now);
            handed_out = due;
        } else {
            clock.wait(schedule.intended(handed_out), schedule.step());
        }
    }
}

/// The machine's clock: sleeps for most of the time, and watches the last of it pass where that does not take a tenth of a core.
pub(crate) struct SystemClock {
    overshoot: Cell<Overshoot>,
}

impl SystemClock {
    /// For the thread that calls it: makes its sleeps as exact as the system can.
    pub(crate) fn of_this_thread() -> Self {
        let first = if has_exact_sleeps() { 30 } else { 80 };
        Self {
            overshoot: Cell::new(Overshoot(Duration::from_micros(first))),
        }
    }
}

/// By how much sleeps overshoot, but for one in ten. Nobody can know it: the cores of a virtual machine take far longer to wake than
/// those of the machine below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Overshoot(Duration);

impl Overshoot {
    /// By how much each sleep moves it, downwards; nine times as much upwards, which makes it settle where one sleep in ten is longer.
    const STEP: Duration = Duration::from_micros(1);

    /// After a sleep that overshot by so much.
    fn after(self, overshot: Duration) -> Self {
        match overshot > self.0 {
            true => Self(overshot.min(self.0 + 9 * Self::STEP)),
            false => Self(overshot.max(self.0.saturating_sub(Self::STEP))),
        }
    }
}

/// Linux lets sleeps overshoot by 50 µs unless it is told otherwise.
#[cfg(target_os = "linux")]
fn has_exact_sleeps() -> bool {
    rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1)).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn has_exact_sleeps() -> bool {
    false
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wait(&self, until: Instant, step: Duration) {
        let overshoot = self.overshoot.get();
        let watched = overshoot.0.min(step / 10);
        let asked = Instant::now();
        let left = until.saturating_duration_since(asked);
        if left > watched {
            let sleep = (left - watched).min(LONGEST_SLEEP);
            std::thread::sleep(sleep);
            self.overshoot
                .set(overshoot.after(asked.elapsed().saturating_sub(sleep)));
        } else {
            std::hint::spin_loop();
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! A clock for tests.

    use super::*;

    /// A clock that goes on only when it is waited on, and too far now and then.
    pub(crate) struct Jumping {
        now: Cell<Instant>,
        jumps: Vec<Duration>,
        waits: Cell<usize>,
    }

    impl Jumping {
        /// One that stands at this moment; the first wait goes too far by the first of these, and so on.
        pub(crate) fn new(start: Instant, jumps: &[Duration]) -> Self {
            Self {
                now: Cell::new(start),
                jumps: jumps.to_vec(),
                waits: Cell::default(),
            }
        }
    }

    impl Clock for Jumping {
        fn now(&self) -> Instant {
            self.now.get()
        }

        fn wait(&self, until: Instant, _step: Duration) {
            let wait = self.waits.get();
            self.waits.set(wait + 1);
            let jump = self.jumps.get(wait).copied().unwrap_or_default();
            self.now.set(until.max(self.now.get()) + jump);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::Jumping;
    use super::*;

    fn kept(rate: f64, total: u64, jumps: &[Duration]) -> (Instant, Vec<(Duration, u64)>) {
        let start = Instant::now();
        let clock = Jumping::new(start, jumps);
        let mut handed_out = Vec::new();
        keep(
            &Schedule::new(start, rate),
            total,
            &clock,
            &AtomicBool::new(false),
            |calls, now| handed_out.push((now.duration_since(start), calls.end)),
        );
        (start, handed_out)
    }

    #[test]
    fn each_call_is_due_at_its_moment() {
        let (_, handed_out) = kept(1000.0, 4, &[]);
        let expected = [0, 1, 2, 3].map(|number| (Duration::from_millis(number), number + 1));
        assert_eq!(handed_out, expected);
    }

    #[test]
    fn what_was_slept_through_is_due_at_once_and_moves_nothing() {
        let (_, handed_out) = kept(1000.0, 8, &[Duration::from_micros(4500)]);
        let milliseconds = |micros| Duration::from_micros(micros);
        assert_eq!(
            handed_out,
            [
                (milliseconds(0), 1),
                (milliseconds(5500), 6),
                (milliseconds(6000), 7),
                (milliseconds(7000), 8)
            ]
        );
    }

    #[test]
    fn moments_do_not_drift_at_odd_rates() {
        for rate in [3.0, 7.7, 999.999, 33_333.3] {
            let schedule = Schedule::new(Instant::now(), rate);
            for number in [0, 1, 2, 1_000, 1_000_003] {
                let intended = schedule.intended(number);
                assert_eq!(schedule.due(intended), number + 1, "{rate}: {number}");
                let exact = number as f64 / rate;
                let told = (intended - schedule.start).as_secs_f64();
                assert!((told - exact).abs() < 1e-6, "{rate}: {told} for {exact}");
            }
            assert_eq!(schedule.due(schedule.start - Duration::from_secs(1)), 0);
        }
    }

    #[test]
    fn a_stop_ends_it() {
        let start = Instant::now();
        let clock = Jumping::new(start, &[]);
        let stop = AtomicBool::new(false);
        let mut last = 0;
        keep(&Schedule::new(start, 10.0), u64::MAX, &clock, &stop, |calls, _| {
            last = calls.end;
            stop.store(calls.end >= 5, Ordering::Relaxed);
        });
        assert_eq!(last, 5);
    }

    #[test]
    fn the_overshoot_settles_where_one_sleep_in_ten_is_longer() {
        // 10, 20, … 100 µs over and over, in an order of no meaning.
        let overshot = |sleep: u64| Duration::from_micros(10 * (sleep * 7 % 10 + 1));
        for first in [0, 30, 5_000] {
            let first = Overshoot(Duration::from_micros(first));
            let settled = (0..10_000).fold(first, |overshoot, sleep| overshoot.after(overshot(sleep)));
            assert!((80..=100).contains(&settled.0.as_micros()), "{settled:?}");
        }
    }

    #[test]
    fn one_sleep_of_a_whole_stall_hardly_moves_the_overshoot() {
        let usual = Overshoot(Duration::from_micros(70));
        let moved = usual.after(Duration::from_secs(1));
        assert_eq!(moved, Overshoot(Duration::from_micros(79)));
    }
}
