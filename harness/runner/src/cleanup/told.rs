//! What the exchanges of a run tell of what it did: the records that it made and where they are, what it removed or changed, what waits.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::call::{Credentials, Endpoint, Intent};
use hubproof_model::effect::{Creates, Effect, ID};
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::surface::Tool;
use hubproof_requirements::site::{run_idempotency_key, run_marker};
use serde_json::{Value, json};

use super::{Found, Place, plain};
use crate::ground::Ground;

/// The calls that were answered that they need an approval, and were not executed later.
pub(super) fn gated(log: &BTreeMap<u64, Exchange>) -> Vec<Exchange> {
    let call = |exchange: &Exchange| {
        let tool = exchange.call.tool().map(str::to_owned);
        let key = exchange.call.idempotency_key().map(str::to_owned);
        key.map(|key| (tool, key))
    };
    let succeeded = log
        .values()
        .filter(|exchange| Outcome::of(exchange) == Outcome::Success);
    let executed: BTreeSet<_> = succeeded.filter_map(call).collect();
    let asked = log
        .values()
        .filter(|exchange| Outcome::of(exchange).is(&ErrorCode::ApprovalRequired));
    asked
        .filter(|exchange| call(exchange).is_none_or(|call| !executed.contains(&call)))
        .cloned()
        .collect()
}

/// The records whose makers answered with a success, in the order of the answers.
pub(super) fn told(ground: &Ground, log: &BTreeMap<u64, Exchange>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for exchange in log.values().filter(|exchange| has_executed(ground, exchange)) {
        let Some((place, creates)) = place_of(ground, exchange) else {
            continue;
        };
        let data = exchange.json().and_then(|body| body.get("data"));
        let id = creates
            .id
            .as_ref()
            .and_then(|at| data?.pointer(at))
            .filter(|id| !id.is_null());
        let marks: Vec<_> = markers(exchange, &run_marker(&ground.run)).collect();
        let told = data.map(Value::to_string).unwrap_or_default();
        // What was sent with a marker must show it, here or in the sweep; what the profile insists on has none.
        let is_own = match marks.is_empty() {
            true => has_key_of_its_own(ground, log, exchange),
            false => marks.iter().any(|marker| told.contains(marker)),
        };
        // A replay tells of the same record.
        let is_known = |known: &Found| id.is_some() && known.place == place && known.id.as_ref() == id;
        if !found.iter().any(is_known) {
            found.push(Found {
                place,
                id: id.cloned(),
                case: Some(exchange.case.clone()),
                is_own,
            });
        }
    }
    found
}

/// Whether no answer to another call can come back under the call's idempotency key: it has none, or one of the run's that no other tool's
/// call had. A hub may replay across tools (IDM-06), and others may have used a short key.
fn has_key_of_its_own(ground: &Ground, log: &BTreeMap<u64, Exchange>, exchange: &Exchange) -> bool {
    let Some(key) = exchange.call.idempotency_key() else {
        return true;
    };
    let is_of_another_tool =
        |other: &Exchange| other.call.idempotency_key() == Some(key) && other.call.tool() != exchange.call.tool();
    key.starts_with(&run_idempotency_key(&ground.run)) && !log.values().any(is_of_another_tool)
}

/// The places to look at for records of the run: where a maker was called in any way, since a broken hub may have executed it.
pub(super) fn places(ground: &Ground, log: &BTreeMap<u64, Exchange>) -> BTreeSet<Place> {
    let called = log.values().filter(|exchange| exchange.call.intent != Intent::Read);
    called
        .filter_map(|exchange| Some(place_of(ground, exchange)?.0))
        .collect()
}

