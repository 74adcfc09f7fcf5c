//! What time it is at the target, by the `Date` of its answers and nothing else: whole seconds each, but all together much finer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hubproof_model::exchange::Exchange;
use hubproof_model::rate_limit::{Moment, RateLimit, date};

/// The target's clock. Its time is in seconds since 1970, the run's in time since the session began.
#[derive(Debug, Default)]
pub(crate) struct TargetClock {
    /// The most by which the target's time was seen to be ahead of the run's.
    ahead: Mutex<Option<f64>>,
}

impl TargetClock {
    /// Takes in an answer: when it came, the target's time was its `Date` or later.
    pub(crate) fn note(&self, exchange: &Exchange) {
        let Some((least, _)) = bounds(exchange) else { return };
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = Some(ahead.map_or(least, |known| known.max(least)));
    }

    /// How long it takes from `now` until the reset that an answer tells has passed at the target for certain. `None` where the answer
    /// tells none, or a point in time without a `Date`.
    pub(crate) fn until_reset(&self, exchange: &Exchange, limit: &RateLimit, now: Duration) -> Option<Duration> {
        let seconds = match limit.reset.value()? {
            // Counted from the answer, and often rounded down: from now on it has passed the more certainly.
            Moment::After(seconds) => seconds,
            Moment::At(moment) => {
                let (least, most) = bounds(exchange)?;
                let known = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
                // Another machine of the target may have answered elsewhere: this answer's own `Date` has the last word.
                let ahead = known.map_or(least, |known| known.clamp(least, most));
                moment - (now.as_secs_f64() + ahead)
            }
        };
        Duration::try_from_secs_f64(seconds.max(0.0)).ok()
    }
}

/// By how much the target's time is ahead of the run's, at least and at most: the `Date` of an answer is that second, begun between
/// sending and answer.
fn bounds(exchange: &Exchange) -> Option<(f64, f64)> {
    let date = date(exchange.response()?)?;
    let (sent, answered) = (exchange.sent_after, exchange.sent_after + exchange.elapsed);
    Some((date - answered.as_secs_f64(), date + 1.0 - sent.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::{Response, SentRequest};
    use hubproof_model::surface::Dialect;

    use super::*;

    /// A target whose clock shows 07:28:00.750 when the session begins answers a call sent so many milliseconds later.
    fn answered(sent_ms: u64, reset: &str) -> Exchange {
        let second = (sent_ms + 10 + 750) / 1000;
        let headers = [
            ("date", format!("Wed, 21 Oct 2026 07:28:{second:02} GMT")),
            ("x-ratelimit-reset", reset.to_owned()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        Exchange {
            number: 0,
            case: String::new(),
            call: Call::listing(None),
            request: SentRequest {
                method: String::new(),
                url: String::new(),
                headers: Vec::new(),
            },
            result: Ok(Response::new(200, headers.to_vec(), Vec::new())),
            sent_after: Duration::from_millis(sent_ms),
            elapsed: Duration::from_millis(10),
        }
    }

    fn until(clock: &TargetClock, exchange: &Exchange) -> Option<u128> {
        let limit = RateLimit::read(exchange.response()?, &Dialect::default());
        let now = exchange.sent_after + exchange.elapsed;
        Some(clock.until_reset(exchange, &limit, now)?.as_millis())
    }

    /// 07:28:02, which is 1,250 ms into the session.
    const RESET: &str = "1792567682";

    #[test]
    fn one_date_leaves_a_second_open_and_many_do_not() {
        let clock = TargetClock::default();
        assert_eq!(until(&clock, &answered(0, RESET)), Some(2000));
        for sent in [0, 100, 200, 245, 300] {
            clock.note(&answered(sent, RESET));
        }
        // The second that began at 250 ms was first seen at 255.
        assert!((940..=960).contains(&until(&clock, &answered(300, RESET)).unwrap()));
    }

    #[test]
    fn another_machines_clock_is_not_taken_for_this_ones() {
        let clock = TargetClock::default();
        let mut fast = answered(0, RESET);
        if let Ok(response) = &mut fast.result {
            response.headers[0].1 = "Wed, 21 Oct 2026 07:28:30 GMT".to_owned();
        }
        clock.note(&fast);
        let wait = until(&clock, &answered(0, RESET)).unwrap();
        assert!(
            (980..=1000).contains(&wait),
            "{wait}: no less than the answer's own second allows"
        );
    }

    #[test]
    fn a_delta_is_waited_for_in_full_and_what_has_passed_not_at_all() {
        let clock = TargetClock::default();
        assert_eq!(until(&clock, &answered(0, "3")), Some(3000));
        assert_eq!(until(&clock, &answered(0, "1792567000")), Some(0));
        assert_eq!(until(&clock, &answered(0, "soon")), None);
    }
}
