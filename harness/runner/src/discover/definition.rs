//! Reads a tool from its entry in the listing and from its definition.

use hubproof_model::safety::Risk;
use hubproof_model::surface::{Dialect, Tool};
use serde_json::Value;

const KEY: [&str; 4] = ["key", "tool_key", "name", "id"];
const DOMAIN: [&str; 1] = ["domain"];
const RISK: [&str; 3] = ["risk_level", "risk", "riskLevel"];
const INPUT_SCHEMA: [&str; 3] = ["input_schema", "inputSchema", "parameters"];
const OUTPUT_SCHEMA: [&str; 2] = ["output_schema", "outputSchema"];
const CONNECTORS: [&str; 3] = ["connectors", "providers", "implemented_by"];
/// Where the tool object may stand in a definition's body.
const PLACES: [&str; 4] = ["", "/tool", "/data/tool", "/data"];

/// The member of an object that a field's names lead to. What is found first is taken to be how this hub spells it.
fn field<'v>(object: &'v Value, names: &[&str], spelling: &mut Option<String>) -> Option<&'v Value> {
    if let Some(spelling) = spelling {
        return object.get(spelling.as_str());
    }
    let (name, value) = names.iter().find_map(|name| Some((*name, object.get(name)?)))?;
    *spelling = Some(name.to_owned());
    Some(value)
}

/// The tool of a listing's entry: a string that is a key, or an object with one. `None` where it has no key.
pub(super) fn from_listing(entry: Value, dialect: &mut Dialect) -> Option<Tool> {
    let key = match &entry {
        Value::String(key) => key.clone(),
        object => field(object, &KEY, &mut dialect.key_field)?.as_str()?.to_owned(),
    };
    if key.is_empty() {
        return None;
    }
    let mut tool = Tool {
        domain: key.split('.').next().unwrap_or_default().to_owned(),
        key,
        ..Tool::default()
    };
    read_fields(&mut tool, &entry, dialect);
    tool.listed = entry;
    Some(tool)
}

/// The tool object in a definition's body: the pinned place, else the first that has the key or a schema.
pub(super) fn find<'v>(body: &'v Value, key: &str, dialect: &mut Dialect) -> Option<&'v Value> {
    if let Some(pinned) = &dialect.definition_at {
        return body.pointer(pinned).filter(|object| object.is_object());
    }
    let is_tool = |object: &Value| {
        KEY.iter()
            .any(|name| object.get(name).and_then(Value::as_str) == Some(key))
            || INPUT_SCHEMA.iter().any(|name| object.get(name).is_some())
    };
    let (place, object) = PLACES
        .iter()
        .find_map(|place| Some((*place, body.pointer(place).filter(|o| is_tool(o))?)))?;
    dialect.definition_at = Some(place.to_owned());
    Some(object)
}

/// Takes in what a definition says; it wins over the listing.
pub(super) fn merge(tool: &mut Tool, object: &Value, dialect: &mut Dialect) {
    read_fields(tool, object, dialect);
}

fn read_fields(tool: &mut Tool, object: &Value, dialect: &mut Dialect) {
    if let Some(domain) = field(object, &DOMAIN, &mut dialect.domain_field).and_then(Value::as_str) {
        tool.domain = domain.to_owned();
    }
    if let Some(risk) = field(object, &RISK, &mut dialect.risk_field).and_then(Value::as_str) {
        tool.risk = Some(Risk::parse(risk));
    }
    if let Some(schema) = field(object, &INPUT_SCHEMA, &mut dialect.input_schema_field) {
        tool.input_schema = Some(schema.clone());
    }
    if let Some(schema) = field(object, &OUTPUT_SCHEMA, &mut dialect.output_schema_field) {
        tool.output_schema = Some(schema.clone());
    }
    if let Some(connectors) = field(object, &CONNECTORS, &mut dialect.connectors_field).and_then(Value::as_array) {
        let name = |connector: &Value| match connector {
            Value::String(name) => Some(name.clone()),
            object => ["key", "id", "name", "slug"]
                .iter()
                .find_map(|name| object.get(name)?.as_str().map(str::to_owned)),
        };
        tool.connectors = connectors.iter().filter_map(name).collect();
    }
}

