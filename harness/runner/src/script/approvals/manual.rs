//! The `manual` driver: a person is told what to decide and where, and the run waits until the call is answered otherwise.

use std::time::Duration;

use futures::future::join;
use hubproof_model::approval::ManualDriver;
use hubproof_model::case::{ApprovalVerdict, Case, Done};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_requirements::judging::{is_throttled, observed};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{Approver, Asked};

/// The time between two looks at how the call stands.
const PAUSE: Duration = Duration::from_millis(500);

impl Approver<'_> {
    /// Asks a person for a decision, and replays the call until it is answered otherwise than before. Two replays go out at once: if the
    /// approval can be used twice, the first ones to find it show that.
    pub(super) async fn ask_person(
        &self,
        manual: &ManualDriver,
        case: &Case,
        verdict: ApprovalVerdict,
        gated: &Exchange,
    ) -> Asked<Done> {
        let deed = match verdict {
            ApprovalVerdict::Approve => "approve",
            ApprovalVerdict::Reject => "reject",
        };
        let tool = gated.call.tool().unwrap_or_default();
        let named = match gated.call.idempotency_key() {
            Some(key) => format!(" with the idempotency key {key}"),
            None => String::new(),
        };
        let wait = self.wait;
        let mut standing = Standing::of(gated);
        // Before anybody is asked: what differs already differs each time, and no decision can come between the first two replays.
        let mut looks = self.look(case, gated).await;
        looks.iter().for_each(|look| standing.keep_what_stays(look));
        (self.events)(Event::AwaitingApproval {
            text: format!("{deed} the call of {tool}{named} at {}", manual.place),
            wait,
        });
        let ends = Instant::now() + wait;
        let mut sent = Vec::new();
        loop {
            let has_ended = looks.iter().any(|look| look.response().is_none());
            let seen = looks.iter().find_map(|look| standing.decision_in(look, verdict));
            sent.append(&mut looks);
            match seen {
                Some(seen) => return (seen.map(|()| Done::Decided), sent),
                None if has_ended || Instant::now() >= ends => break,
                None => self.wait_for_person(ends).await,
            }
            looks = self.look(case, gated).await;
        }
        let why = format!("nobody was seen to {deed} the call of {tool}{named} within {wait:?}: see [approvals] wait");
        (Err(why), sent)
    }

    /// Two replays of the call at once.
    async fn look(&self, case: &Case, gated: &Exchange) -> Vec<Exchange> {
        let call = gated.call.clone().labelled("look");
        let (one, other) = join(self.session.send(&case.id, &call), self.session.send(&case.id, &call)).await;
        one.into_exchanges().chain(other.into_exchanges()).collect()
    }

    async fn wait_for_person(&self, ends: Instant) {
        let next = (Instant::now() + PAUSE).min(ends);
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = self.session.interrupted() => {}
        }
    }
}

/// How a call stands that waits: the members of its answer's details that do not differ from one time to the next.
struct Standing {
    details: Map<String, Value>,
}

impl Standing {
    fn of(gated: &Exchange) -> Self {
        Self {
            details: details(gated).cloned().unwrap_or_default(),
        }
    }

    fn keep_what_stays(&mut self, look: &Exchange) {
        let now = details(look);
        let stays = |name: &str, value: &Value| now.and_then(|now| now.get(name)) == Some(value);
        if waits(look) {
            self.details.retain(|name, value| stays(name, value));
        }
    }

    /// Whether a look shows that someone has decided; an error, if it was another decision than was asked for.
    fn decision_in(&self, look: &Exchange, verdict: ApprovalVerdict) -> Option<Result<(), String>> {
        if waits(look) {
            // A rejected call may still be answered with APPROVAL_REQUIRED (APR-05): then its details tell.
            let now = details(look);
            let differs = |(name, value): (&String, &Value)| now.and_then(|now| now.get(name)) != Some(value);
            let is_told = verdict == ApprovalVerdict::Reject && self.details.iter().any(differs);
            return is_told.then_some(Ok(()));
        }
        let is_refusal = Outcome::of(look).is(&ErrorCode::Forbidden);
        match Outcome::of(look) {
            Outcome::Success | Outcome::Error(_) if is_throttled(look) => None,
            Outcome::Error(_) if is_refusal && verdict == ApprovalVerdict::Approve => {
                let why = format!(
                    "the call was to be approved, and is refused now ({}): was it rejected?",
                    observed(look)
                );
                Some(Err(why))
            }
            Outcome::Success | Outcome::Error(_) => Some(Ok(())),
            Outcome::Bare(_) | Outcome::Fault => None,
        }
    }
}

fn waits(exchange: &Exchange) -> bool {
    Outcome::of(exchange).is(&ErrorCode::ApprovalRequired)
}

fn details(exchange: &Exchange) -> Option<&Map<String, Value>> {
    exchange.json()?.pointer("/error/details")?.as_object()
}
