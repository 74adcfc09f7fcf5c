//! Reads listings and definitions as this hub spells them. What the dialect does not say is looked for under every name that
//! the contract knows, so that no spelling is taken for a gap.

use std::collections::BTreeSet;

use hubproof_model::call::{Credentials, Endpoint};
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::role::Role;
use hubproof_model::surface::{Dialect, Surface, Tool};
use serde_json::Value;

use crate::evidence::Evidence;

const RISK_NAMES: &[&str] = &["risk_level", "risk", "riskLevel"];
const INPUT_SCHEMA_NAMES: &[&str] = &["input_schema", "inputSchema", "parameters"];
const OUTPUT_SCHEMA_NAMES: &[&str] = &["output_schema", "outputSchema"];
const CONNECTOR_NAMES: &[&str] = &["connectors", "providers", "implemented_by"];
const KEY_NAMES: &[&str] = &["key", "tool_key", "name", "id"];
const CONNECTOR_KEY_NAMES: &[&str] = &["key", "id", "name", "slug"];

/// The entries on a page of the listing; `None` where the answer is no such page.
pub(crate) fn entries<'e>(exchange: &'e Exchange, dialect: &Dialect) -> Option<&'e [Value]> {
    let is_listing = matches!(exchange.call.endpoint, Endpoint::Listing { .. });
    let page = successful(exchange).filter(|_| is_listing)?.json()?;
    page.pointer(dialect.tools_at.as_deref().unwrap_or_default())?
        .as_array()
        .map(Vec::as_slice)
}

/// Whether a page of the listing says that there are more.
pub(crate) fn goes_on(exchange: &Exchange, dialect: &Dialect) -> bool {
    let Some(response) = exchange.response() else {
        return false;
    };
    let cursor = |pointer: &String| response.json()?.pointer(pointer);
    let is_cursor = |cursor: &Value| cursor.is_number() || cursor.as_str().is_some_and(|text| !text.is_empty());
    let links = response.header_values("link").flat_map(|value| value.split(','));
    dialect.cursor_at.as_ref().and_then(cursor).is_some_and(is_cursor)
        || links
            .into_iter()
            .any(|link| link.contains("rel=\"next\"") || link.contains("rel=next"))
}

/// The tool object of a definition; `None` where the answer is no such.
pub(crate) fn definition<'e>(exchange: &'e Exchange, dialect: &Dialect) -> Option<&'e Value> {
    let is_definition = matches!(exchange.call.endpoint, Endpoint::Definition { .. });
    let body = successful(exchange).filter(|_| is_definition)?.json()?;
    body.pointer(dialect.definition_at.as_deref().unwrap_or_default())
        .filter(|tool| tool.is_object())
}

/// A listed tool and the answer that defines it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defined<'e> {
    /// The tool as discovery knows it.
    pub(crate) tool: &'e Tool,
    /// The answer.
    pub(crate) exchange: &'e Exchange,
    /// The tool object in it.
    pub(crate) object: &'e Value,
}

/// The definitions of listed tools in the log, one a tool. What has none is CAT-04's business.
pub(crate) fn definitions<'e>(evidence: &Evidence<'e>) -> Vec<Defined<'e>> {
    let dialect = &evidence.surface.dialect;
    let defined = |tool: &'e Tool| {
        let asked = definition_exchanges(evidence, &tool.key);
        let read = |exchange: &'e Exchange| {
            Some(Defined {
                tool,
                exchange,
                object: definition(exchange, dialect)?,
            })
        };
        asked.into_iter().find_map(read)
    };
    evidence.surface.tools.iter().filter_map(defined).collect()
}

/// The exchanges that ask for a tool's definition with the primary key.
pub(crate) fn definition_exchanges<'e>(evidence: &Evidence<'e>, tool_key: &str) -> Vec<&'e Exchange> {
    let asks = |exchange: &&'e Exchange| {
        let call = &exchange.call;
        let is_definition = matches!(&call.endpoint, Endpoint::Definition { tool } if tool == tool_key);
        is_definition && call.credentials == Credentials::Bearer(Role::Primary)
    };
    evidence.exchanges.iter().copied().filter(asks).collect()
}

