//! ENV-01: the envelope of a successful execute.

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::api_answers::answers;
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope",
    title: "a success has the whole success envelope",
    statement: "A hub MUST answer a successful execute with an object: `success` true, `data`, a non-empty `connection_id`, \
                `duration_ms` of at least 0, a non-empty `request_id`.",
    rationale: "Clients are generated from the envelope: a missing member breaks them at run time, on the success path.",
    method: "Looks at every execute of the run that succeeded, or that was answered 2xx without an error.",
    mend: "Build every success in one place, with `success` true, `data` (null if need be), and non-empty `connection_id`, \
           `duration_ms` and `request_id`: dry runs and replays too.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Env01;
pub(crate) const CHECK: Env01 = Env01;

impl Check for Env01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok([traffic::successes(site), traffic::dry_runs(site)].concat())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        answers(evidence)
            .map(|(exchange, _)| exchange)
            .filter(|exchange| claims_success(exchange))
            .map(judge_success)
            .collect()
    }
}

/// A 2xx answer to an execute, unless it is an error envelope (APPROVAL_REQUIRED may come with 202), or of what a path in disguise
/// led to.
fn claims_success(exchange: &Exchange) -> bool {
    let is_execute = matches!(exchange.call.endpoint, Endpoint::Execute { .. });
    let is_2xx = exchange
        .response()
        .is_some_and(|response| (200..300).contains(&response.status));
    let is_bare = matches!(Outcome::of(exchange), Outcome::Bare(_)) && !exchange.call.verbatim_path;
    is_execute && (Outcome::of(exchange) == Outcome::Success || (is_2xx && is_bare))
}

fn judge_success(exchange: &Exchange) -> Finding {
    let wrong = exchange
        .json()
        .map_or(Some("the body is not a JSON object"), wrong_member);
    match wrong {
        None => Finding::Held,
        Some(wrong) => Finding::Violated(violated(
            exchange,
            format!("success envelope: {wrong}"),
            REQUIREMENT.statement,
        )),
    }
}

fn wrong_member(body: &Value) -> Option<&'static str> {
    let filled = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    if body.get("success") != Some(&Value::Bool(true)) {
        Some("`success` is not true")
    } else if body.get("data").is_none() {
        Some("`data` is missing")
    } else if !filled("connection_id") {
        Some("`connection_id` is not a non-empty string")
    } else if !body
        .get("duration_ms")
        .and_then(Value::as_f64)
        .is_some_and(|duration| duration >= 0.0)
    {
        Some("`duration_ms` is not a number of at least 0")
    } else if !filled("request_id") {
        Some("`request_id` is not a non-empty string")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, violations, with_bytes};

    fn call() -> Call {
        Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read)
    }

    fn judge(exchanges: &[Exchange]) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, exchanges)
    }

    fn with(member: &str, value: Option<Value>) -> Exchange {
        let mut envelope = succeeded(call(), json!({})).json().unwrap().clone();
        let members = envelope.as_object_mut().unwrap();
        match value {
            Some(value) => members.insert(member.to_owned(), value),
            None => members.remove(member),
        };
        answered(call(), 200, envelope)
    }

    #[test]
    fn whole_envelopes_hold_whatever_the_data_is() {
        let found = judge(&[
            succeeded(call(), json!({})),
            with("data", Some(json!(null))),
            with("duration_ms", Some(json!(0.5))),
            with("further", Some(json!(1))),
        ]);
        assert!(all_held(&found) && found.len() == 4);
    }

    #[test]
    fn each_member_that_is_missing_is_a_violation() {
        for member in ["success", "data", "connection_id", "duration_ms", "request_id"] {
            let found = judge(&[with(member, None)]);
            assert_eq!(violations(&found).len(), 1, "{member}");
            assert!(violations(&found)[0].contains(member), "{member}");
        }
    }

    #[test]
    fn members_of_another_type_are_violations() {
        for (member, value, wrong) in [
            ("success", json!("true"), "`success` is not true"),
            ("connection_id", json!(""), "`connection_id` is not a non-empty string"),
            ("duration_ms", json!("3"), "`duration_ms` is not a number of at least 0"),
            ("duration_ms", json!(-1), "`duration_ms` is not a number of at least 0"),
            ("request_id", json!(7), "`request_id` is not a non-empty string"),
        ] {
            let found = judge(&[with(member, Some(value))]);
            assert_eq!(violations(&found), [format!("success envelope: {wrong}")]);
        }
    }

    #[test]
    fn a_bare_2xx_is_a_violation() {
        let page = with_bytes(call(), 200, &[], b"<html>");
        assert_eq!(
            violations(&judge(&[page])),
            ["success envelope: the body is not a JSON object"]
        );
        let bare = answered(call(), 201, json!({"id": 1}));
        assert_eq!(violations(&judge(&[bare])), ["success envelope: `success` is not true"]);
    }

    #[test]
    fn errors_and_the_catalogue_are_not_judged() {
        let found = judge(&[
            failed(call(), 202, "APPROVAL_REQUIRED"),
            answered(call(), 404, json!("not found")),
            answered(Call::listing(None), 200, json!({"tools": []})),
        ]);
        assert!(found.is_empty());
    }

    #[test]
    fn what_was_cut_off_or_led_elsewhere_is_not_judged() {
        let mut whole = succeeded(call(), json!({}));
        if let Ok(response) = &mut whole.result {
            *response = hubproof_model::exchange::Response::new(200, Vec::new(), b"{\"succ".to_vec());
            response.truncated = true;
        }
        let mut normalised = answered(call(), 200, json!({"name": "hub"}));
        normalised.call.verbatim_path = true;
        assert!(judge(&[whole, normalised]).is_empty());
    }

    #[test]
    fn a_run_without_read_tools_has_dry_runs_to_look_at() {
        let mut hub = Hub::small().allowing(Allow::Probe);
        hub.selected.retain(|key| !key.ends_with(".list"));
        assert_eq!(hub.plan(&CHECK).unwrap().len(), 2);
    }
}
