//! Whether a hub stood still for longer than before.
//!
//! A stall is one event, however many calls it holds up: no test on blocks tells one that is new from one that is chance. What tells them
//! apart is what is known of machines: they pause, and not for long. A run is taken to be held up for 0.1 s in every 10 s (one standard
//! deviation, growing with the root of the time). Beyond that a stall counts, where it is long enough for p99 to be one of its calls.

use std::time::Duration;

use statrs::distribution::{ContinuousCDF, Normal};

use crate::comparison::FALSE_ALARMS;

/// For how long a run is held up by its machine: one standard deviation, of a run of [`OF`].
const PAUSES: f64 = 0.1;
/// The length of that run, in seconds.
const OF: f64 = 10.0;
/// The least share that p99 shows.
const LEAST_PART: f64 = 0.01;

/// The part of a measurement in which calls were slow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldUp {
    /// The part, from 0 to 1.
    pub part: f64,
    /// How long was measured.
    pub measured: Duration,
}

/// From which latency on a call is slow, of a tool whose p99 was this: no less than twice that, and 5 ms.
#[must_use]
pub fn slow_from(p99: Duration) -> Duration {
    p99 + p99.max(Duration::from_millis(5))
}

impl HeldUp {
    /// For how long.
    #[must_use]
    pub fn time(self) -> Duration {
        self.measured.mul_f64(self.part.clamp(0.0, 1.0))
    }

    /// The same without a time for which the machine that measured stood still itself.
    #[must_use]
    pub fn without(self, pauses: Duration) -> Self {
        let measured = self.measured.as_secs_f64();
        let part = match measured > 0.0 {
            true => (self.part - pauses.as_secs_f64() / measured).max(0.0),
            false => 0.0,
        };
        Self { part, ..self }
    }

    /// Whether the hub stood still for longer than in an older measurement, by more than machines do. `comparisons` is the number of all
    /// that are made of the same two measurements.
    #[must_use]
    pub fn is_longer_than(self, old: HeldUp, comparisons: usize) -> bool {
        let (now, then) = (self.measured.as_secs_f64(), old.measured.as_secs_f64());
        if self.part <= LEAST_PART || now <= 0.0 || then <= 0.0 {
            return false;
        }
        let level = 1.0 - FALSE_ALARMS / comparisons.max(1) as f64;
        let deviations = Normal::standard().inverse_cdf(level);
        let pauses = PAUSES * (now / OF + now * now / (then * OF)).sqrt();
        (self.part - old.part) * now > deviations * pauses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_up(milliseconds: u64, of_seconds: u64) -> HeldUp {
        HeldUp {
            part: milliseconds as f64 / 1000.0 / of_seconds as f64,
            measured: Duration::from_secs(of_seconds),
        }
    }

    #[test]
    fn a_stall_that_is_new_is_told() {
        assert!(held_up(1000, 10).is_longer_than(held_up(0, 10), 30));
        assert!(held_up(1500, 60).is_longer_than(held_up(0, 60), 30));
        assert!(held_up(2000, 10).is_longer_than(held_up(1000, 10), 30));
        assert_eq!(held_up(1000, 10).time(), Duration::from_secs(1));
    }

    #[test]
    fn a_pause_of_a_machine_is_none() {
        assert!(!held_up(400, 10).is_longer_than(held_up(0, 10), 30));
        assert!(!held_up(1000, 10).is_longer_than(held_up(1000, 10), 30));
        assert!(!held_up(900, 60).is_longer_than(held_up(0, 60), 30));
        assert!(!held_up(0, 0).is_longer_than(held_up(0, 0), 30));
    }

    #[test]
    fn a_stall_that_p99_does_not_show_is_none() {
        assert!(!held_up(5900, 600).is_longer_than(held_up(0, 600), 1));
        assert!(held_up(6100, 600).is_longer_than(held_up(0, 600), 1));
    }

    #[test]
    fn of_a_baseline_of_another_length_its_share_counts() {
        assert!(!held_up(3000, 30).is_longer_than(held_up(1000, 10), 1));
        assert!(held_up(3000, 30).is_longer_than(held_up(100, 10), 1));
    }

    #[test]
    fn what_the_machine_paused_is_not_the_hubs() {
        assert_eq!(
            held_up(1000, 10).without(Duration::from_millis(400)).time(),
            Duration::from_millis(600)
        );
        assert_eq!(held_up(1000, 10).without(Duration::from_secs(2)).time(), Duration::ZERO);
        assert_eq!(held_up(0, 0).without(Duration::ZERO).part, 0.0);
    }

    #[test]
    fn what_is_slow_is_twice_as_slow() {
        assert_eq!(slow_from(Duration::from_millis(40)), Duration::from_millis(80));
        assert_eq!(slow_from(Duration::from_millis(1)), Duration::from_millis(6));
    }
}
