//! Sends calls to a target that may throttle them: keeps within what its headers tell, waits as it says, and sends again for as long as
//! waiting helps.

use std::time::{Duration, SystemTime};

use hubproof_model::call::Call;
use hubproof_model::event::{Event, Throttling};
use hubproof_model::exchange::{Exchange, Fault, Response};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::rate_limit::{Moment, RateLimit, date, retry_after, since_1970};
use hubproof_model::role::Role;
use hubproof_model::surface::Dialect;
use hubproof_wire::Session;

use crate::budget::{Gates, role_of};
use crate::target_clock::TargetClock;

/// How often a call that the target throttled is sent again.
const RETRIES: usize = 5;
/// The longest that a call may wait for the target, all its waits together.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// After how many calls that waited in vain, with none between that was served, no call of the key waits any more.
const MOST_IN_VAIN: usize = 3;
/// The wait where the target names none.
const UNTOLD_WAIT: Duration = Duration::from_secs(1);

/// A session with a target that may throttle.
pub struct ThrottledSession<'a> {
    session: &'a Session,
    /// How the target spells its limits.
    dialect: Dialect,
    events: &'a (dyn Fn(Event) + Sync),
    gates: Gates,
    clock: TargetClock,
}

/// What came of a call.
#[derive(Debug)]
pub struct Sent {
    /// The last answer: the one that counts.
    pub exchange: Exchange,
    /// The answers before it, all of them throttled.
    pub throttled: Vec<Exchange>,
}

impl Sent {
    /// An answer that counts at once.
    pub(crate) fn without_retries(exchange: Exchange) -> Self {
        Self {
            exchange,
            throttled: Vec::new(),
        }
    }

    /// All answers, in the order of sending.
    pub fn into_exchanges(self) -> impl Iterator<Item = Exchange> {
        self.throttled.into_iter().chain([self.exchange])
    }
}

impl std::fmt::Debug for ThrottledSession<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ThrottledSession").finish_non_exhaustive()
    }
}

impl<'a> ThrottledSession<'a> {
    /// Nothing is known of the target's limits yet.
    pub fn new(session: &'a Session, dialect: &Dialect, events: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self {
            session,
            dialect: dialect.clone(),
            events,
            gates: Gates::new(),
            clock: TargetClock::default(),
        }
    }

    /// Sends a call of a case, once what its key has left allows it; when the target throttles it, waits as told and sends it again.
    /// Calls with a key whose limit is exhausted on purpose are neither held nor sent again.
    pub async fn send(&self, case: &str, call: &Call) -> Sent {
        let role = role_of(call);
        if role.is_some_and(Role::may_be_exhausted) {
            return Sent::without_retries(self.send_once(case, call).await);
        }
        let gate = self.gates.of(call);
        let (mut throttled, mut waited) = (Vec::new(), Duration::ZERO);
        loop {
            tokio::select! {
                () = gate.open() => {}
                () = self.session.interrupted() => {}
            }
            let flight = gate.enter();
            let exchange = self.send_once(case, call).await;
            let Some(wait) = self.throttling(&exchange) else {
                if let Ok(response) = &exchange.result {
                    if !throttled.is_empty() {
                        gate.waited_well();
                    }
                    let limit = RateLimit::read(response, &self.dialect);
                    if let Some((wait, why)) = gate.take_in(&flight, &limit, SystemTime::now()) {
                        (self.events)(Event::Throttled { role, wait, why });
                    }
                }
                return Sent { exchange, throttled };
            };
            waited = waited.saturating_add(wait);
            let is_spent = throttled.len() >= RETRIES || waited > LONGEST_WAIT;
            if is_spent {
                gate.waited_in_vain();
            }
            if is_spent || gate.in_vain() >= MOST_IN_VAIN {
                return Sent { exchange, throttled };
            }
            if gate.close_for(wait) {
                let why = Throttling::Refused;
                (self.events)(Event::Throttled { role, wait, why });
            }
            throttled.push(exchange);
        }
    }

    /// Sends a call at once, whatever its key has left, and only once.
    pub(crate) async fn send_once(&self, case: &str, call: &Call) -> Exchange {
        let exchange = self.session.send(case, call).await;
        self.clock.note(&exchange);
        exchange
    }

    /// How long it takes until the reset that an answer tells has passed. `None` where it tells none.
    pub(crate) fn until_reset(&self, exchange: &Exchange) -> Option<Duration> {
        let limit = self.limit_of(exchange)?;
        let known = self.clock.until_reset(exchange, &limit, self.session.time());
        known.or_else(|| {
            let seconds = limit.reset.value()?.seconds_from(since_1970(SystemTime::now()))?;
            Duration::try_from_secs_f64(seconds.max(0.0)).ok()
        })
    }

    /// What an answer tells of its key's limit.
    pub(crate) fn limit_of(&self, exchange: &Exchange) -> Option<RateLimit> {
        Some(RateLimit::read(exchange.response()?, &self.dialect))
    }

    /// The exchange of a call that cannot be sent, for this reason.
    pub(crate) fn withhold(&self, case: &str, call: &Call, fault: Fault) -> Exchange {
        self.session.withhold(case, call, fault)
    }

    /// A text from elsewhere without the secrets of the profile.
    pub(crate) fn masked(&self, text: &str) -> String {
        self.session.masked(text)
    }

    /// Waits until the session is interrupted.
    pub(crate) async fn interrupted(&self) {
        self.session.interrupted().await;
    }

    /// How long to wait before sending again, if the target throttled the call (RTL-04, RTL-06).
    fn throttling(&self, exchange: &Exchange) -> Option<Duration> {
        let response = exchange.response()?;
        let is_throttled = response.status == 429 || Outcome::of(exchange).is(&ErrorCode::RateLimited);
        let wait = || told_wait(response, &self.dialect, SystemTime::now()).unwrap_or(UNTOLD_WAIT);
        is_throttled.then(wait)
    }
}

