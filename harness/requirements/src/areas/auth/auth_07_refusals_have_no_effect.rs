//! AUTH-07: a call that is not authorised has no effect.

use hubproof_model::call::{Call, Credentials, Template};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::ErrorCode;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::credentials::UNKNOWN_KEY;
use crate::effects::scene::Scene;
use crate::evidence::Evidence;
use crate::judging::findings;
use crate::refusals;
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 7),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Authentication; Common error codes",
    title: "a call that is not authorised has no effect",
    statement: "A hub MUST have no effect when it answers UNAUTHORIZED or FORBIDDEN.",
    rationale: "A hub that checks the key too late lets anybody write, and tells them that it did not.",
    method: "Sends calls that would show if they acted: without a key, with an unknown and with a revoked one, and with the restricted key; \
             looks for their effect; then sends the same call with the primary key, whose effect must show.",
    mend: "Let key and permission be checked before anything is sent to a vendor or written, and return at the first refusal.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// On how many tools calls without a valid key are tried.
const TOOLS: usize = 3;

pub(crate) struct Auth07;
pub(crate) const CHECK: Auth07 = Auth07;

impl Check for Auth07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let scenes = site.scenes("AUTH-07")?;
        let restricted = site.profile.keys.restricted_tool.as_ref();
        let restricted = restricted.filter(|_| site.profile.keys.get(Role::Restricted).is_some());
        let restricted = restricted.and_then(|key| scenes.iter().find(|scene| scene.tool.key == **key));
        let with = |scene: &Scene<'_>, credentials: Credentials| -> Call {
            scene.call("probe", |body| body).with_credentials(credentials)
        };
        let mut cases: Vec<_> = scenes
            .iter()
            .take(TOOLS)
            .map(|scene| {
                let unknown = Credentials::Values(vec![Template(format!("Bearer {UNKNOWN_KEY}"))]);
                let mut refused = vec![
                    ("no key".to_owned(), with(scene, Credentials::Absent)),
                    ("an unknown key".to_owned(), with(scene, unknown)),
                ];
                if site.profile.keys.get(Role::Revoked).is_some() {
                    let revoked = with(scene, Credentials::Bearer(Role::Revoked));
                    refused.push(("a revoked key".to_owned(), revoked));
                }
                let id = format!("AUTH-07/key/{}", scene.tool.key);
                refusals::case(scene, id, "writes without a valid key", refused)
            })
            .collect();
        if let Some(tool) = restricted.map(|scene| scene.tool) {
            let id = format!("AUTH-07/permission/{}", tool.key);
            // A scene of its own: the tool may be among those above.
            let scene = Scene::of(site, tool, &id).map_err(Unexercised::NotApplicable)?;
            let call = with(&scene, Credentials::Bearer(Role::Restricted));
            let refused = vec![("a key that may not".to_owned(), call)];
            cases.push(refusals::case(&scene, id, "a write with a key that may not", refused));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let codes = [ErrorCode::Unauthorized, ErrorCode::Forbidden, ErrorCode::ToolNotFound];
        findings(refusals::judge(evidence, &codes, &[400, 401, 403]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acting_hub::{acting_hub, found_acting};
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, violations};

    /// The acting hub knows no revoked key.
    fn hub() -> Hub {
        let mut hub = acting_hub();
        hub.profile.keys.by_role.remove(&Role::Revoked);
        hub
    }

    #[test]
    fn refusals_without_effect_hold() {
        let found = found_acting(&hub(), &CHECK, |_, _| None);
        assert!(all_held(&found), "{found:?}");
    }

    #[test]
    fn a_refusal_that_acts_is_a_violation() {
        let found = found_acting(&hub(), &CHECK, |world, call| {
            let is_keyless = call.credentials == Credentials::Absent;
            is_keyless.then(|| {
                world.act(&call.clone().with_credentials(Credentials::Bearer(Role::Primary)));
                failed(call.clone(), 401, "UNAUTHORIZED")
            })
        });
        let summaries = violations(&found);
        assert!(!summaries.is_empty() && summaries.iter().all(|own| *own == "a refused call acted all the same"));
    }

    #[test]
    fn a_call_that_is_let_in_is_not_this_requirements_business() {
        let found = found_acting(&hub(), &CHECK, |world, call| {
            let is_keyless = call.credentials == Credentials::Absent;
            is_keyless.then(|| world.act(&call.clone().with_credentials(Credentials::Bearer(Role::Primary))))
        });
        assert!(violations(&found).is_empty() && found.iter().any(|finding| *finding != Finding::Held));
    }

    #[test]
    fn trouble_shows_nothing() {
        let found = found_acting(&hub(), &CHECK, |_, call| {
            Some(failed(call.clone(), 502, "UPSTREAM_ERROR"))
        });
        assert!(shows_nothing(&found));
    }
}
