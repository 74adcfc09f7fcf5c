//! Since when a target owes an answer: one that hangs, or that a proxy stands before, takes connections long after it has gone.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Nothing is owed, or was lost.
const NONE: u64 = u64::MAX;

/// Since when calls have gone out and none has come back. A call that is lost tells nothing of those after it: a target is silent where one
/// that went out later was lost, too. All times are from the beginning of the load.
#[derive(Debug)]
pub(crate) struct Silence {
    /// In microseconds.
    since: AtomicU64,
    in_flight: AtomicU64,
    /// When the first call since then was lost, in microseconds.
    lost: AtomicU64,
    /// Whether a call was lost that went out after that.
    is_confirmed: AtomicBool,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            since: AtomicU64::new(NONE),
            in_flight: AtomicU64::new(0),
            lost: AtomicU64::new(NONE),
            is_confirmed: AtomicBool::new(false),
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

    /// A call has been answered.
    pub(crate) fn answered(&self, at: Duration) {
        let others = self.in_flight.fetch_sub(1, Ordering::Relaxed) - 1;
        // The time in which nothing was asked is no silence.
        let since = if others == 0 { NONE } else { micros(at) };
        self.since.store(since, Ordering::Relaxed);
        self.lost.store(NONE, Ordering::Relaxed);
        self.is_confirmed.store(false, Ordering::Relaxed);
    }

    /// A call that went out at `asked` has ended without an answer.
    pub(crate) fn lost(&self, asked: Duration, at: Duration) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        match self.lost.load(Ordering::Relaxed) {
            NONE => self.lost.store(micros(at), Ordering::Relaxed),
            first if micros(asked) >= first => self.is_confirmed.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    /// Since when nothing was answered that was asked, where that is longer than `most` by now.
    pub(crate) fn longer_than(&self, most: Duration, now: Duration) -> Option<Duration> {
        match self.since.load(Ordering::Relaxed) {
            since if since != NONE && self.is_confirmed.load(Ordering::Relaxed) => {
                Some(Duration::from_micros(since)).filter(|since| now.saturating_sub(*since) > most)
            }
            _ => None,
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
        silence.lost(at(10), at(11));
        silence.asked(at(11));
        silence.lost(at(11), at(12));
        assert_eq!(silence.longer_than(MOST, at(12)), None);
        assert_eq!(silence.longer_than(MOST, at(13)), Some(at(10)));
        silence.asked(at(14));
        assert_eq!(silence.longer_than(MOST, at(14)), Some(at(10)), "a fault is no answer");
        silence.answered(at(15));
        assert_eq!(silence.longer_than(MOST, at(30)), None, "nothing is owed");
        silence.asked(at(30));
        silence.lost(at(30), at(33));
        assert_eq!(
            silence.longer_than(MOST, at(40)),
            None,
            "what was lost before tells nothing now"
        );
    }

    #[test]
    fn a_last_call_that_is_lost_is_no_silence() {
        let silence = Silence::default();
        silence.asked(at(0));
        silence.answered(at(1));
        silence.asked(at(1));
        silence.lost(at(1), at(31));
        assert_eq!(silence.longer_than(MOST, at(31)), None);
        assert_eq!(silence.longer_than(MOST, at(90)), None);
    }

    /// All that is on its way is lost together: what goes out after that has as long to be answered as any call.
    #[test]
    fn what_is_lost_together_is_no_silence_until_a_later_call_is_lost() {
        let silence = Silence::default();
        (0..4).for_each(|second| silence.asked(at(second)));
        (0..4).for_each(|second| silence.lost(at(second), at(30 + second)));
        assert_eq!(silence.longer_than(MOST, at(33)), None);
        silence.asked(at(30));
        assert_eq!(silence.longer_than(MOST, at(59)), None);
        silence.lost(at(30), at(60));
        assert_eq!(silence.longer_than(MOST, at(60)), Some(at(0)));
    }

    #[test]
    fn of_calls_in_flight_the_latest_answer_counts() {
        let silence = Silence::default();
        (0..4).for_each(|second| silence.asked(at(second)));
        silence.answered(at(5));
        silence.lost(at(1), at(6));
        silence.asked(at(6));
        silence.lost(at(6), at(7));
        assert_eq!(silence.longer_than(MOST, at(7)), None);
        assert_eq!(silence.longer_than(MOST, at(8)), Some(at(5)));
    }
}