/// `Retry-After`, else Reset. Points in time are compared with the answer's own `Date`, since the target's clock may be off; else with
/// `now`.
fn told_wait(response: &Response, dialect: &Dialect, now: SystemTime) -> Option<Duration> {
    let now = date(response).or(since_1970(now));
    let wait = |moment: Moment| Duration::try_from_secs_f64(moment.seconds_from(now)?).ok();
    let reset = || RateLimit::read(response, dialect).reset.value();
    retry_after(response).value().and_then(wait).or_else(|| wait(reset()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Wed, 21 Oct 2026 07:28:00 GMT";

    fn wait(headers: &[(&str, &str)]) -> Option<f64> {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let response = Response::new(429, headers, Vec::new());
        told_wait(&response, &Dialect::default(), SystemTime::UNIX_EPOCH).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn the_wait_is_what_the_target_says() {
        assert_eq!(wait(&[("retry-after", "3"), ("x-ratelimit-reset", "9")]), Some(3.0));
        assert_eq!(wait(&[("x-ratelimit-reset", "0.25")]), Some(0.25));
        assert_eq!(wait(&[("retry-after", "86400")]), Some(86_400.0));
    }

    #[test]
    fn a_point_in_time_is_compared_with_the_answers_date() {
        let later = "Wed, 21 Oct 2026 07:28:07 GMT";
        assert_eq!(wait(&[("date", DATE), ("retry-after", later)]), Some(7.0));
        assert_eq!(wait(&[("date", DATE), ("x-ratelimit-reset", later)]), Some(7.0));
        assert_eq!(wait(&[("date", DATE), ("x-ratelimit-reset", "1792567689")]), Some(9.0));
        assert_eq!(
            wait(&[("date", DATE), ("x-ratelimit-reset", "1792567689000")]),
            Some(9.0)
        );
        assert_eq!(wait(&[("retry-after", "Thu, 01 Jan 1970 00:00:05 GMT")]), Some(5.0));
    }

    #[test]
    fn what_says_nothing_of_the_future_is_no_wait() {
        for told in ["-5", "nan", "inf", "soon", "", "1e300", "Wed, 21 Oct 2020 07:28:00 GMT"] {
            assert_eq!(wait(&[("date", DATE), ("retry-after", told)]), None, "{told}");
        }
    }
}
