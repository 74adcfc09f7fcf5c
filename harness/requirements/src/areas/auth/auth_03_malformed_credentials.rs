//! AUTH-03: malformed credentials are UNAUTHORIZED, or a 400.

use hubproof_model::call::{Call, Credentials, Template};
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::credentials::{authorization, control_with_known_key, faces, may_be_logged, unauthorized};
use crate::evidence::Evidence;
use crate::judging::findings;
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Authentication; Common error codes",
    title: "malformed credentials are UNAUTHORIZED",
    statement: "A hub MUST answer malformed credentials with UNAUTHORIZED (or 400): another scheme, `Bearer` without a token, two \
                tokens in the header, the key only in the query string or body.",
    rationale: "A key that works outside its header is sent there, and ends up in the logs of every proxy on the way.",
    method: "Sends listing, definition and execute with the primary key as control, and the same under other schemes, without a \
             token, with two, and (on loopback, or with a disposable key) with the key in query string or body alone. Without a \
             read tool, dry runs of a state-changing one stand in.",
    mend: "Take a key from one `Authorization: Bearer <token>` header alone. Answer any other scheme, a missing token, two tokens, \
           and keys in the query string or body with UNAUTHORIZED.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

/// Names under which clients pass keys elsewhere (RFC 6750 §2.2 and §2.3 name the first).
const PARAMETERS: [&str; 2] = ["access_token", "api_key"];

pub(crate) struct Auth03;
pub(crate) const CHECK: Auth03 = Auth03;

impl Check for Auth03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let case = |(face, control): (&str, Call)| {
            let mut probes = in_header(&control);
            if may_be_logged(site.profile) {
                probes.extend(elsewhere(&control));
            }
            let title = format!("{face} with malformed credentials");
            let calls = [vec![control], probes].concat();
            Case::new(format!("AUTH-03/{face}"), title, calls)
        };
        Ok(faces(site)?.into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let calls = evidence.case.into_iter().flat_map(|case| case.calls());
        let probes = calls
            .map(|call| call.label.as_str())
            .filter(|label| *label != "control");
        probes
            .flat_map(|label| findings(judge_probe(evidence, label)))
            .collect()
    }
}

fn in_header(control: &Call) -> Vec<Call> {
    let key = Template::placeholder(Role::Primary);
    let values = [
        ("no-scheme", key.clone()),
        ("scheme-Basic", format!("Basic {key}")),
        ("scheme-Token", format!("Token {key}")),
        ("Bearer-without-token", "Bearer".to_owned()),
        ("two-tokens", format!("Bearer {key} {key}")),
        ("two-credentials", format!("Bearer {key}, Bearer {key}")),
    ];
    let call = |(label, value)| {
        let call: Call = control.clone().with_credentials(authorization(value));
        call.labelled(label)
    };
    values.map(call).to_vec()
}

fn elsewhere(control: &Call) -> Vec<Call> {
    let key = Template::placeholder(Role::Primary);
    let bare = control.clone().with_credentials(Credentials::Absent);
    let in_query = |name| Call {
        path: Template(format!("{}?{name}={key}", bare.path)),
        ..bare.clone().labelled(format!("only-{name}-in-query"))
    };
    let in_body = |name| with_member(&bare, name, json!(key)).labelled(format!("only-{name}-in-body"));
    let mut probes = PARAMETERS.map(in_query).to_vec();
    if control.json().is_some() {
        probes.extend(PARAMETERS.map(in_body));
    }
    probes
}

fn judge_probe(evidence: &Evidence<'_>, label: &str) -> Result<Finding, Finding> {
    control_with_known_key(evidence)?;
    let probe = evidence.answered(label)?;
    if probe.response().is_some_and(|response| response.status == 400) {
        return Ok(Finding::Held);
    }
    // A hub that refuses the unknown member, or the body, before it looks for a key has not taken the key either.
    if label.ends_with("-in-body") && Outcome::of(probe).is(&ErrorCode::InvalidInput) {
        let why = "the hub refuses a body with the key in it before it looks for a key".to_owned();
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let summary = format!("malformed credentials were not refused: {}", label.replace('-', " "));
    Ok(match unauthorized(evidence, label, &summary)? {
        Finding::Violated(violation) => Finding::Violated(Violation {
            expected: "UNAUTHORIZED, or status 400".to_owned(),
            ..violation
        }),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Body;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn hub() -> Hub {
        let mut hub = Hub::small().allowing(Allow::Read);
        hub.profile.keys.disposable = true;
        hub
    }

    fn judge(refuses: impl Fn(&Call) -> bool) -> Vec<Finding> {
        hub().found(&CHECK, |call| match refuses(call) {
            true => failed(call.clone(), 401, "UNAUTHORIZED"),
            false => succeeded(call.clone(), json!({})),
        })
    }

    #[test]
    fn unauthorized_and_any_400_hold() {
        let found = judge(|call| call.label != "control");
        assert!(all_held(&found) && found.len() == 8 + 8 + 10);
        let found = hub().found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => answered(call.clone(), 400, json!({"detail": "bad credentials"})),
        });
        assert!(all_held(&found));
    }

    #[test]
    fn what_is_taken_is_named() {
        let found = judge(|call| !matches!(call.label.as_str(), "control" | "scheme-Basic" | "only-api_key-in-body"));
        let basic = "malformed credentials were not refused: scheme Basic";
        let body = "malformed credentials were not refused: only api_key in body";
        assert_eq!(violations(&found), [basic, basic, basic, body]);
    }

    #[test]
    fn a_key_goes_elsewhere_only_where_it_may_be_logged() {
        let goes_elsewhere = |hub: &Hub| {
            let cases = hub.plan(&CHECK).unwrap();
            let mut calls = cases.iter().flat_map(|case| case.calls());
            calls.any(|call| {
                let in_body = matches!(&call.body, Body::Json(body) if body.to_string().contains("<key:"));
                in_body || call.path.0.contains("<key:")
            })
        };
        assert!(goes_elsewhere(&hub()));
        let mut hub = Hub::small();
        assert!(!goes_elsewhere(&hub));
        hub.profile.target.url = "http://127.0.0.1:8080/api/v1".to_owned();
        assert!(goes_elsewhere(&hub));
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

    #[test]
    fn a_body_may_be_refused_for_the_member_with_the_key_in_it() {
        let found = hub().found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            label if label.ends_with("-in-body") => failed(call.clone(), 422, "INVALID_INPUT"),
            _ => failed(call.clone(), 401, "UNAUTHORIZED"),
        });
        assert!(violations(&found).is_empty());
        let open = found
            .iter()
            .filter(|finding| matches!(finding, Finding::NotExercised(_)));
        assert_eq!(open.count(), 2);
    }
}
