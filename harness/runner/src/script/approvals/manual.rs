//! The `manual` driver: a person is told what to decide and where, and the run waits until the call is answered otherwise.

use std::time::Duration;

use hubproof_model::approval::ManualDriver;
use hubproof_model::case::{ApprovalVerdict, Case, Done};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::Outcome;
use serde_json::Value;
use tokio::time::Instant;

use super::{Approver, Asked};

/// The time between two looks at how the call stands.
const PAUSE: Duration = Duration::from_millis(500);

impl Approver<'_> {
    /// Asks a person for a decision, and replays the call until it is answered otherwise than before.
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
        let named = match gated.call.idempotency_key() {
            Some(key) => format!(" with the idempotency key {key}"),
            None => String::new(),
        };
        let text = format!(
            "{deed} the call of {}{named} at {}",
            gated.call.tool().unwrap_or_default(),
            manual.place
        );
        (self.events)(Event::AwaitingApproval {
            text: text.clone(),
            wait: self.approvals.wait,
        });
        let ends = Instant::now() + self.approvals.wait;
        let mut sent = Vec::new();
        while Instant::now() < ends {
            self.pause(PAUSE).await;
            let replay = self.session.send(&case.id, &gated.call.clone().labelled("look")).await;
            let has_changed = replay.response().is_some() && stands(&replay) != stands(gated);
            let is_over = replay.response().is_none();
            sent.push(replay);
            if has_changed {
                return (Ok(Done::Decided), sent);
            }
            if is_over {
                break;
            }
        }
        (
            Err(format!("nobody was seen to {text} within {:?}", self.approvals.wait)),
            sent,
        )
    }
}

/// How a call stands, without what differs each time.
fn stands(exchange: &Exchange) -> (Outcome, Option<&Value>) {
    let details = exchange.json().and_then(|body| body.pointer("/error/details"));
    (Outcome::of(exchange), details)
}
