//! What is told of each tool that a run took in: how often it was called, and which connections answered for it.

use std::collections::{BTreeMap, HashMap};

use hubproof_model::call::{Call, Credentials};
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::Outcome;
use hubproof_model::record::ToolSummary;
use hubproof_model::role::Role;
use hubproof_model::surface::Surface;

/// A summary of each selected tool, from the exchanges of the run.
pub(crate) fn summaries<'e>(
    surface: &Surface,
    selected: &[String],
    exchanges: impl IntoIterator<Item = &'e Exchange>,
) -> Vec<ToolSummary> {
    let mut requests: HashMap<&str, u64> = HashMap::new();
    let mut answered_by: HashMap<&str, BTreeMap<String, u64>> = HashMap::new();
    for exchange in exchanges {
        let Some(tool) = exchange.call.tool() else { continue };
        *requests.entry(tool).or_default() += 1;
        if let Some(connection) = routed_to(exchange) {
            *answered_by
                .entry(tool)
                .or_default()
                .entry(connection.to_owned())
                .or_default() += 1;
        }
    }
    let summary = |key: &String| {
        let tool = surface.tool(key)?;
        Some(ToolSummary {
            key: key.clone(),
            risk: tool.risk(),
            connectors: tool.connectors.clone(),
            requests: requests.get(key.as_str()).copied().unwrap_or(0),
            answered_by: answered_by.remove(key.as_str()).unwrap_or_default(),
        })
    };
    selected.iter().filter_map(summary).collect()
}

/// The connection to which the hub itself routed a call that then succeeded: what the call does not name, and no other workspace has.
fn routed_to(exchange: &Exchange) -> Option<&str> {
    let call = &exchange.call;
    let is_routed = is_of_primary(call) && !call.is_dry_run() && call.json()?.get("connection_id").is_none();
    let is_success = matches!(Outcome::of(exchange), Outcome::Success);
    let connection = exchange.json()?.get("connection_id")?.as_str()?;
    (is_routed && is_success && !connection.is_empty()).then_some(connection)
}

fn is_of_primary(call: &Call) -> bool {
    call.credentials == Credentials::Bearer(Role::Primary)
}
