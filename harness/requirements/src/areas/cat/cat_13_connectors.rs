//! CAT-13: each tool has a connector.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::catalogue::{connector_names, connectors, definitions};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 13),
    level: Level::Should,
    basis: Basis::Ref,
    source: "Getting a tool definition",
    title: "each tool names a connector",
    statement: "A hub SHOULD name at least one connector for each tool.",
    rationale: "A tool that no vendor implements can only fail, and an agent that is offered it will try.",
    method: "Looks at the connectors in the definition of every listed tool.",
    mend: "Name the connectors that implement the tool in its definition, and list no tool that none implements.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat13;
pub(crate) const CHECK: Cat13 = Cat13;

impl Check for Cat13 {
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
        let mut found = Vec::new();
        for defined in definitions(evidence) {
            // A definition that does not speak of connectors at all is CAT-04's business.
            let Some(connectors) = connectors(defined.object, &evidence.surface.dialect) else {
                continue;
            };
            found.push(if connector_names(connectors).is_empty() {
                Finding::Violated(Violation {
                    observed: connectors.to_string(),
                    ..violated(
                        defined.exchange,
                        "the definition names no connector",
                        "an array with at least one connector",
                    )
                })
            } else {
                Finding::Held
            });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{all_held, judge_definition, violations};

    fn judge(connectors: Value) -> Vec<Finding> {
        judge_definition(&CHECK, "connectors", connectors)
    }

    #[test]
    fn a_connector_in_any_shape_holds() {
        for connectors in [
            json!(["jira"]),
            json!([{"key": "jira"}]),
            json!([{"slug": "jira", "version": 3}]),
        ] {
            assert!(all_held(&judge(connectors)));
        }
    }

    #[test]
    fn none_or_nameless_ones_are_a_violation() {
        for connectors in [json!([]), json!([""]), json!([{}])] {
            assert_eq!(violations(&judge(connectors)), ["the definition names no connector"]);
        }
    }
}
