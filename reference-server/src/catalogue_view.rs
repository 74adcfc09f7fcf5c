//! What a caller sees of the catalogue (reference: Listing tools, Getting a tool definition).

use std::sync::Arc;

use http::request::Parts;
use serde_json::{Value, json};

use crate::catalogue::{RiskLevel, Tool};
use crate::error::{ApiError, Code};
use crate::state::HubState;

/// The tools, perhaps of the one domain that the query names.
pub(crate) fn list(hub: &HubState, head: &Parts) -> Result<Value, ApiError> {
    let query = head.uri.query().unwrap_or_default();
    let domain = form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| (name == "domain").then_some(value));
    let tools = hub.catalogue.tools.iter();
    let entries: Vec<_> = match &domain {
        None => tools.map(|tool| entry(hub, tool)).collect(),
        Some(domain) => tools
            .filter(|tool| (hub.flow.in_domain)(tool, domain))
            .map(|tool| entry(hub, tool))
            .collect(),
    };
    let entries = match domain {
        Some(domain) if entries.is_empty() => (hub.flow.empty_domain)(hub, &domain)?,
        _ => entries,
    };
    Ok(json!({"tools": (hub.flow.list)(entries)}))
}

/// One tool with its schemas.
pub(crate) fn define(hub: &HubState, key: &str) -> Result<Value, ApiError> {
    let tool = (hub.flow.find_definition)(hub, key)?;
    let mut definition = entry(hub, &tool);
    definition["input_schema"] = tool.input_schema.clone();
    definition["output_schema"] = tool.output_schema.clone();
    Ok((hub.flow.define)(&tool, definition))
}

/// What a listing says of a tool.
pub(crate) fn entry(hub: &HubState, tool: &Tool) -> Value {
    json!({
        "key": tool.key,
        "domain": tool.domain,
        "title": tool.title,
        "description": tool.description,
        "risk_level": (hub.flow.risk)(tool.risk_level),
        "connectors": tool.connectors,
    })
}

pub(crate) fn in_domain(tool: &Tool, domain: &str) -> bool {
    tool.domain == domain
}

pub(crate) fn risk(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Read => "read",
        RiskLevel::Write => "write",
        RiskLevel::Destructive => "destructive",
        RiskLevel::Admin => "admin",
    }
}

/// The tool of this key.
pub(crate) fn find(hub: &HubState, key: &str) -> Result<Arc<Tool>, ApiError> {
    let unknown = || ApiError::new(Code::ToolNotFound, "There is no tool with this key.");
    hub.catalogue.tool(key).cloned().ok_or_else(unknown)
}
