//! A hub that checks too late: what it does with a call that it refuses.

use std::sync::{Arc, OnceLock};
use tokio::time::Instant;

use serde_json::{Map, Value, json};

use crate::approvals::Approval;
use crate::body;
use crate::call::Call;
use crate::catalogue::{ApiKey, Connection, Tool};
use crate::connectors::VendorCall;
use crate::error::{ApiError, Code};
use crate::execution::Refusal;
use crate::flow::Flow;
use crate::request_id::RequestId;
use crate::routing;
use crate::state::HubState;

/// Carries calls out that are refused like this, and refuses them then.
pub(crate) fn act_all_the_same(flow: &mut Flow, although: fn(&ApiError) -> bool) {
    flow.settle = Box::new(move |mut refusal| {
        Box::pin(async move {
            if although(&refusal.error)
                && let Some(deed) = Deed::of(&mut refusal).await
            {
                deed.perform().await;
            }
            Err(refusal.error)
        })
    });
}

/// The members of the body, where it is an object.
pub(crate) async fn members(refusal: &mut Refusal<'_>) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&refusal.body.bytes().await.ok()?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// The key of a refused call: valid or not, or else the first of the hub.
pub(crate) fn owner(refusal: &Refusal<'_>) -> Option<Arc<ApiKey>> {
    let claimed = || {
        let token = (refusal.hub.flow.token)(refusal.head).ok()?;
        refusal.hub.key(&token)
    };
    let first = || {
        let keys = &refusal.hub.catalogue.tenancy.keys;
        keys.first().cloned().map(Arc::new)
    };
    refusal.caller.clone().or_else(claimed).or_else(first)
}

/// What a refused call asked for, as far as a vendor can take it.
pub(crate) struct Deed {
    hub: Arc<HubState>,
    tool: Arc<Tool>,
    connection: Arc<Connection>,
    input: Value,
    request_id: RequestId,
}

impl Deed {
    /// Nothing where the call is a dry run, or its input makes no record at all.
    pub(crate) async fn of(refusal: &mut Refusal<'_>) -> Option<Self> {
        let members = members(refusal).await?;
        if members.get("dry_run").is_some_and(|dry_run| *dry_run == true) {
            return None;
        }
        let hub = Arc::clone(refusal.hub);
        let tool = Arc::clone(hub.catalogue.tool(refusal.tool)?);
        let key = owner(refusal)?;
        let named = members.get("connection_id").and_then(Value::as_str);
        let named = named.and_then(|id| routing::named_connection(&hub, &key, &tool, id).ok());
        let connection = named.or_else(|| routing::automatic(&hub, &key, &tool).ok())?;
        let input = mended(&tool, members.get("input")?)?;
        Some(Self {
            hub,
            tool,
            connection,
            input,
            request_id: refusal.request_id,
        })
    }

    /// What an entry of the approvals is about.
    pub(crate) fn approved(hub: &Arc<HubState>, entry: &Approval) -> Option<Self> {
        let connection = hub
            .connections
            .iter()
            .find(|connection| connection.id == entry.connection_id);
        Some(Self {
            hub: Arc::clone(hub),
            tool: Arc::clone(hub.catalogue.tool(&entry.tool)?),
            connection: Arc::clone(connection?),
            input: entry.input.clone(),
            request_id: hub.request_id(),
        })
    }

    /// Carries it out; nobody hears what became of it.
    pub(crate) async fn perform(self) {
        let call = VendorCall {
            connection: &self.connection,
            tool: &self.tool,
            input: &self.input,
            call_id: &self.request_id,
            now: self.hub.clock.now(),
            made: None,
        };
        if let Err(fault) = self.hub.connector.execute(call).await {
            tracing::warn!(%fault, "a refused call failed");
        }
    }
}

/// A call whose input was refused, as if it had passed.
pub(crate) async fn unchecked_call(refusal: &mut Refusal<'_>) -> Option<Call> {
    let key = refusal.caller.clone()?;
    let body = refusal.body.bytes().await.ok()?;
    let request = body::read(&body).ok().filter(|request| !request.dry_run)?;
    let hub = Arc::clone(refusal.hub);
    let tool = Arc::clone(hub.catalogue.tool(refusal.tool)?);
    if refusal.error.code != Code::InvalidInput || tool.input.is_valid(&request.input) {
        return None;
    }
    Some(Call {
        connection: routing::route(&hub, &key, &tool, request.connection_id.as_deref()).ok()?,
        hub,
        key,
        tool,
        request,
        body,
        request_id: refusal.request_id,
        began: Instant::now(),
        made: None,
        unanswered: OnceLock::new(),
    })
}

/// The input without what the vendor does not take: members that are wrong are left out, those that must be there are filled in.
fn mended(tool: &Tool, input: &Value) -> Option<Value> {
    let mut input = input.as_object()?.clone();
    let wrong = |input: &Map<String, Value>| -> Vec<String> {
        let input = Value::Object(input.clone());
        let faults = tool.input.iter_errors(&input);
        let places = faults.map(|fault| fault.instance_path().to_string());
        places
            .filter_map(|place| Some(place.split('/').nth(1)?.to_owned()))
            .collect()
    };
    for member in wrong(&input) {
        input.remove(&member);
    }
    let known = tool.input_schema["properties"].as_object()?;
    if tool.input_schema["additionalProperties"] == false {
        input.retain(|member, _| known.contains_key(member));
    }
    for required in tool.input_schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str()?;
        if !input.contains_key(name) {
            input.insert(name.to_owned(), some_value(known.get(name)?));
        }
    }
    let input = Value::Object(input);
    tool.input.is_valid(&input).then_some(input)
}

/// A value that a plain schema accepts.
fn some_value(schema: &Value) -> Value {
    let named = ["const", "default"].iter().find_map(|name| schema.get(name));
    let listed = ["examples", "enum"].iter().find_map(|name| schema.get(name)?.get(0));
    named
        .or(listed)
        .cloned()
        .unwrap_or_else(|| match schema["type"].as_str() {
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            Some("array") => json!([]),
            Some("object") => json!({}),
            _ => json!("unknown"),
        })
}