/// What was assumed of the dialect, in words.
pub(super) fn describe(dialect: &Dialect) -> Vec<String> {
    let place = |pointer: &Option<String>| match pointer.as_deref() {
        Some("") => Some("the body itself".to_owned()),
        Some(pointer) => Some(format!("`{pointer}`")),
        None => None,
    };
    let mut notes = Vec::new();
    notes.extend(place(&dialect.tools_at).map(|place| format!("the listing's tools stand at {place}")));
    notes.extend(place(&dialect.cursor_at).map(|place| format!("the next page's cursor stands at {place}")));
    notes.extend(place(&dialect.definition_at).map(|place| format!("a definition's tool stands at {place}")));
    let fields = [
        ("key", &dialect.key_field),
        ("domain", &dialect.domain_field),
        ("risk level", &dialect.risk_field),
        ("input schema", &dialect.input_schema_field),
        ("output schema", &dialect.output_schema_field),
        ("connectors", &dialect.connectors_field),
    ];
    let spelled = fields
        .iter()
        .filter_map(|(what, name)| Some(format!("{what} `{}`", name.as_deref()?)));
    let spelled: Vec<_> = spelled.collect();
    if !spelled.is_empty() {
        notes.push(format!("a tool's fields are {}", spelled.join(", ")));
    }
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_of_the_contract_is_read() {
        for (object, input) in [
            (
                json!({"key": "a.b.c", "risk_level": "read", "input_schema": {}, "connectors": ["x"]}),
                "input_schema",
            ),
            (
                json!({"tool_key": "a.b.c", "risk": "read", "inputSchema": {}, "providers": [{"key": "x"}]}),
                "inputSchema",
            ),
            (
                json!({"name": "a.b.c", "riskLevel": "read", "parameters": {}, "implemented_by": [{"name": "x"}]}),
                "parameters",
            ),
            (
                json!({"id": "a.b.c", "risk": "read", "parameters": {}, "connectors": ["x"]}),
                "parameters",
            ),
        ] {
            let mut dialect = Dialect::default();
            let tool = from_listing(object, &mut dialect).unwrap();
            assert_eq!((tool.key.as_str(), tool.domain.as_str()), ("a.b.c", "a"));
            assert_eq!((tool.risk, tool.connectors), (Some(Risk::Read), vec!["x".to_owned()]));
            assert_eq!(
                (tool.input_schema, dialect.input_schema_field.as_deref()),
                (Some(json!({})), Some(input))
            );
        }
    }

    #[test]
    fn a_definition_stands_at_any_place_of_the_contract_and_wins() {
        let definition =
            json!({"key": "a.b.c", "domain": "d", "risk_level": "write", "input_schema": {"type": "object"}});
        for (body, place) in [
            (definition.clone(), ""),
            (json!({"tool": definition}), "/tool"),
            (json!({"data": definition}), "/data"),
            (json!({"data": {"tool": definition}}), "/data/tool"),
        ] {
            let mut dialect = Dialect::default();
            let mut tool = from_listing(json!({"key": "a.b.c", "risk_level": "read"}), &mut dialect).unwrap();
            merge(&mut tool, find(&body, "a.b.c", &mut dialect).unwrap(), &mut dialect);
            assert_eq!(dialect.definition_at.as_deref(), Some(place));
            assert_eq!((tool.domain.as_str(), tool.risk), ("d", Some(Risk::Write)));
        }
    }

    #[test]
    fn an_entry_without_a_key_is_no_tool() {
        assert!(from_listing(json!({"title": "x"}), &mut Dialect::default()).is_none());
        assert!(from_listing(json!(""), &mut Dialect::default()).is_none());
    }
}
