//! What a run may have done beside what is known: calls of which neither an answer nor a read told.

use std::collections::BTreeMap;

use hubproof_model::call::{Credentials, Endpoint, Intent};
use hubproof_model::exchange::Exchange;
use hubproof_model::role::Role;
use hubproof_model::side_effects::UnknownEffects;
use hubproof_requirements::site::run_marker;

use super::Swept;
use super::told::{connection_of, has_executed, ids_of_own, markers, names_one_of, place_of};
use crate::ground::Ground;

/// A tool, the connection that was called, whose key called it, and why nothing told.
type Alike = (String, Option<String>, Role, String);

/// The calls of a run that may have done something unseen, those of its clean-up left out: a record that could not be removed is listed as left.
pub(super) fn unknown(ground: &Ground, log: &BTreeMap<u64, Exchange>, after: &Swept) -> Vec<UnknownEffects> {
    let own = ids_of_own(ground, log);
    let mut alike: BTreeMap<Alike, u64> = BTreeMap::new();
    let calls = log.values().filter(|exchange| {
        exchange.call.intent != Intent::Read && !exchange.case.starts_with("cleanup/") && !names_one_of(&own, exchange)
    });
    for exchange in calls {
        let (Endpoint::Execute { tool }, Credentials::Bearer(role)) =
            (&exchange.call.endpoint, &exchange.call.credentials)
        else {
            continue;
        };
        if let Some(why) = why_untold(ground, exchange, after) {
            let connection = connection_of(exchange.call.json());
            *alike.entry((tool.clone(), connection, *role, why)).or_default() += 1;
        }
    }
    let unknown = alike
        .into_iter()
        .map(|((tool, connection, role, why), calls)| UnknownEffects {
            tool,
            connection,
            role,
            calls,
            why,
        });
    unknown.collect()
}

/// Why nothing tells what a call did; `None` where something does, or where it did not reach the hub.
fn why_untold(ground: &Ground, exchange: &Exchange, after: &Swept) -> Option<String> {
    let is_unanswered = match &exchange.result {
        Ok(_) => false,
        Err(fault) if fault.may_have_acted() => true,
        Err(_) => return None,
    };
    let Some((place, creates)) = place_of(ground, exchange) else {
        return (is_unanswered && !exchange.call.is_dry_run()).then(|| "no answer came".to_owned());
    };
    let reader = &creates.read.tool;
    if let Some(why) = after.unread.get(&place) {
        // A record whose making was told is listed as created. A broken hub may have executed what it refused.
        return (!has_executed(ground, exchange)).then(|| format!("{reader} could not be asked ({why})"));
    }
    let is_shown = || markers(exchange, &run_marker(&ground.run)).any(|marker| after.markers.contains(&marker));
    (is_unanswered && !exchange.call.is_dry_run() && !is_shown())
        .then(|| format!("no answer came, and {reader} does not show it"))
}
