//! Exhausts a limit on purpose, with a key that is there for it.

use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::{Case, Deed, Done, Exhaustion, Manner};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::role::Role;
use hubproof_requirements::judging::{is_served, is_throttled};

use super::answers::numbered;
use super::{LONGEST_RESET, Played, Stage, TOLERANCE, served_like};

/// Limits above this are not exhausted: it would be a load test.
const HIGHEST_LIMIT: u64 = 2_000;
/// How many throttled answers end calls that go out one by one.
const ENOUGH_THROTTLED: usize = 2;
/// How often calls that met the end of a window are followed by as many again.
const ATTEMPTS: usize = 3;
/// How many calls of a burst are in flight at most: each has a connection of its own.
const AT_ONCE: usize = 256;

impl Stage<'_> {
    /// Sends copies of a call until the target throttles them.
    pub(super) async fn exhaust(&self, case: &Case, exhaustion: &Exhaustion, played: &mut Played) {
        let outcome = match self.limit_to_exhaust(exhaustion, played) {
            Ok(limit) => {
                let copies = Copies {
                    call: served_like(&exhaustion.call, &exhaustion.like, played),
                    label: &exhaustion.label,
                    limit,
                    first: played.exchanges.len(),
                };
                match exhaustion.manner {
                    Manner::AtOnce => self.at_once(case, &copies, played).await,
                    Manner::OneByOne => self.one_by_one(case, &copies, played).await,
                }
                Ok(Done::Exhausted {
                    sent: copies.sent(played).len() as u64,
                    limit,
                })
            }
            Err(why) => Err(why),
        };
        played.deeds.push(Deed {
            label: exhaustion.label.clone(),
            outcome,
        });
    }

    fn limit_to_exhaust(&self, exhaustion: &Exhaustion, played: &Played) -> Result<u64, String> {
        let Credentials::Bearer(role) = exhaustion.call.credentials else {
            return Err("only a key's limit can be exhausted".to_owned());
        };
        let limit = exhaustion.limit.or_else(|| self.told_limit(role, played));
        let limit = limit.ok_or_else(|| {
            format!(
                "no answer to the {role} key tells its limit, and nothing else says how many calls would exhaust it: where the hub tells it \
                 by other headers than X-RateLimit-Limit, pin them in [dialect] limit_header, remaining_header, reset_header"
            )
        })?;
        if limit > HIGHEST_LIMIT {
            return Err(format!(
                "the {role} key's limit is {limit} calls, and none above {HIGHEST_LIMIT} is exhausted: name a key with a smaller one"
            ));
        }
        Ok(limit)
    }

    fn told_limit(&self, role: Role, played: &Played) -> Option<u64> {
        let answers = played.answers_to(role);
        let told = answers
            .into_iter()
            .find_map(|answer| self.session.limit_of(answer)?.limit.value());
        told.filter(|limit| *limit >= 0.0).map(|limit| limit as u64)
    }

    async fn at_once(&self, case: &Case, copies: &Copies<'_>, played: &mut Played) {
        for _ in 0..ATTEMPTS {
            let before = copies.sent(played).len();
            let calls: Vec<_> = (1..=copies.enough())
                .map(|number| copies.copy(before + number))
                .collect();
            let answers = calls.iter().map(|call| self.call(case, call, played));
            let answers: Vec<_> = stream::iter(answers).buffered(AT_ONCE).collect().await;
            answers.into_iter().for_each(|sent| played.take(sent));
            let burst = &copies.sent(played)[before..];
            // A call without an answer: the target is gone, or the run may send no more.
            if burst
                .iter()
                .any(|exchange| is_throttled(exchange) || exchange.response().is_none())
            {
                return;
            }
        }
    }

    async fn one_by_one(&self, case: &Case, copies: &Copies<'_>, played: &mut Played) {
        if !self.until_refused(case, copies, played).await {
            return;
        }
        // Where a case before this one left nothing of the window, only the next one shows how calls are counted.
        let left = self.rest_of_window(copies, played).filter(|_| copies.limit > 1);
        if let Some(left) = left
            && !copies.sent(played).iter().any(is_served)
            && !self.exhaust_next(left, case, copies, played).await
        {
            return;
        }
        // Where the window ends too soon for the late call, the next one is exhausted for it.
        if let Some(left) = self.late_call(case, copies, played).await
            && self.exhaust_next(left, case, copies, played).await
        {
            self.late_call(case, copies, played).await;
        }
    }

    /// Waits for the next window, and exhausts it; whether enough copies were throttled in it. Where none is let through, it may be too early:
    /// a Reset is rounded.
    async fn exhaust_next(&self, left: Duration, case: &Case, copies: &Copies<'_>, played: &mut Played) -> bool {
        for wait in [left, TOLERANCE] {
            let before = copies.sent(played).len();
            (self.events)(Event::AwaitingReset { wait });
            self.pause(wait).await;
            if !self.until_refused(case, copies, played).await {
                return false;
            }
            if copies.sent(played)[before..].iter().any(is_served) {
                break;
            }
        }
        true
    }

    /// Sends a copy once a limit that refills would have given a call back; how long the window goes on, where it ends before that.
    async fn late_call(&self, case: &Case, copies: &Copies<'_>, played: &mut Played) -> Option<Duration> {
        let (pause, left) = self.refill_time(copies, played)?;
        if pause >= left {
            return Some(left);
        }
        self.pause(pause).await;
        self.next_copy(case, copies, played).await;
        None
    }

    /// Sends copies one after the other; whether enough of them were throttled.
    async fn until_refused(&self, case: &Case, copies: &Copies<'_>, played: &mut Played) -> bool {
        let (mut in_window, mut windows, mut throttled) = (0, 1, 0);
        let mut left = None;
        while in_window < copies.enough() && windows <= ATTEMPTS && throttled < ENOUGH_THROTTLED {
            let Some(exchange) = self.next_copy(case, copies, played).await else {
                return false;
            };
            throttled += usize::from(is_throttled(exchange));
            let told = self
                .session
                .limit_of(exchange)
                .and_then(|limit| limit.remaining.value());
            let has_begun_anew = matches!((left, told), (Some(before), Some(now)) if now > before);
            left = told.or(left);
            in_window = if has_begun_anew { 1 } else { in_window + 1 };
            windows += usize::from(has_begun_anew);
        }
        throttled >= ENOUGH_THROTTLED
    }

    /// Sends the next copy; its exchange, if it was answered.
    async fn next_copy<'p>(&self, case: &Case, copies: &Copies<'_>, played: &'p mut Played) -> Option<&'p Exchange> {
        let next = copies.copy(copies.sent(played).len() + 1);
        let sent = self.call(case, &next, played).await;
        played.take(sent);
        played.exchanges.last().filter(|exchange| exchange.response().is_some())
    }

    /// A time in which a limit that refills would have given a call back, and how long the window goes on. `None` where that is not known, or
    /// no window is long enough for it, or it is too long to wait for.
    fn refill_time(&self, copies: &Copies<'_>, played: &Played) -> Option<(Duration, Duration)> {
        let (sent, limit) = (copies.sent(played), u32::try_from(copies.limit).ok()?);
        let to_reset = sent
            .iter()
            .filter_map(|exchange| self.session.limit_of(exchange)?.seconds_to_reset());
        let window = Duration::try_from_secs_f64(to_reset.fold(0.0, f64::max)).ok()?;
        // Reset may be rounded down.
        let pause = window.checked_add(TOLERANCE)?.checked_div(limit)?.checked_mul(2)?;
        let left = self.rest_of_window(copies, played)?;
        (pause < window).then_some((pause, left))
    }

    /// How long the window of the last answer goes on. `None` where that is not known, or too long to wait for.
    fn rest_of_window(&self, copies: &Copies<'_>, played: &Played) -> Option<Duration> {
        let left = self.session.until_reset(copies.sent(played).last()?)?;
        (left <= LONGEST_RESET).then_some(left)
    }
}

/// The copies of an exhaustion's call.
struct Copies<'e> {
    call: Call,
    label: &'e str,
    limit: u64,
    /// Where their exchanges begin in the case.
    first: usize,
}

impl Copies<'_> {
    /// How many copies exhaust the limit for certain.
    fn enough(&self) -> usize {
        usize::try_from(self.limit + (self.limit / 4).max(5)).unwrap_or(usize::MAX)
    }

    fn copy(&self, number: usize) -> Call {
        numbered(&self.call, number).labelled(format!("{}/{number}", self.label))
    }

    /// The exchanges of those sent so far.
    fn sent<'p>(&self, played: &'p Played) -> &'p [Exchange] {
        &played.exchanges[self.first..]
    }
}
