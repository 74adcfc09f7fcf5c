//! CAT-08: the listing and the definitions agree.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Dialect;
use serde_json::Value;

use crate::catalogue::{self, definitions};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 8),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Listing tools; Getting a tool definition",
    title: "the listing and the definitions agree",
    statement: "A hub MUST say the same of a tool in the listing and in its definition, where both speak.",
    rationale: "A client that reads `read` in the listing runs a tool freely which its definition calls destructive.",
    method: "Compares key, domain, risk level, schemas and connectors (in any order) of each listed tool with its definition.",
    mend: "Serve listing and definition from one record of the tool, and invalidate their caches together.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat08;
pub(crate) const CHECK: Cat08 = Cat08;

impl Check for Cat08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, _: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::catalogue())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let dialect = &evidence.surface.dialect;
        let mut found = Vec::new();
        for defined in definitions(evidence) {
            for (part, read, agree) in PARTS {
                let (Some(listed), Some(said)) = (read(&defined.tool.listed, dialect), read(defined.object, dialect))
                else {
                    continue;
                };
                found.push(if agree(&listed, &said) {
                    Finding::Held
                } else {
                    Finding::Violated(Violation {
                        expected: format!("what the listing says: {}", in_brief(&listed)),
                        observed: in_brief(&said),
                        ..violated(
                            defined.exchange,
                            format!("the definition has another {part} than the listing"),
                            "",
                        )
                    })
                });
            }
        }
        found
    }
}

/// Reads a part of a tool in a form that can be compared.
type Read = fn(&Value, &Dialect) -> Option<Value>;

/// Whether the two say the same.
type Agree = fn(&Value, &Value) -> bool;

const PARTS: [(&str, Read, Agree); 6] = [
    (
        "key",
        |tool, dialect| catalogue::key(tool, dialect).map(Value::from),
        Value::eq,
    ),
    (
        "domain",
        |tool, dialect| catalogue::domain(tool, dialect).cloned(),
        Value::eq,
    ),
    (
        "risk level",
        |tool, dialect| catalogue::risk(tool, dialect).cloned(),
        Value::eq,
    ),
    (
        "input schema",
        |tool, dialect| catalogue::input_schema(tool, dialect).cloned(),
        Value::eq,
    ),
    (
        "output schema",
        |tool, dialect| catalogue::output_schema(tool, dialect).cloned(),
        Value::eq,
    ),
    (
        "set of connectors",
        // A number of connectors, or anything else that is no list of them, is another statement.
        |tool, dialect| {
            catalogue::connectors(tool, dialect)
                .filter(|connectors| connectors.is_array())
                .cloned()
        },
        name_the_same,
    ),
];

/// Whether each connector of either list is in the other. One may be called by its key here, and be an object with a key and a
/// title there.
fn name_the_same(listed: &Value, said: &Value) -> bool {
    let (listed, said) = (names_of_each(listed), names_of_each(said));
    let are_in = |some: &[Vec<&str>], others: &[Vec<&str>]| {
        let is_in = |names: &Vec<&str>| others.iter().flatten().any(|name| names.contains(name));
        some.iter().all(is_in)
    };
    are_in(&listed, &said) && are_in(&said, &listed)
}

fn names_of_each(connectors: &Value) -> Vec<Vec<&str>> {
    let each = connectors.as_array().into_iter().flatten();
    each.map(catalogue::names_of_connector)
        .filter(|names| !names.is_empty())
        .collect()
}

fn in_brief(value: &Value) -> String {
    const SHOWN: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, definition, violations};

    fn judge(listed: Value, member: &str, value: Value) -> Vec<Finding> {
        let mut hub = Hub::small();
        let tool = hub
            .surface
            .tools
            .iter_mut()
            .find(|tool| tool.key == "itsm.tickets.list")
            .unwrap();
        tool.listed = listed;
        let mut object = definition(tool);
        object[member] = value;
        let exchange = answered(Call::definition("itsm.tickets.list"), 200, object);
        hub.judge(&CHECK, None, &[exchange])
    }

    fn listed() -> Value {
        json!({"key": "itsm.tickets.list", "domain": "itsm", "risk_level": "read", "connectors": ["b", {"key": "a"}]})
    }

    #[test]
    fn the_same_in_another_order_or_shape_holds() {
        assert!(all_held(&judge(
            listed(),
            "connectors",
            json!(["a", {"id": "b", "title": "B"}])
        )));
    }

    #[test]
    fn a_connector_may_be_called_by_any_of_its_names() {
        let said = json!([{"id": "17", "slug": "a", "name": "Vendor A"}, {"id": "18", "slug": "b"}]);
        assert!(all_held(&judge(listed(), "connectors", said)));
        let said = json!([{"id": "17", "slug": "a"}, {"id": "19", "slug": "c"}]);
        assert_eq!(violations(&judge(listed(), "connectors", said)).len(), 1);
    }

    #[test]
    fn where_only_one_speaks_nothing_is_compared() {
        assert!(all_held(&judge(
            json!({"key": "itsm.tickets.list", "connectors": null}),
            "risk_level",
            json!("admin")
        )));
        assert!(judge(json!({"risk_level": null}), "risk_level", json!("admin")).is_empty());
        // A listing of bare keys.
        assert!(all_held(&judge(json!("itsm.tickets.list"), "domain", json!("itsm"))));
    }

    #[test]
    fn each_difference_is_a_violation() {
        for (member, value, part) in [
            ("key", json!("itsm.tickets.get"), "key"),
            ("domain", json!("crm"), "domain"),
            ("risk_level", json!("write"), "risk level"),
        ] {
            let found = judge(
                json!({"key": "itsm.tickets.list", "domain": "itsm", "risk_level": "read"}),
                member,
                value,
            );
            assert_eq!(
                violations(&found),
                [format!("the definition has another {part} than the listing")]
            );
        }
        let schema = json!({"key": "itsm.tickets.list", "input_schema": {"type": "object"}});
        let found = judge(schema, "input_schema", json!({"type": "object", "required": ["a"]}));
        assert_eq!(
            violations(&found),
            ["the definition has another input schema than the listing"]
        );
        let found = judge(listed(), "connectors", json!(["a"]));
        assert_eq!(
            violations(&found),
            ["the definition has another set of connectors than the listing"]
        );
    }
}
