//! `[inputs]`: the tools whose calls did not succeed, or name records, each with the places where ids that exist go.

use std::collections::BTreeMap;

use hubproof_model::surface::Tool;
use hubproof_requirements::site::Site;
use serde_json::Value;

use super::document::Document;
use super::values::{json, table, text};

/// Stands for an id that only the user knows.
pub(super) const SAMPLE_ID: &str = "…";

/// Whether a member of an input is named like a record's id.
pub(super) fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("_id") || name.ends_with("Id")
}

/// Writes the table: first the tools whose calls failed in the survey, by how, then those that it left out and that take ids.
pub(super) fn write(document: &mut Document, site: &Site<'_>) {
    document.table(&["inputs"]);
    document.prose(
        "What is known of tools' inputs: ids that exist. Without them a call names a record that nobody has, and may end in UPSTREAM_ERROR \
         where it should succeed; what needs a success shows more with them, above all ENV-01 and ENV-09.",
    );
    let mut failed: BTreeMap<&str, Vec<&Tool>> = BTreeMap::new();
    let mut untried = Vec::new();
    for tool in site.tools().filter(|tool| !site.lacks_connection(&tool.domain)) {
        match site.surface.survey.get(&tool.key) {
            Some(seen) => {
                let code = seen.error_code.as_deref();
                failed.entry(code.unwrap_or_default()).or_default().push(tool);
            }
            None => untried.push(tool),
        }
    }
    failed.remove("");
    for (code, tools) in failed {
        document.gap();
        document.prose(&format!("A call with a likely input ended in {code}:"));
        tools.into_iter().for_each(|tool| failing(document, site, tool));
    }
    let ids = |tool: &Tool| Some((tool.key.clone(), ids(tool)?));
    let untried: Vec<_> = untried.into_iter().filter_map(ids).collect();
    if !untried.is_empty() {
        document.gap();
        document.prose("Not tried, and the input names a record:");
    }
    for (tool, ids) in untried {
        document.entry_off(&[&tool, "values"], &ids);
    }
}

/// The ids that the tool takes, else the input that failed.
fn failing(document: &mut Document, site: &Site<'_>, tool: &Tool) {
    let tried = || site.good_input(tool).as_ref().and_then(json);
    match (ids(tool), tried()) {
        (Some(ids), _) => document.entry_off(&[&tool.key, "values"], &ids),
        (None, Some(input)) => document.entry_off(&[&tool.key, "examples"], &format!("[{input}]")),
        (None, None) => document.entry_off(&[&tool.key, "examples"], "[{}]"),
    }
}

/// The places in the tool's input that must hold an id, as `values` has them, with samples. `None` where there is none.
fn ids(tool: &Tool) -> Option<String> {
    let schema = tool.input_schema.as_ref()?;
    let required = schema.get("required").and_then(Value::as_array)?;
    let named = required.iter().filter_map(Value::as_str).filter(|name| is_id(name));
    let places: Vec<_> = named
        .map(|name| {
            let name = name.replace('~', "~0").replace('/', "~1");
            let kind = schema.pointer(&format!("/properties/{name}/type"));
            let sample = match kind.and_then(Value::as_str) {
                Some("integer" | "number") => "0".to_owned(),
                _ => text(SAMPLE_ID),
            };
            (format!("/{name}"), sample)
        })
        .collect();
    let places = places.iter().map(|(place, sample)| (place.as_str(), sample.clone()));
    Some(table(places)).filter(|values| values != "{}")
}