/// Where an execute of a maker puts its record.
pub(super) fn place_of<'g>(ground: &'g Ground, exchange: &Exchange) -> Option<(Place, &'g Creates)> {
    let Endpoint::Execute { tool } = &exchange.call.endpoint else {
        return None;
    };
    let (Some(Effect::Creates(creates)), Credentials::Bearer(role)) =
        (ground.effects.of_tool(tool), &exchange.call.credentials)
    else {
        return None;
    };
    let place = Place {
        tool: tool.clone(),
        role: *role,
        connection: connection_of(exchange.json()).or_else(|| connection_of(exchange.call.json())),
    };
    Some((place, creates))
}

/// The run's markers in the input of a call.
pub(super) fn markers(exchange: &Exchange, run_marker: &str) -> impl Iterator<Item = String> {
    let input = exchange.call.json().and_then(|body| body.get("input"));
    let text = input.map(Value::to_string).unwrap_or_default();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let own = words.filter(|word| word.starts_with(run_marker)).map(str::to_owned);
    own.collect::<BTreeSet<_>>().into_iter()
}

pub(super) fn connection_of(body: Option<&Value>) -> Option<String> {
    Some(body?.get("connection_id")?.as_str()?.to_owned())
}

/// The ids of records that the run's own calls removed, with the tool that made them.
pub(super) fn removed_by_the_run(ground: &Ground, log: &BTreeMap<u64, Exchange>) -> BTreeSet<(String, String)> {
    let mut gone = BTreeSet::new();
    for (maker, known) in ground.effects.all() {
        let Effect::Creates(Creates { undo: Some(undo), .. }) = &known.effect else {
            continue;
        };
        let Some(at) = pointer_of_id(&undo.input) else { continue };
        let removals = log
            .values()
            .filter(|exchange| exchange.call.tool() == Some(&undo.tool) && has_executed(ground, exchange));
        let ids = removals.filter_map(|exchange| exchange.call.json()?.get("input")?.pointer(&at).cloned());
        gone.extend(ids.map(|id| (maker.to_owned(), id.to_string())));
    }
    gone
}

fn pointer_of_id(input: &Value) -> Option<String> {
    let members = input.as_object()?;
    let name = members.iter().find(|(_, value)| **value == json!(ID))?.0;
    Some(format!("/{name}"))
}

/// Executes that succeeded on records that were there before, by tool.
pub(super) fn changed(ground: &Ground, log: &BTreeMap<u64, Exchange>) -> Vec<(String, u64)> {
    let own = ids_of_own(ground, log);
    let mut changed: BTreeMap<String, u64> = BTreeMap::new();
    for exchange in log.values().filter(|exchange| has_executed(ground, exchange)) {
        let tool = exchange.call.tool().unwrap_or_default();
        let makes = matches!(ground.effects.of_tool(tool), Some(Effect::Creates(_)));
        if !names_one_of(&own, exchange) && !makes {
            *changed.entry(tool.to_owned()).or_default() += 1;
        }
    }
    changed.into_iter().collect()
}

/// The ids of the records whose making was told.
pub(super) fn ids_of_own(ground: &Ground, log: &BTreeMap<u64, Exchange>) -> BTreeSet<String> {
    let told = told(ground, log);
    told.iter().filter_map(|found| found.id.as_ref().map(plain)).collect()
}

/// Whether the input of a call names one of these ids.
pub(super) fn names_one_of(ids: &BTreeSet<String>, exchange: &Exchange) -> bool {
    let input = exchange.call.json().and_then(|body| body.get("input"));
    let members = input.and_then(Value::as_object).into_iter().flatten();
    members.into_iter().any(|(_, value)| ids.contains(&plain(value)))
}

/// Whether the hub says that it executed a state-changing tool.
pub(super) fn has_executed(ground: &Ground, exchange: &Exchange) -> bool {
    let Endpoint::Execute { tool } = &exchange.call.endpoint else {
        return false;
    };
    let changes_state = |tool: &Tool| tool.risk().is_state_changing();
    ground.surface.tool(tool).is_some_and(changes_state)
        && !exchange.call.is_dry_run()
        && Outcome::of(exchange) == Outcome::Success
}