fn successful(exchange: &Exchange) -> Option<&Response> {
    exchange
        .response()
        .filter(|response| (200..300).contains(&response.status))
}

/// The key of a listing's entry or of a tool object.
pub(crate) fn key<'t>(tool: &'t Value, dialect: &Dialect) -> Option<&'t str> {
    let key = match (tool, &dialect.key_field) {
        (Value::String(key), _) => return Some(key.as_str()).filter(|key| !key.is_empty()),
        // No other member is tried: a tool's display name is not its key.
        (object, Some(field)) => object.get(field),
        (object, None) => KEY_NAMES.iter().find_map(|name| object.get(name)),
    };
    key?.as_str().filter(|key| !key.is_empty())
}

/// The domain that a tool object declares.
pub(crate) fn domain<'t>(tool: &'t Value, dialect: &Dialect) -> Option<&'t Value> {
    member(tool, dialect.domain_field.as_deref(), &["domain"])
}

/// The risk level, as spelled.
pub(crate) fn risk<'t>(tool: &'t Value, dialect: &Dialect) -> Option<&'t Value> {
    member(tool, dialect.risk_field.as_deref(), RISK_NAMES)
}

/// The JSON Schema of the input.
pub(crate) fn input_schema<'t>(tool: &'t Value, dialect: &Dialect) -> Option<&'t Value> {
    member(tool, dialect.input_schema_field.as_deref(), INPUT_SCHEMA_NAMES)
}

/// The JSON Schema of the output.
pub(crate) fn output_schema<'t>(tool: &'t Value, dialect: &Dialect) -> Option<&'t Value> {
    member(tool, dialect.output_schema_field.as_deref(), OUTPUT_SCHEMA_NAMES)
}

/// The connectors, as spelled.
pub(crate) fn connectors<'t>(tool: &'t Value, dialect: &Dialect) -> Option<&'t Value> {
    member(tool, dialect.connectors_field.as_deref(), CONNECTOR_NAMES)
}

/// The names of connectors: strings, or objects with a key.
pub(crate) fn connector_names(connectors: &Value) -> BTreeSet<&str> {
    let each = connectors.as_array().into_iter().flatten();
    each.filter_map(|connector| names_of_connector(connector).into_iter().next())
        .collect()
}

/// All that a connector is called, the likeliest to be its key first: a string, or the members of an object.
pub(crate) fn names_of_connector(connector: &Value) -> Vec<&str> {
    let names = match connector {
        Value::String(name) => vec![name.as_str()],
        object => CONNECTOR_KEY_NAMES
            .iter()
            .filter_map(|name| object.get(name)?.as_str())
            .collect(),
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// The member that the dialect names, else one under another name that the contract knows. `null` says nothing.
fn member<'t>(tool: &'t Value, field: Option<&str>, names: &[&str]) -> Option<&'t Value> {
    let known = field.into_iter().chain(names.iter().copied());
    known.filter_map(|name| tool.get(name)).find(|value| !value.is_null())
}

/// Keys that no listed tool has, with what each is: one of a domain that no hub has, and ones that differ from `known` by a
/// letter more and by a segment less, as a lookup by prefix would miss.
pub(crate) fn unknown_keys(known: &Tool, surface: &Surface) -> Vec<(&'static str, String)> {
    let shortened = known.key.rsplit_once('.').map(|(start, _)| start.to_owned());
    let mut keys = vec![
        ("foreign", "hubproof.no_such.tool".to_owned()),
        ("longer", format!("{}x", known.key)),
    ];
    keys.extend(shortened.map(|key| ("shorter", key)));
    keys.retain(|(_, key)| surface.tool(key).is_none());
    keys
}
