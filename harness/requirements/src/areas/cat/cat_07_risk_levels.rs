//! CAT-07: risk levels are the documented ones.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::{Allow, Risk};
use serde_json::Value;

use crate::catalogue::{definitions, risk};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 7),
    level: Level::Must,
    basis: Basis::Docs,
    source: "Core Concepts",
    title: "risk levels are read, write, destructive or admin",
    statement: "A hub MUST use the risk levels read, write, destructive, admin.",
    rationale: "Clients decide by the level whether a person must agree: one that they do not know is either always asked about or \
                never.",
    method: "Looks at the risk level in the definition of every listed tool, and in its entry in the listing.",
    mend: "Map your own risk classes to `read`, `write`, `destructive` and `admin` before they are published, spelled in just this \
           way.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat07;
pub(crate) const CHECK: Cat07 = Cat07;

impl Check for Cat07 {
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
            // A level that is missing is CAT-04's business.
            let levels = [&defined.tool.listed, defined.object].map(|object| risk(object, dialect));
            for level in levels.into_iter().flatten() {
                found.push(if is_documented(level) {
                    Finding::Held
                } else {
                    Finding::Violated(Violation {
                        observed: level.to_string(),
                        ..violated(
                            defined.exchange,
                            format!("{level} is not a risk level"),
                            REQUIREMENT.statement,
                        )
                    })
                });
            }
        }
        found
    }
}

fn is_documented(level: &Value) -> bool {
    level
        .as_str()
        .is_some_and(|text| !matches!(Risk::parse(text), Risk::Unknown(_)))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, violations};

    fn judge(level: &Value) -> Vec<Finding> {
        let definition = json!({"key": "itsm.tickets.list", "risk_level": level});
        let exchange = answered(Call::definition("itsm.tickets.list"), 200, definition);
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    #[test]
    fn the_four_levels_hold() {
        for level in ["read", "write", "destructive", "admin"] {
            assert!(all_held(&judge(&json!(level))));
        }
    }

    #[test]
    fn any_other_spelling_is_a_violation() {
        assert_eq!(violations(&judge(&json!("READ"))), ["\"READ\" is not a risk level"]);
        assert_eq!(violations(&judge(&json!(2))), ["2 is not a risk level"]);
    }
}
