//! Sends a plan's cases, several at a time, and hands each on as it is answered.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use hubproof_model::call::Call;
use hubproof_model::case::{Case, Order};
use hubproof_model::event::Event;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_wire::Session;
use tokio::time::Instant;

use crate::interrupt::Interrupt;
use crate::plan::{Plan, PlannedCase};

/// How often a call that the target throttled is sent again.
const THROTTLED_RETRIES: usize = 5;
/// The longest wait for a throttling target.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A case that was sent.
#[derive(Debug, Clone)]
pub struct ExecutedCase {
    /// Its place in the plan.
    pub index: usize,
    /// The exchanges that its judges see: one a call, in the order of the calls.
    pub exchanges: Vec<Exchange>,
    /// Answers of a throttling target to calls that were sent again.
    pub throttled: Vec<Exchange>,
}

/// Sends the cases with `jobs` of them in flight, and at the end the exclusive ones, each by itself; `on_case` sees each as it ends. Ends early when interrupted: cases that had
/// begun are still handed on, the rest is not sent.
pub async fn execute(
    session: &Session,
    plan: &Plan,
    jobs: usize,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
    mut on_case: impl FnMut(ExecutedCase),
) {
    let sender = Sender {
        session,
        events,
        open_from: Mutex::new(None),
    };
    let of_kind = |exclusive: bool| {
        let cases = plan.cases.iter().enumerate();
        let cases = cases.filter(move |(_, planned)| planned.case.exclusive == exclusive);
        stream::iter(cases.map(|(index, planned)| sender.send_case(index, planned)))
    };
    let shared = of_kind(false).buffer_unordered(jobs.max(1));
    let mut executed = pin!(shared.chain(of_kind(true).buffer_unordered(1)));
    loop {
        tokio::select! {
            biased;
            _ = interrupt.stopped() => break,
            case = executed.next() => match case {
                Some(case) => on_case(case),
                None => return,
            },
        }
    }
    // What is in flight ends; calls that have not gone out yet are answered by the session itself, at once.
    session.interrupt();
    events(Event::Interrupted);
    while let Some(case) = executed.next().await {
        on_case(case);
    }
}

struct Sender<'a> {
    session: &'a Session,
    events: &'a (dyn Fn(Event) + Sync),
    /// While the target throttles, no call goes out before this.
    open_from: Mutex<Option<Instant>>,
}

impl Sender<'_> {
    async fn send_case(&self, index: usize, planned: &PlannedCase) -> ExecutedCase {
        let case = &planned.case;
        (self.events)(Event::CaseStarted { case: case.id.clone() });
        let mut executed = ExecutedCase {
            index,
            exchanges: Vec::with_capacity(case.calls.len()),
            throttled: Vec::new(),
        };
        let sent: Vec<(Exchange, Vec<Exchange>)> = match case.order {
            Order::Concurrent => join_all(case.calls.iter().map(|call| self.send(case, call))).await,
            Order::Sequential => {
                let mut sent = Vec::with_capacity(case.calls.len());
                for call in &case.calls {
                    sent.push(self.send(case, call).await);
                }
                sent
            }
        };
        for (exchange, throttled) in sent {
            executed.exchanges.push(exchange);
            executed.throttled.extend(throttled);
        }
        executed
    }

    /// Sends a call; when the target throttles it, waits as told and sends it again.
    async fn send(&self, case: &Case, call: &Call) -> (Exchange, Vec<Exchange>) {
        let mut throttled = Vec::new();
        loop {
            let open_from = *self.open_from.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(instant) = open_from {
                tokio::time::sleep_until(instant).await;
            }
            let exchange = self.session.send(&case.id, call).await;
            let Some(wait) = throttling(&exchange).filter(|_| throttled.len() < THROTTLED_RETRIES) else {
                return (exchange, throttled);
            };
            (self.events)(Event::Throttled { wait });
            *self.open_from.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + wait);
            throttled.push(exchange);
        }
    }
}

/// How long to wait before sending again, if the target throttled the call (RTL-04, RTL-06).
fn throttling(exchange: &Exchange) -> Option<Duration> {
    let response = exchange.response()?;
    let is_throttled = response.status == 429 || Outcome::of(exchange).is(&ErrorCode::RateLimited);
    is_throttled.then(|| told_wait(response).min(LONGEST_WAIT))
}

/// `Retry-After` in seconds, else `X-RateLimit-Reset` where it is a small delta, else a second.
fn told_wait(response: &Response) -> Duration {
    let seconds = |name: &str| response.header(name).and_then(|value| value.trim().parse::<f64>().ok());
    let plausible = |seconds: &f64| (0.0..=86_400.0).contains(seconds);
    let told = seconds("retry-after")
        .filter(plausible)
        .or_else(|| seconds("x-ratelimit-reset").filter(plausible));
    told.map_or(Duration::from_secs(1), Duration::from_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Response::new(429, headers, Vec::new())
    }

    #[test]
    fn the_wait_is_what_the_target_says() {
        let seconds = |headers: &[(&str, &str)]| told_wait(&answer(headers)).as_secs_f64();
        assert_eq!(seconds(&[("retry-after", "3"), ("x-ratelimit-reset", "9")]), 3.0);
        assert_eq!(seconds(&[("x-ratelimit-reset", "0.25")]), 0.25);
        assert_eq!(seconds(&[("x-ratelimit-reset", "1790000000")]), 1.0);
        assert_eq!(seconds(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), 1.0);
    }
}
