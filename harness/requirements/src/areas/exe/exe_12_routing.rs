//! EXE-12: a call acts behind the connection that it names.

use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 12),
    level: Level::Must,
    basis: Basis::Docs,
    source: "Connections Guide",
    title: "a call acts behind the connection that it names",
    statement: "A hub MUST route to the connection named: the effect shows there and not on another (where the two lead to different \
                vendor accounts).",
    rationale: "A ticket that is opened in another customer's or another country's system is not found by those who should work on it.",
    method: "Executes a tool that makes a record on each of two connections of a domain that the profile names as explicit ones, and looks \
             for the record on both.",
    mend: "Hand the resolved connection down to the vendor's client with each call, and keep sessions by connection, not by domain \
           or process.",
    needs: &[Need::Allow(Allow::Write), Need::ExplicitConnection, Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

const THERE: &str = "on the connection named";
const ELSEWHERE: &str = "on another connection";

pub(crate) struct Exe12;
pub(crate) const CHECK: Exe12 = Exe12;

impl Check for Exe12 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (domain, connections) in &site.profile.connections.explicit {
            let [one, other, ..] = connections.as_slice() else {
                continue;
            };
            for (at, (named, another)) in [(one, other), (other, one)].into_iter().enumerate() {
                let scenes = site.counting_scenes(&format!("EXE-12/{at}"))?;
                let scene = scenes.iter().find(|scene| scene.tool.domain == *domain);
                cases.extend(scene.map(|scene| case(scene, named, another)));
            }
        }
        match cases.is_empty() {
            true => Err(Unexercised::NotApplicable(
                "no domain has two connections in [connections.explicit] and a tool that makes records which show"
                    .to_owned(),
            )),
            false => Ok(cases),
        }
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, named: &str, another: &str) -> Case {
    let mut steps = scene.set_up();
    steps.push(Step::call(scene.call("write", |body| body.on(named))));
    steps.push(scene.clone().read_on(named).shows(THERE, 1));
    steps.push(scene.clone().read_on(another).shows_no_more(ELSEWHERE, 0));
    let id = format!("EXE-12/{}/{named}", scene.tool.key);
    scene.case(id, "a write on one of two connections", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let write = seen.succeeded("write")?;
    let (there, elsewhere) = (seen.effects(THERE)?, seen.effects(ELSEWHERE)?);
    let (summary, shows) = match (there, elsewhere) {
        (0, 0) => return Err(seen.acted("write", THERE).err().unwrap_or(Finding::Held)),
        (_, 0) => return Ok(Finding::Held),
        (0, _) => ("a write shows on another connection than the one it named", ELSEWHERE),
        // Two names of one account would show this too: the profile names connections of different accounts.
        (_, _) => ("a write shows on another connection too", ELSEWHERE),
    };
    Ok(Finding::Violated(Violation {
        observed: format!("{there} on the connection named, {elsewhere} on another of another vendor account"),
        exchanges: [write.number]
            .into_iter()
            .chain(seen.numbers(THERE))
            .chain(seen.numbers(shows))
            .collect(),
        ..violated(write, summary, "the effect behind the connection named alone")
    }))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;
    use serde_json::{Value, json};

    use super::*;
    use crate::acting_hub::{acting_hub, found_acting};
    use crate::exchanges::{Hub, all_held, shows_nothing, succeeded, violations};

    fn hub() -> Hub {
        let mut hub = acting_hub();
        let connections = vec!["conn_a".to_owned(), "conn_b".to_owned()];
        hub.profile.connections.explicit.insert("itsm".to_owned(), connections);
        hub
    }

    /// What is found at a hub with an account behind each connection, which sends a write to those that `goes_to` names.
    fn found(goes_to: impl Fn(&str) -> Vec<&'static str>) -> Vec<Finding> {
        let accounts: RefCell<BTreeMap<String, Vec<Value>>> = RefCell::default();
        found_acting(&hub(), &CHECK, |_, call: &Call| -> Option<Exchange> {
            let body = call.json()?;
            let connection = body["connection_id"].as_str()?;
            let mut accounts = accounts.borrow_mut();
            if call.tool()?.ends_with(".create") {
                for account in goes_to(connection) {
                    accounts
                        .entry(account.to_owned())
                        .or_default()
                        .push(body["input"].clone());
                }
                return Some(succeeded(call.clone(), json!({"id": "1"})));
            }
            let own = accounts.get(connection).cloned().unwrap_or_default();
            Some(succeeded(call.clone(), json!({ "items": own })))
        })
    }

    fn own(connection: &str) -> Vec<&'static str> {
        vec![if connection == "conn_a" { "conn_a" } else { "conn_b" }]
    }

    #[test]
    fn writes_that_go_where_they_are_sent_hold() {
        let found = found(own);
        assert!(all_held(&found) && found.len() == 2, "{found:?}");
    }

    #[test]
    fn writes_that_go_elsewhere_or_everywhere_are_violations() {
        assert_eq!(
            violations(&found(|_| vec!["conn_a"])),
            ["a write shows on another connection than the one it named"]
        );
        assert_eq!(
            violations(&found(|_| vec!["conn_a", "conn_b"])),
            ["a write shows on another connection too"; 2]
        );
    }

    #[test]
    fn a_write_that_shows_nowhere_shows_nothing() {
        assert!(shows_nothing(&found(|_| Vec::new())));
    }
}
