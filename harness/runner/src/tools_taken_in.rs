//! What is told of each tool that a run took in: how often it was called, and which connections answered for it.

use std::collections::{BTreeMap, HashMap};

use hubproof_model::call::{Call, Credentials};
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::Outcome;
use hubproof_model::profile::Profile;
use hubproof_model::record::ToolSummary;
use hubproof_model::role::Role;
use hubproof_model::surface::Surface;
use hubproof_requirements::routing::named_for;

/// A summary of each selected tool, from the exchanges of the run.
pub(crate) fn summaries<'e>(
    (surface, profile): (&Surface, &Profile),
    selected: &[String],
    exchanges: impl IntoIterator<Item = &'e Exchange>,
) -> Vec<ToolSummary> {
    let mut requests: HashMap<&str, u64> = HashMap::new();
    let mut answered_by: HashMap<&str, BTreeMap<String, u64>> = HashMap::new();
    for exchange in exchanges {
        let Some(tool) = exchange.call.tool() else { continue };
        *requests.entry(tool).or_default() += 1;
        if let Some(connection) = routed_to(exchange, named_for(tool, profile, surface)) {
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
            domain: tool.domain.clone(),
            risk: tool.risk(),
            connectors: tool.connectors.clone(),
            requests: requests.get(key.as_str()).copied().unwrap_or(0),
            answered_by: answered_by.remove(key.as_str()).unwrap_or_default(),
        })
    };
    selected.iter().filter_map(summary).collect()
}

/// The connection that answered a call with success, where it is the hub that chose it, or the run for all of the tool's calls: not one
/// that the call is about, or another workspace's.
fn routed_to<'e>(exchange: &'e Exchange, of_run: Option<&str>) -> Option<&'e str> {
    let call = &exchange.call;
    let named = call.json()?.get("connection_id");
    let is_routed = is_of_primary(call)
        && !call.is_dry_run()
        && named.is_none_or(|named| named.as_str() == of_run && of_run.is_some());
    let is_success = matches!(Outcome::of(exchange), Outcome::Success);
    let connection = exchange.json()?.get("connection_id")?.as_str()?;
    (is_routed && is_success && !connection.is_empty()).then_some(connection)
}

fn is_of_primary(call: &Call) -> bool {
    call.credentials == Credentials::Bearer(Role::Primary)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::ExecuteBody;
    use hubproof_model::exchange::{Response, SentRequest};
    use hubproof_model::surface::Tool;
    use serde_json::{Value, json};

    use super::*;

    fn answered(call: Call, body: &Value) -> Exchange {
        Exchange {
            number: 1,
            case: String::new(),
            call,
            request: SentRequest {
                method: "POST".to_owned(),
                url: String::new(),
                headers: Vec::new(),
            },
            result: Ok(Response::new(200, Vec::new(), body.to_string().into_bytes())),
            sent_after: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn the_connections_that_the_hub_chose_for_the_primary_key_are_counted() {
        let tool = Tool {
            key: "itsm.tickets.get".to_owned(),
            domain: "itsm".to_owned(),
            ..Tool::default()
        };
        let plain = || Call::execute(&tool, ExecuteBody::new(json!({})));
        let success = json!({"success": true, "connection_id": "conn_1"});
        let exchanges = [
            answered(plain(), &success),
            answered(plain(), &success),
            answered(plain(), &json!({"success": true, "connection_id": "conn_2"})),
            // A refusal, a dry run, another workspace's key, a connection of the call's own choice, and a definition.
            answered(plain(), &json!({"success": false, "connection_id": "conn_3"})),
            answered(Call::execute(&tool, ExecuteBody::new(json!({})).dry()), &success),
            answered(plain().with_credentials(Credentials::Bearer(Role::Foreign)), &success),
            answered(Call::execute(&tool, ExecuteBody::new(json!({})).on("conn_1")), &success),
            answered(Call::definition(&tool.key), &success),
        ];
        let surface = Surface {
            tools: vec![tool.clone()],
            ..Surface::default()
        };
        let selected = [tool.key.clone(), "itsm.tickets.gone".to_owned()];
        let mut profile = Profile::of_url("https://hub.example");
        let told = summaries((&surface, &profile), &selected, &exchanges);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].requests, 8);
        let counted = [("conn_1".to_owned(), 2), ("conn_2".to_owned(), 1)].into();
        assert_eq!(told[0].answered_by, counted);
        // What the run itself names in every call is its choice, and not what a call is about.
        let named = &mut profile.connections.named;
        named.insert("itsm".to_owned(), "conn_1".to_owned());
        let told = summaries((&surface, &profile), &selected, &exchanges);
        assert_eq!(told[0].answered_by["conn_1"], 3);
    }
}
