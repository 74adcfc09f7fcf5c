//! Sends calls to a target that may throttle them: waits as it tells, and sends again for as long as waiting helps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hubproof_model::call::{Call, Credentials};
use hubproof_model::event::Event;
use hubproof_model::exchange::{Exchange, Fault, Response};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_wire::Session;
use tokio::time::Instant;

/// How often a call that the target throttled is sent again.
const RETRIES: usize = 5;
/// The longest that a call may wait for the target, all its waits together.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// After how many calls that waited in vain, with none between that was served, no call waits any more.
const MOST_IN_VAIN: usize = 3;
/// The wait where the target names none.
const UNTOLD_WAIT: Duration = Duration::from_secs(1);

/// A session with a target that may throttle.
pub(crate) struct ThrottledSession<'a> {
    session: &'a Session,
    events: &'a (dyn Fn(Event) + Sync),
    /// While the target throttles, no call goes out before this.
    open_from: Mutex<Option<Instant>>,
    in_vain: AtomicUsize,
}

/// What came of a call.
pub(crate) struct Sent {
    /// The last answer: the one that counts.
    pub(crate) exchange: Exchange,
    /// The answers before it, all of them throttled.
    pub(crate) throttled: Vec<Exchange>,
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
    pub(crate) fn into_exchanges(self) -> impl Iterator<Item = Exchange> {
        self.throttled.into_iter().chain([self.exchange])
    }
}

impl<'a> ThrottledSession<'a> {
    /// Nothing is known of the target's limits yet.
    pub(crate) fn new(session: &'a Session, events: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self {
            session,
            events,
            open_from: Mutex::new(None),
            in_vain: AtomicUsize::new(0),
        }
    }

    /// Sends a call of a case; when the target throttles it, waits as told and sends it again.
    pub(crate) async fn send(&self, case: &str, call: &Call) -> Sent {
        let mut throttled = Vec::new();
        let mut waited = Duration::ZERO;
        loop {
            self.open().await;
            let exchange = self.session.send(case, call).await;
            let is_meant = matches!(&call.credentials, Credentials::Bearer(role) if role.may_be_exhausted());
            let Some(wait) = throttling(&exchange).filter(|_| !is_meant) else {
                if exchange.result.is_ok() && !throttled.is_empty() {
                    self.in_vain.store(0, Ordering::Relaxed);
                }
                return Sent { exchange, throttled };
            };
            waited = waited.saturating_add(wait);
            let is_spent = throttled.len() >= RETRIES || waited > LONGEST_WAIT;
            if is_spent {
                self.in_vain.fetch_add(1, Ordering::Relaxed);
            }
            if is_spent || self.in_vain.load(Ordering::Relaxed) >= MOST_IN_VAIN {
                return Sent { exchange, throttled };
            }
            (self.events)(Event::Throttled { wait });
            self.close_for(wait);
            throttled.push(exchange);
        }
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

    /// Waits until calls may go out, or the session is interrupted.
    async fn open(&self) {
        let open_from = *self.open_from.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(instant) = open_from {
            tokio::select! {
                () = tokio::time::sleep_until(instant) => {}
                () = self.session.interrupted() => {}
            }
        }
    }

    fn close_for(&self, wait: Duration) {
        let mut open_from = self.open_from.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + wait;
        *open_from = Some(open_from.map_or(until, |known| known.max(until)));
    }
}

/// How long an answer says that it takes until calls are taken again.
pub(crate) fn told_wait_of(exchange: &Exchange) -> Option<Duration> {
    told_wait(exchange.response()?, SystemTime::now())
}

/// How long to wait before sending again, if the target throttled the call (RTL-04, RTL-06).
fn throttling(exchange: &Exchange) -> Option<Duration> {
    let response = exchange.response()?;
    let is_throttled = response.status == 429 || Outcome::of(exchange).is(&ErrorCode::RateLimited);
    is_throttled.then(|| told_wait(response, SystemTime::now()).unwrap_or(UNTOLD_WAIT))
}

/// `Retry-After` (seconds or a date: RFC 9110 §10.2.3), else `X-RateLimit-Reset` (seconds, an epoch or a date). Points in time
/// are compared with the answer's own `Date`, since the target's clock may be off; else with `now`.
fn told_wait(response: &Response, now: SystemTime) -> Option<Duration> {
    let date = |name: &str| httpdate::parse_http_date(response.header(name)?.trim()).ok();
    let number = |name: &str| response.header(name)?.trim().parse::<f64>().ok().filter(|n| *n >= 0.0);
    let now = date("date").unwrap_or(now);
    let until = |moment: SystemTime| moment.duration_since(now).ok();
    let since_epoch =
        |seconds: f64| until(SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?);
    let seconds = |number: f64| Duration::try_from_secs_f64(number).ok();
    let retry_after = || number("retry-after").and_then(seconds);
    let reset = || match number("x-ratelimit-reset")? {
        millis if millis > 1e12 => since_epoch(millis / 1e3),
        epoch if epoch > 1e9 => since_epoch(epoch),
        delta => seconds(delta),
    };
    retry_after()
        .or_else(|| date("retry-after").and_then(until))
        .or_else(reset)
        .or_else(|| date("x-ratelimit-reset").and_then(until))
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
        told_wait(&Response::new(429, headers, Vec::new()), SystemTime::UNIX_EPOCH).map(|wait| wait.as_secs_f64())
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
