//! Since when a target owes an answer: one that hangs, or that a proxy stands before, takes connections long after it has gone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Nothing is owed.
const NONE: u64 = u64::MAX;

/// Since when calls have gone out and none has come back. All times are from the beginning of the load.
#[derive(Debug)]
pub(crate) struct Silence {
    /// In microseconds.
    since: AtomicU64,
    in_flight: AtomicU64,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            since: AtomicU64::new(NONE),
            in_flight: AtomicU64::new(0),
        }
    }
}

impl Silence {
    /// A call goes out.
    pub(crate) fn asked(&self, at: Duration) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        if self.since.load(Ordering::Relaxed) == NONE {
            self.since.store(micros(at), Ordering::Relaxed);
        }
    }

    /// A call has ended, with an answer or without.
    pub(crate) fn ended(&self, at: Duration, is_answered: bool) {
        let others = self.in_flight.fetch_sub(1, Ordering::Relaxed) - 1;
        if is_answered {
            // The time in which nothing was asked is no silence.
            let since = if others == 0 { NONE } else { micros(at) };
            self.since.store(since, Ordering::Relaxed);
        }
    }

    /// Since when nothing was answered that was asked, where that is longer than `most` by now.
    pub(crate) fn longer_than(&self, most: Duration, now: Duration) -> Option<Duration> {
        match self.since.load(Ordering::Relaxed) {
            NONE => None,
            since => Some(Duration::from_micros(since)).filter(|since| now.saturating_sub(*since) > most),
        }
    }
}

fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(2);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn silence_begins_with_a_call_and_ends_with_an_answer() {
        let silence = Silence::default();
        assert_eq!(silence.longer_than(MOST, at(9)), None, "nothing was asked");
        silence.asked(at(10));
        assert_eq!(silence.longer_than(MOST, at(12)), None);
        assert_eq!(silence.longer_than(MOST, at(13)), Some(at(10)));
        silence.ended(at(13), false);
        silence.asked(at(14));
        assert_eq!(silence.longer_than(MOST, at(14)), Some(at(10)), "a fault is no answer");
        silence.ended(at(15), true);
        assert_eq!(silence.longer_than(MOST, at(30)), None, "nothing is owed");
        silence.asked(at(30));
        assert_eq!(silence.longer_than(MOST, at(31)), None);
    }

    #[test]
    fn of_calls_in_flight_the_latest_answer_counts() {
        let silence = Silence::default();
        silence.asked(at(0));
        silence.asked(at(1));
        silence.ended(at(5), true);
        assert_eq!(silence.longer_than(MOST, at(6)), None);
        assert_eq!(silence.longer_than(MOST, at(8)), Some(at(5)));
    }
}
