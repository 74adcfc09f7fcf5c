//! The profile's `safety.rate` under load: after a stall the calls that were due in it are not let out faster than that.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// By how much calls may be late and still go out at once, one after the other: so much a schedule that keeps the rate exactly may slip.
const SLACK: Duration = Duration::from_millis(20);

/// Lets out at most so many calls a second.
#[derive(Debug)]
pub(crate) struct Ceiling {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Ceiling {
    /// At so many a second.
    pub(crate) fn new(rate: f64) -> Self {
        Self {
            interval: Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX),
            next: Mutex::default(),
        }
    }

    /// The moment from which one more call may go out, for one that is about to now.
    pub(crate) fn reserve(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        let from = next.map_or(now, |next| next.max(earliest));
        *next = from.checked_add(self.interval).or(Some(from));
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn what_is_due_at_once_goes_out_an_interval_apart() {
        let (ceiling, start) = (Ceiling::new(50.0), Instant::now());
        assert_eq!(ceiling.reserve(start), start);
        // A stall of four seconds: 200 calls are due at once. Two make up for the slack.
        let after = start + ms(4000);
        let from: Vec<_> = (0..200).map(|_| ceiling.reserve(after)).collect();
        let at_once = from.iter().filter(|from| **from <= after).count();
        assert_eq!(at_once, 2);
        assert_eq!(from[199] - after, ms(198 * 20));
    }

    #[test]
    fn a_schedule_that_keeps_the_rate_is_never_held_up() {
        let (ceiling, start) = (Ceiling::new(1000.0), Instant::now());
        for call in 0..10_000_u64 {
            // Late by 0 to 9 ms, in an order of no meaning.
            let now = start + ms(call) + ms(call * 7 % 10);
            assert!(ceiling.reserve(now) <= now, "{call}");
        }
    }
}
