//! IDM-05: idempotency keys are kept apart by workspace.

use std::collections::BTreeSet;

use hubproof_model::call::Credentials;
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::{Seen, data};
use crate::evidence::Evidence;
use crate::judging::{findings, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Request body; Core Concepts",
    title: "idempotency keys are kept apart by workspace",
    statement: "A hub MUST keep keys apart by workspace: the same key elsewhere neither replays nor reveals.",
    rationale: "Keys that clients number from 1 are alike everywhere: one customer would be shown another's records.",
    method: "With the foreign key, executes a call under a key of its own as control; then with the primary key a call under a \
             fresh key, and with the foreign key the same under that key. It must execute in the foreign workspace, as its reads \
             show. On tools of up to four domains.",
    mend: "Make the workspace a part of what a key is stored and looked up by.",
    needs: &[Need::Allow(Allow::Write), Need::Key(Role::Foreign), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// How many domains are tried: the foreign workspace may lack a connection in some.
const DOMAINS: usize = 4;

pub(crate) struct Idm05;
pub(crate) const CHECK: Idm05 = Idm05;

impl Check for Idm05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let known = site.profile.connections.foreign.as_ref();
        let mut scenes = site.counting_scenes("IDM-05")?;
        scenes.sort_by_key(|scene| {
            let is_known = known.is_some_and(|known| known.domain == scene.tool.domain);
            (!is_known, scene.tool.risk(), !site.can_be_undone(&scene.tool.key))
        });
        let mut domains = BTreeSet::new();
        scenes.retain(|scene| domains.insert(&scene.tool.domain));
        scenes.truncate(DOMAINS);
        Ok(scenes.iter().map(|scene| case(scene, site)).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("IDM-05/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let own_key = site.idempotency_key(&format!("{id}/control"));
    let foreign = || Credentials::Bearer(Role::Foreign);
    let away = scene.clone().read_as(foreign());
    let call = |label: &str, key: &str| scene.call(label, |body| body.keyed(key));
    let steps = vec![
        Step::call(call("control", &own_key).with_credentials(foreign())),
        away.shows("after the control", 1),
        Step::call(call("first", &key)),
        scene.shows("after the first", 1),
        Step::call(call("foreign", &key).with_credentials(foreign())),
        away.shows("after the foreign", 2),
    ];
    scene.case(id, "another workspace's call under a used idempotency key", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let control = seen.told("control")?;
    let (first, _) = seen.acted("first", "after the first")?;
    let foreign = seen.told("foreign")?;
    let exchanges = vec![control.number, first.number, foreign.number];
    let broken = |summary: &str, further: Vec<u64>| {
        Ok(Finding::Violated(Violation {
            exchanges: [exchanges.clone(), further].concat(),
            ..violated(foreign, summary, "success, executed in the key's own workspace")
        }))
    };
    let is_replay = Outcome::of(foreign) == Outcome::Success && data(foreign) == data(first);
    if Outcome::of(control) != Outcome::Success {
        // Who cannot call the tool gets these data of the first call's answer alone. Other trouble with the control may have passed.
        return match is_replay && cannot_call(control) {
            true => broken("another workspace's success is replayed", Vec::new()),
            false => Err(without_connection(&seen)),
        };
    }
    let (_, before) = seen.acted("control", "after the control")?;
    seen.executed(
        "foreign",
        "an idempotency key that another workspace has used is refused",
    )?;
    if seen.effects("after the foreign")? > before {
        return Ok(Finding::Held);
    }
    let summary = match is_replay {
        true => "another workspace's success is replayed",
        false => "a call under an idempotency key that another workspace has used is answered, and not executed",
    };
    broken(summary, seen.numbers("after the foreign"))
}

/// Whether the foreign workspace was told that it cannot call the tool.
fn cannot_call(control: &Exchange) -> bool {
    let codes = [
        ErrorCode::ConnectionNotFound,
        ErrorCode::Forbidden,
        ErrorCode::ToolNotFound,
    ];
    codes.iter().any(|code| Outcome::of(control).is(code))
}

/// What a refused control comes to: a foreign workspace need not be able to call the tool.
fn without_connection(seen: &Seen<'_>) -> Finding {
    match (seen.told("control"), seen.succeeded("control")) {
        (Ok(control), _) if cannot_call(control) => {
            let why = format!(
                "the foreign workspace cannot call {}: {}",
                control.call.tool().unwrap_or_default(),
                observed(control)
            );
            Finding::NotExercised(Unexercised::NotApplicable(why))
        }
        (_, Err(finding)) => finding,
        (_, Ok(control)) => seen.unseen(control),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, violations};

    /// The foreign workspace has a connection in this domain alone.
    fn hub() -> Hub {
        let mut hub = acting_hub();
        hub.selected.retain(|key| key.starts_with("itsm"));
        hub
    }

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&hub(), &CHECK, twist)
    }

    fn judge_foreign(answer: impl Fn(&mut World, &Call) -> Exchange) -> Vec<Finding> {
        judge(|world, call| (call.label == "foreign").then(|| answer(world, call)))
    }

    fn replay(world: &mut World, call: &Call) -> Exchange {
        let first = world.kept_under(call.idempotency_key().unwrap()).unwrap();
        succeeded(call.clone(), first)
    }

    #[test]
    fn a_call_that_executes_in_its_own_workspace_holds() {
        assert!(all_held(&judge(|_, _| None)));
    }

    #[test]
    fn the_domain_of_the_foreign_connection_comes_first() {
        let cases = acting_hub().plan(&CHECK).unwrap();
        let tools: Vec<_> = cases.iter().filter_map(|case| case.tool.as_deref()).collect();
        assert_eq!(tools, ["itsm.tickets.create", "crm.contacts.create"]);
    }

    #[test]
    fn a_replay_a_refusal_and_a_call_that_does_nothing_are_violations() {
        assert_eq!(
            violations(&judge_foreign(replay)),
            ["another workspace's success is replayed"]
        );
        let refused = judge_foreign(|_, call| failed(call.clone(), 409, "INVALID_INPUT"));
        assert_eq!(
            violations(&refused),
            ["an idempotency key that another workspace has used is refused"]
        );
        let crashed = judge_foreign(|_, call| failed(call.clone(), 500, "INTERNAL_ERROR"));
        assert_eq!(violations(&crashed).len(), 1);
        let idle = judge_foreign(|_, call| succeeded(call.clone(), 1.into()));
        assert_eq!(
            violations(&idle),
            ["a call under an idempotency key that another workspace has used is answered, and not executed"]
        );
    }

    #[test]
    fn a_workspace_without_a_connection_shows_nothing_but_a_replay() {
        let mut hub = acting_hub();
        hub.selected.retain(|key| key.starts_with("crm"));
        let found = found_acting(&hub, &CHECK, |_, _| None);
        assert!(matches!(found[..], [Finding::NotExercised(_)]));
        let found = found_acting(&hub, &CHECK, |world, call| {
            (call.label == "foreign").then(|| replay(world, call))
        });
        assert_eq!(violations(&found), ["another workspace's success is replayed"]);
    }

    #[test]
    fn a_foreign_call_that_executes_though_its_control_failed_is_no_replay() {
        for (status, code) in [
            (502, "UPSTREAM_ERROR"),
            (500, "INTERNAL_ERROR"),
            (404, "CONNECTION_NOT_FOUND"),
            (403, "FORBIDDEN"),
        ] {
            let found = judge(|_, call| (call.label == "control").then(|| failed(call.clone(), status, code)));
            assert!(shows_nothing(&found), "{code}: {found:?}");
        }
        // Nor do equal data show one, where the control only met with trouble.
        let alike = judge(|world, call| match call.label.as_str() {
            "control" => Some(failed(call.clone(), 502, "UPSTREAM_ERROR")),
            "foreign" => Some(replay(world, call)),
            _ => None,
        });
        assert!(shows_nothing(&alike), "{alike:?}");
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            for label in ["control", "first", "foreign"] {
                let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), status, code)));
                assert!(shows_nothing(&found), "{code} {label}: {found:?}");
            }
        }
        let unauthorized = judge(|_, call| {
            (call.credentials == Credentials::Bearer(Role::Foreign)).then(|| failed(call.clone(), 401, "UNAUTHORIZED"))
        });
        assert!(shows_nothing(&unauthorized));
    }
}
