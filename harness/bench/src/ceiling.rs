//! The profile's `safety.rate` under load: after a stall the calls that were due in it are not let out faster than that.
//!
//! It is a bucket of a tenth of a second's calls, which fills at the rate: what was late by less than that catches up, and moves no call
//! after it; in any second no more calls go out than the rate and a tenth of it. What a longer stall held up goes out at the rate, and so
//! does all after it, later than it was meant to: neither the hub nor the machine that measures makes it wait for that.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long calls may be late and still go out at once, one after the other: one call's interval at least.
const SLACK: Duration = Duration::from_millis(100);

/// Lets out at most so many calls a second.
#[derive(Debug)]
pub(crate) struct Ceiling {
    interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The moment that the next call is let out at.
    next: Option<Instant>,
    /// From when on calls were there to go out, and were not let.
    holds_since: Option<Instant>,
}

/// When a call may go out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leave {
    /// From when on, where that is not at once.
    pub(crate) from: Option<Instant>,
    /// How long it waits for the rate alone: it would have been sent by then, had every call before it been let out.
    pub(crate) held_back: Duration,
}

impl Ceiling {
    /// At so many a second.
    pub(crate) fn new(rate: f64) -> Self {
        Self {
            // Rounded down: a schedule of the very rate must not fall behind by a nanosecond a call.
            interval: Duration::from_nanos((1e9 / rate) as u64),
            state: Mutex::default(),
        }
    }

    /// When one more call may go out, for one that was meant to at `intended`, and could now. Its time begins with the first.
    pub(crate) fn reserve(&self, intended: Instant, now: Instant) -> Leave {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let slack = SLACK.max(self.interval);
        let earliest = now.checked_sub(slack).unwrap_or(now);
        let next = state.next.unwrap_or(intended);
        let from = next.max(earliest);
        state.next = from.checked_add(self.interval).or(Some(from));
        // It has caught up with the schedule, or something else held calls up for longer than the slack.
        if from <= intended || (from <= now && from > next) {
            state.holds_since = None;
        }
        if from > now {
            state.holds_since.get_or_insert(now);
        }
        let held_back = state
            .holds_since
            .map(|since| from.saturating_duration_since(intended.max(since)));
        Leave {
            from: Some(from).filter(|from| *from > now),
            held_back: held_back.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// When the calls of a schedule of this rate go out under a ceiling of that one, and how long each is held back, in milliseconds: what
    /// is due between `from` and `until` finds a connection no sooner than `until`.
    fn let_out(rate: f64, ceiling: f64, calls: u64, stalls: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let (ceiling, start) = (Ceiling::new(ceiling), Instant::now());
        let call = |number: u64| {
            let intended = start + Duration::from_secs_f64(number as f64 / rate);
            let mut now = intended;
            for (from, until) in stalls {
                if (start + ms(*from)..start + ms(*until)).contains(&now) {
                    now = start + ms(*until);
                }
            }
            let leave = ceiling.reserve(intended, now);
            let out = leave.from.unwrap_or(now) - start;
            (out.as_millis() as u64, leave.held_back.as_millis() as u64)
        };
        (0..calls).map(call).collect()
    }

    #[test]
    fn a_call_that_is_late_by_chance_moves_none_after_it() {
        let told = let_out(1000.0, 1000.0, 5000, &[(0, 5)]);
        let moved = (0..)
            .zip(&told)
            .find(|(number, told)| **told != (u64::max(*number, 5), 0));
        assert_eq!(moved, None);
        // Nor do many that are, each by less than the slack.
        let stalls: Vec<_> = (1..40).map(|number| (number * 100, number * 100 + 90)).collect();
        let told = let_out(1000.0, 1000.0, 4900, &stalls);
        let moved = (0..)
            .zip(&told)
            .skip(4800)
            .find(|(number, told)| **told != (*number, 0));
        assert_eq!(moved, None);
    }

    #[test]
    fn what_a_long_stall_held_up_goes_out_at_the_rate() {
        let told = let_out(50.0, 50.0, 400, &[(1000, 5000)]);
        let at = |milliseconds: u64| told.iter().filter(|(out, _)| *out == milliseconds).count();
        assert_eq!(at(5000), 6, "a tenth of a second's, and the one that is due now");
        let in_a_second = |from: u64| told.iter().filter(|(out, _)| (from..from + 1000).contains(out)).count();
        assert!((0..9000).all(|from| in_a_second(from) <= 55));
        assert_eq!(in_a_second(6000), 50);
        // Calls that were due in the stall waited for the hub until it was over, and then for the rate; all others for the rate alone.
        for (number, (out, held_back)) in (0..).zip(&told) {
            let could = match 20 * number {
                due @ 1000..5000 => due.max(5000),
                due => due,
            };
            assert_eq!(*held_back, out - could, "{number}");
        }
        assert_eq!(told[399], (399 * 20 + 3900, 3900));
    }

    #[test]
    fn a_lower_rate_catches_up() {
        let told = let_out(50.0, 100.0, 400, &[(1000, 2000)]);
        assert_eq!(told.last(), Some(&(399 * 20, 0)));
        assert!(told.iter().any(|(_, held_back)| *held_back > 300));
    }

    #[test]
    fn what_the_hub_holds_up_later_is_not_the_ceilings() {
        let told = let_out(50.0, 50.0, 300, &[(1000, 1500), (3000, 3900)]);
        // The first stall moved all by 400 ms. The call that is due when the second begins waits for its end.
        let (out, held_back) = told[150];
        assert_eq!((out, held_back), (3900, 0));
    }

    #[test]
    fn odd_rates_do_not_drift() {
        for rate in [7.0, 7.7, 999.999] {
            let told = let_out(rate, rate, 200_000, &[]);
            assert!(told.iter().all(|(_, held_back)| *held_back == 0), "{rate}");
            assert_eq!(told[199_999].0, (199_999.0 / rate * 1000.0) as u64);
        }
    }

    #[test]
    fn rates_below_one_in_the_slack_have_room_for_one_call() {
        let told = let_out(2.0, 2.0, 10, &[(0, 400)]);
        assert_eq!(told[..2], [(400, 0), (500, 0)]);
        assert_eq!(told[9], (4500, 0));
    }
}
