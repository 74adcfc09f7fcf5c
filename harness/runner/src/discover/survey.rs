//! The survey: executes a few read tools with likely inputs, to learn which succeed and each domain's default connection.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream;
use hubproof_model::call::Call;
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::surface::{Surface, Surveyed, Tool};
use hubproof_wire::Session;

use super::SURVEY;
use crate::throttle::{Sent, ThrottledSession};

/// How many calls a domain gets while none succeeds.
const TRIES: usize = 4;
/// After how many successes a domain is known well enough.
const ENOUGH: usize = 2;
/// How many domains are surveyed at once.
const AT_ONCE: usize = 8;

/// Surveys the selected read tools by a call of each, domain by domain, and notes what it learns in the surface.
pub async fn survey(
    session: &Session,
    surface: &mut Surface,
    call: impl Fn(&Tool) -> Option<Call>,
    selected: &[String],
    events: &(dyn Fn(Event) + Sync),
) -> Vec<Exchange> {
    let session = ThrottledSession::new(session, &surface.dialect, events);
    let mut by_domain: BTreeMap<&str, Vec<(String, Call)>> = BTreeMap::new();
    let is_ground = |tool: &&Tool| !tool.risk().is_state_changing() && selected.binary_search(&tool.key).is_ok();
    for tool in surface.tools.iter().filter(is_ground) {
        if let Some(call) = call(tool) {
            by_domain
                .entry(&tool.domain)
                .or_default()
                .push((tool.key.clone(), call));
        }
    }
    let domains = by_domain.into_values().map(|calls| survey_domain(&session, calls));
    let surveyed: Vec<_> = stream::iter(domains.collect::<Vec<_>>())
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut exchanges = Vec::new();
    for (key, sent) in surveyed.into_iter().flatten() {
        surface.survey.extend(read(&sent.exchange).map(|seen| (key, seen)));
        exchanges.extend(sent.into_exchanges());
    }
    exchanges
}

async fn survey_domain(session: &ThrottledSession<'_>, calls: Vec<(String, Call)>) -> Vec<(String, Sent)> {
    let mut surveyed = Vec::new();
    let mut successes = 0;
    for (key, call) in calls {
        let sent = session.send(&format!("{SURVEY}{key}"), &call).await;
        successes += usize::from(Outcome::of(&sent.exchange) == Outcome::Success);
        surveyed.push((key, sent));
        if successes >= ENOUGH || (successes == 0 && surveyed.len() >= TRIES) {
            break;
        }
    }
    surveyed
}

fn read(exchange: &Exchange) -> Option<Surveyed> {
    let text = |name: &str| Some(exchange.json()?.get(name)?.as_str()?.to_owned());
    match Outcome::of(exchange) {
        Outcome::Success => Some(Surveyed {
            error_code: None,
            connection_id: text("connection_id"),
        }),
        // A throttled call says nothing of the tool.
        Outcome::Error(ErrorCode::RateLimited) => None,
        Outcome::Error(code) => Some(Surveyed {
            error_code: Some(code.as_str().to_owned()),
            connection_id: None,
        }),
        Outcome::Bare(_) | Outcome::Fault => None,
    }
}
