//! AUTH-02: an unknown or revoked key is UNAUTHORIZED.

use hubproof_model::call::{Credentials, Template};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::credentials::{UNKNOWN_KEY, authorization, faces, unauthorized};
use crate::evidence::Evidence;
use crate::judging::findings;
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Authentication; Common error codes",
    title: "an unknown or revoked key is UNAUTHORIZED",
    statement: "A hub MUST answer an unknown or revoked key with UNAUTHORIZED.",
    rationale: "Revoking a key is what is left to do when it was stolen.",
    method: "Sends the listing, a definition and an execute with the primary key as control, and the same with a key that was never \
             issued, with the primary key and a letter more, and with the revoked key where the profile has one. Where no read tool can be executed, \
             dry runs of a state-changing one stand in.",
    mend: "Look the whole key up in the store of valid keys at every request, compare all of it, and let a revocation reach every \
           cache and instance at once.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Auth02;
pub(crate) const CHECK: Auth02 = Auth02;

impl Check for Auth02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let keys = invalid_keys(site);
        let mut cases = Vec::new();
        for (face, control) in faces(site)? {
            cases.extend(keys.iter().map(|(kind, credentials)| {
                let probe = control.clone().with_credentials(credentials.clone()).labelled("probe");
                let calls = vec![control.clone(), probe];
                Case::new(
                    format!("AUTH-02/{kind}/{face}"),
                    format!("{face} with a key that is {kind}"),
                    calls,
                )
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let is_revoked = evidence.case.is_some_and(|case| case.id.starts_with("AUTH-02/revoked"));
        let summary = match is_revoked {
            true => "a revoked key was not refused",
            false => "an unknown key was not refused",
        };
        findings(unauthorized(evidence, "probe", summary))
    }
}

fn invalid_keys(site: &Site<'_>) -> Vec<(&'static str, Credentials)> {
    let longer = format!("Bearer {}x", Template::placeholder(Role::Primary));
    let mut keys = vec![
        ("unknown", authorization(format!("Bearer {UNKNOWN_KEY}"))),
        // A lookup that compares beginnings takes it.
        ("longer", authorization(longer)),
    ];
    if site.profile.keys.get(Role::Revoked).is_some() {
        keys.push(("revoked", Credentials::Bearer(Role::Revoked)));
    }
    keys
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::profile::Key;
    use hubproof_model::secret::Secret;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, shows_nothing, succeeded, violations};

    fn hub() -> Hub {
        let mut hub = Hub::small().allowing(Allow::Read);
        let key = Key {
            secret: Secret::new("once"),
            variable: None,
        };
        hub.profile.keys.by_role.insert(Role::Revoked, key);
        hub
    }

    fn judge(refuses: impl Fn(&Call) -> bool) -> Vec<Finding> {
        hub().found(&CHECK, |call| match refuses(call) {
            true => failed(call.clone(), 401, "UNAUTHORIZED"),
            false => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn every_invalid_key_is_tried_on_every_face() {
        let found = judge(|call| call.label == "probe");
        assert!(all_held(&found) && found.len() == 9);
        assert_eq!(Hub::small().plan(&CHECK).unwrap().len(), 6);
    }

    #[test]
    fn a_revoked_key_that_works_is_a_violation() {
        let found = judge(|call| matches!(call.credentials, Credentials::Values(_)));
        assert_eq!(violations(&found), ["a revoked key was not refused"; 3]);
    }

    #[test]
    fn a_comparison_of_beginnings_is_a_violation() {
        let found = judge(|call| call.label == "probe" && call.credentials != authorization("Bearer <key:primary>x"));
        assert_eq!(violations(&found), ["an unknown key was not refused"; 3]);
    }

    #[test]
    fn a_refused_control_shows_nothing() {
        assert!(shows_nothing(&judge(|_| true)));
    }

    #[test]
    fn a_hub_without_a_read_tool_says_so() {
        let mut hub = hub();
        hub.selected.retain(|key| !key.ends_with(".list"));
        assert!(matches!(hub.plan(&CHECK), Err(Unexercised::NotApplicable(_))));
    }
}
