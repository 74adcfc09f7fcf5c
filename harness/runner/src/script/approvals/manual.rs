//! The `manual` driver: a person is told what to decide and where, and the run waits until the call is answered otherwise.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join;
use hubproof_model::approval::ManualDriver;
use hubproof_model::case::{ApprovalVerdict, Case, Done};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_requirements::judging::{is_throttled, observed};
use serde_json::Value;
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

/// How a call stands that waits: the words in its answer's details that do not differ from one time to the next, by their places.
pub(super) struct Standing {
    words: BTreeMap<String, Word>,
}

/// What may tell a decision. Numbers do not: they count down, or up, while nothing is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Text(String),
    Flag(bool),
}

impl Word {
    /// Whether it says something else, and not the same some seconds later (`in 59 s`).
    fn is_other(&self, now: Option<&Self>) -> bool {
        let without_digits = |text: &str| text.replace(char::is_numeric, "");
        match (self, now) {
            (Word::Text(before), Some(Word::Text(now))) => without_digits(before) != without_digits(now),
            (before, now) => Some(before) != now,
        }
    }
}

impl Standing {
    pub(super) fn of(gated: &Exchange) -> Self {
        Self { words: words(gated) }
    }

    pub(super) fn keep_what_stays(&mut self, look: &Exchange) {
        if waits(look) {
            let now = words(look);
            self.words.retain(|place, word| now.get(place) == Some(word));
        }
    }

    /// Whether a look shows that someone has decided; an error, if it was another decision than was asked for.
    pub(super) fn decision_in(&self, look: &Exchange, verdict: ApprovalVerdict) -> Option<Result<(), String>> {
        if waits(look) {
            // A rejected call may still be answered with APPROVAL_REQUIRED (APR-05): then its details tell.
            let now = words(look);
            let differs = |(place, word): (&String, &Word)| word.is_other(now.get(place));
            let is_told = verdict == ApprovalVerdict::Reject && self.words.iter().any(differs);
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

/// All words in the details of an answer, by JSON Pointer.
fn words(exchange: &Exchange) -> BTreeMap<String, Word> {
    let mut words = BTreeMap::new();
    if let Some(details) = exchange.json().and_then(|answer| answer.pointer("/error/details")) {
        gather(details, "", &mut words);
    }
    words
}

fn gather(value: &Value, place: &str, words: &mut BTreeMap<String, Word>) {
    match value {
        Value::String(text) => drop(words.insert(place.to_owned(), Word::Text(text.clone()))),
        Value::Bool(flag) => drop(words.insert(place.to_owned(), Word::Flag(*flag))),
        Value::Null | Value::Number(_) => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(item, &format!("{place}/{index}"), words);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                gather(member, &format!("{place}/{name}"), words);
            }
        }
    }
}
