//! When the schedule handed calls out, where that was late: so that a pause of the machine counts for each call that was due in it, however
//! long it waited for a connection after that.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// From which delay on a hand-out is kept in mind: so there are no more of them than fit into the time, however high the rate.
const LATE: Duration = Duration::from_micros(250);

/// The late hand-outs of which calls are still to be asked for.
#[derive(Debug, Default)]
pub(crate) struct LateHandouts {
    /// No call from this number on was handed out late: most need no lock.
    until: AtomicU64,
    late: Mutex<VecDeque<Handout>>,
}

#[derive(Debug)]
struct Handout {
    calls: Range<u64>,
    at: Instant,
    /// How many of them nobody has asked for.
    left: u64,
}

impl LateHandouts {
    /// These calls are handed out at this moment; the first of them was meant to go out at `intended`. Is told of in the order of the numbers,
    /// before anybody may take them.
    pub(crate) fn note(&self, calls: Range<u64>, intended: Instant, at: Instant) {
        if at.saturating_duration_since(intended) < LATE {
            return;
        }
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        self.until.store(calls.end, Ordering::Release);
        late.push_back(Handout {
            left: calls.end - calls.start,
            calls,
            at,
        });
    }

    /// When the call of this number was handed out that was meant to go out at `intended`. Whoever takes a call asks once: what was asked for is
    /// forgotten.
    pub(crate) fn moment(&self, number: u64, intended: Instant) -> Instant {
        if number >= self.until.load(Ordering::Acquire) {
            return intended;
        }
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        let place = late.partition_point(|handout| handout.calls.end <= number);
        let Some(handout) = late.get_mut(place).filter(|own| own.calls.contains(&number)) else {
            return intended;
        };
        handout.left = handout.left.saturating_sub(1);
        // The last of them may have been meant for a moment just after the clock was read.
        let moment = handout.at.max(intended);
        while late.front().is_some_and(|first| first.left == 0) {
            late.pop_front();
        }
        moment
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::moments::Moments;
    use crate::schedule::{Schedule, keep, samples::Jumping};

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// The calls of a schedule whose clock jumps, each sent over one connection on which each takes a millisecond: their moments.
    fn sent(rate: f64, total: u64, jumps: &[Duration]) -> Vec<Moments> {
        let (start, late) = (Instant::now(), LateHandouts::default());
        let (schedule, clock) = (Schedule::new(start, rate), Jumping::new(start, jumps));
        let mut handed_out = Vec::new();
        keep(&schedule, total, &clock, &AtomicBool::new(false), |calls, now| {
            late.note(calls.clone(), schedule.intended(calls.start), now);
            handed_out.extend(calls.map(|number| (number, now)));
        });
        let mut free = start;
        let moments = handed_out.into_iter().map(|(number, published)| {
            let intended = schedule.intended(number);
            let sent = published.max(free);
            let moments = Moments {
                intended,
                handed_out: late.moment(number, intended),
                free,
                held_back: Duration::ZERO,
                sent,
                ended: sent + ms(1),
            };
            free = moments.ended;
            moments
        });
        let moments = moments.collect();
        assert!(late.late.lock().unwrap().is_empty(), "what was asked for is forgotten");
        moments
    }

    /// 500 calls a second, and after the 10th a pause of 400 ms: 200 calls of a backlog.
    #[test]
    fn a_pause_makes_each_call_late_that_was_due_in_it() {
        let mut jumps = vec![Duration::ZERO; 10];
        jumps[9] = ms(400);
        let moments = sent(500.0, 300, &jumps);
        let late = moments.iter().filter(|own| own.lateness() >= ms(2)).count();
        assert_eq!(late, 200, "a call every 2 ms");
        for (number, own) in moments.iter().enumerate() {
            // The clock wakes for call 10 at its moment and 400 ms.
            let due_after = (420_u64).saturating_sub(2 * number as u64);
            let expected = if (10..=210).contains(&number) {
                ms(due_after)
            } else {
                Duration::ZERO
            };
            assert_eq!(own.lateness(), expected, "{number}");
            assert!(own.response() >= own.lateness() + own.service(), "{number}");
        }
        // Of the rest the connection was the cause: it took the calls one after the other.
        let last = &moments[210];
        assert_eq!(last.response() - last.service() - last.lateness(), ms(200));
    }

    #[test]
    fn calls_that_are_on_time_or_hardly_late_are_not_kept_in_mind() {
        let (late, start) = (LateHandouts::default(), Instant::now());
        late.note(0..1, start, start);
        late.note(1..2, start, start + LATE / 2);
        assert!(late.late.lock().unwrap().is_empty());
        assert_eq!(late.moment(1, start), start);
    }

    #[test]
    fn workers_may_ask_in_any_order() {
        let (late, start) = (LateHandouts::default(), Instant::now());
        late.note(0..3, start, start + ms(7));
        late.note(5..6, start, start + ms(9));
        let asked = [5, 2, 4, 0, 1].map(|number| late.moment(number, start) - start);
        assert_eq!(asked, [ms(9), ms(7), ms(0), ms(7), ms(7)]);
        assert!(late.late.lock().unwrap().is_empty());
    }
}
