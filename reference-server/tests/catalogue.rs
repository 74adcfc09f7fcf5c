//! What the reference catalogue promises to cover: the domains, tools and risks of real hubs, and every keyword that input schemas
//! in the wild use.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use reference_server::catalogue::{Catalogue, ConnectionStatus, RiskLevel};
use serde_json::Value;

const KEYWORDS: &[&str] = &[
    "$ref",
    "$defs",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "properties",
    "required",
    "patternProperties",
    "propertyNames",
    "additionalProperties",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "uniqueItems",
    "minItems",
    "maxItems",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "const",
    "enum",
    "default",
    "examples",
];

/// The keywords of a schema and all below it. Names of members count too, which only ever adds.
fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                found.insert(name.clone());
                keywords(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keywords(item, found)),
        _ => {}
    }
}

#[test]
fn it_has_the_breadth_of_a_real_hub() {
    let catalogue = Catalogue::bundled().unwrap();
    assert!(catalogue.domains.len() >= 8 && catalogue.tools.len() >= 45);
    assert!(catalogue.domains.iter().all(|domain| domain.connectors.len() >= 2));
    for risk in [
        RiskLevel::Read,
        RiskLevel::Write,
        RiskLevel::Destructive,
        RiskLevel::Admin,
    ] {
        assert!(
            catalogue.tools.iter().filter(|tool| tool.risk_level == risk).count() >= 5,
            "{risk:?}"
        );
    }
}

#[test]
fn its_input_schemas_use_every_keyword_and_the_older_drafts() {
    let catalogue = Catalogue::bundled().unwrap();
    let (mut found, mut drafts, mut type_arrays) = (BTreeSet::new(), BTreeSet::new(), 0);
    for tool in &catalogue.tools {
        keywords(&tool.input_schema, &mut found);
        drafts.extend(
            tool.input_schema
                .get("$schema")
                .and_then(Value::as_str)
                .map(str::to_owned),
        );
        type_arrays += usize::from(tool.input_schema.to_string().contains("\"type\":["));
    }
    let missing: Vec<_> = KEYWORDS.iter().filter(|keyword| !found.contains(**keyword)).collect();
    assert!(missing.is_empty(), "no input schema has {missing:?}");
    assert!(type_arrays > 0, "no input schema has an array of types");
    let mut schemas = catalogue.tools.iter().map(|tool| tool.input_schema.to_string());
    assert!(
        schemas.any(|schema| schema.contains("\"exclusiveMaximum\":true")),
        "no input schema has draft-04's boolean bounds"
    );
    for draft in ["draft-07", "draft-04"] {
        assert!(
            drafts.iter().any(|uri| uri.contains(draft)),
            "no input schema is {draft}: {drafts:?}"
        );
    }
}

#[test]
fn its_first_workspace_has_every_standing_of_a_domain() {
    let catalogue = Catalogue::bundled().unwrap();
    let tenancy = &catalogue.tenancy;
    let own = &tenancy.keys.iter().find(|key| key.role == "primary").unwrap().workspace;
    let mut standing: BTreeMap<&str, Vec<ConnectionStatus>> = BTreeMap::new();
    for domain in &catalogue.domains {
        let connections = tenancy.connections.iter();
        let connections =
            connections.filter(|connection| connection.workspace == *own && connection.domain == domain.name);
        standing.insert(&domain.name, connections.map(|connection| connection.status).collect());
    }
    let active = |statuses: &&Vec<ConnectionStatus>| {
        statuses
            .iter()
            .filter(|status| **status == ConnectionStatus::Active)
            .count()
    };
    assert!(
        standing.values().any(|statuses| active(&statuses) >= 2),
        "a domain with two active connections"
    );
    assert!(
        standing
            .values()
            .any(|statuses| statuses.contains(&ConnectionStatus::Inactive)),
        "an inactive connection"
    );
    assert!(standing.values().any(Vec::is_empty), "a domain without a connection");
    for role in ["secondary", "restricted", "foreign", "revoked", "throttled", "approver"] {
        assert!(tenancy.keys.iter().any(|key| key.role == role), "a {role} key");
    }
}
