//! ENV-01: the envelope of a successful execute.

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

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
    needs: &[],
    reach: Allow::Read,
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
        Ok(traffic::successes(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        evidence
            .exchanges
            .iter()
            .copied()
            .filter(|exchange| claims_success(exchange))
            .map(judge_success)
            .collect()
    }
}

/// A 2xx answer to an execute, unless it is an error envelope (APPROVAL_REQUIRED may come with 202).
fn claims_success(exchange: &Exchange) -> bool {
    let is_execute = matches!(exchange.call.endpoint, Endpoint::Execute { .. });
    let is_2xx = exchange
        .response()
        .is_some_and(|response| (200..300).contains(&response.status));
    is_execute
        && (Outcome::of(exchange) == Outcome::Success || (is_2xx && matches!(Outcome::of(exchange), Outcome::Bare(_))))
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
