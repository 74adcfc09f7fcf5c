//! ENV-12: the web framework's own errors wear the envelope too.

use hubproof_model::call::{Body, Call, Endpoint, Template, encode_segment};
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::api_answers::{answers, may_be_framework};
use crate::check::{Check, Scope};
use crate::error_envelope::fault;
use crate::evidence::Evidence;
use crate::judging::{observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 12),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Response envelope",
    title: "framework errors are in the error envelope",
    statement: "A hub SHOULD wrap the web framework's own errors too (unknown route, 405, 413, 415, bad JSON) in the error envelope; the \
                code is then free, and ENV-06 and ENV-11 do not apply.",
    rationale: "A client that mistypes an address gets a page that its decoder chokes on, instead of an error that says so.",
    method: "Asks for a route that does not exist, sends a wrong method, a body that is cut off and one declared as XML; and looks at \
             every other answer of the run that a framework may have given. Hostile paths, which may leave the API, are left out.",
    mend: "Register handlers for the framework's own errors (unknown route, wrong method, body too large, other media type, bad \
           JSON) that answer in the error envelope.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Env12;
pub(crate) const CHECK: Env12 = Env12;

impl Check for Env12 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let outside = |path: String| Call::get(Endpoint::Outside, path);
        let mut probes = vec![("unknown-route", outside("/hubproof/no-such-route".to_owned()))];
        if let Some((tool, control)) = site
            .read_tools()
            .into_iter()
            .find_map(|tool| Some((tool, site.control(tool)?)))
        {
            let execute = format!("/tools/{}/execute", encode_segment(&tool.key));
            let cut_off = Body::Text(Template("{\"input\":".to_owned()));
            let declared_as_xml = Call {
                content_type: Some("application/xml".to_owned()),
                ..control.clone()
            };
            probes.extend([
                ("wrong-method", outside(execute)),
                ("bad-json", control.with_body(cut_off)),
                ("other-type", declared_as_xml),
            ]);
        }
        let case = |(name, call): (&str, Call)| {
            let title = "a call that a framework refuses";
            Case::new(format!("ENV-12/{name}"), title, vec![call.labelled("probe")])
        };
        Ok(probes.into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        answers(evidence)
            .filter(|(exchange, _)| may_be_framework(exchange) && !exchange.call.verbatim_path)
            // Who throttles has its own requirements.
            .filter(|(_, response)| response.status >= 400 && response.status != 429)
            .map(|(exchange, response)| judge_error(exchange, response))
            .collect()
    }
}

fn judge_error(exchange: &Exchange, response: &Response) -> Finding {
    let Some(wrong) = fault(response) else {
        return Finding::Held;
    };
    let summary = format!(
        "the error of {} is not in the error envelope",
        refused(exchange, response)
    );
    Finding::Violated(Violation {
        observed: format!("{}: {wrong}", observed(exchange)),
        ..violated(exchange, summary, "the error envelope, with any code")
    })
}

/// What was refused, in words.
fn refused(exchange: &Exchange, response: &Response) -> &'static str {
    match (response.status, &exchange.call.endpoint, &exchange.call.body) {
        (405, ..) => "a wrong method",
        (413, ..) => "a body that is too large",
        (414, ..) => "a URL that is too long",
        (415, ..) => "a body of another type",
        (431, ..) => "headers that are too large",
        (_, Endpoint::Outside, _) => "an unknown route",
        (_, Endpoint::Execute { .. }, Body::Json(_)) => "a malformed request",
        (_, Endpoint::Execute { .. }, _) => "a body that may be no JSON",
        _ => "a malformed request",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, violations};

    fn judge(answer: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small().allowing(Allow::Read).found(&CHECK, answer)
    }

    fn status(call: &Call) -> u16 {
        match (&call.body, &call.endpoint) {
            (Body::Text(_), _) => 400,
            (Body::Json(_), _) => 415,
            _ if call.path.0.ends_with("/execute") => 405,
            _ => 404,
        }
    }

    #[test]
    fn wrapped_errors_of_any_code_hold() {
        let found = judge(|call| failed(call.clone(), status(call), "NO_SUCH_THING"));
        assert!(all_held(&found) && found.len() == 4);
    }

    #[test]
    fn bare_errors_are_violations_that_name_what_was_refused() {
        let found = judge(|call| answered(call.clone(), status(call), json!({"detail": "no"})));
        assert_eq!(
            violations(&found),
            [
                "the error of an unknown route is not in the error envelope",
                "the error of a wrong method is not in the error envelope",
                "the error of a body that may be no JSON is not in the error envelope",
                "the error of a body of another type is not in the error envelope",
            ]
        );
    }

    #[test]
    fn an_envelope_without_details_is_none() {
        let half = json!({"success": false, "error": {"code": "X", "message": "no"}, "request_id": "r"});
        let found = judge(|call| answered(call.clone(), status(call), half.clone()));
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert!(violation.observed.ends_with("`error.details` is not an object"));
    }

    #[test]
    fn what_is_served_throttled_or_the_apis_own_is_not_judged() {
        assert!(judge(|call| succeeded(call.clone(), json!({}))).is_empty());
        assert!(judge(|call| answered(call.clone(), 429, json!("slow down"))).is_empty());
        let own = answered(Call::definition("a.b.c"), 404, json!("no such tool"));
        let hostile = Call {
            verbatim_path: true,
            ..Call::definition("..")
        };
        let hostile = answered(hostile, 404, json!("no such page"));
        assert!(Hub::small().judge(&CHECK, None, &[own, hostile]).is_empty());
    }

    #[test]
    fn a_hub_without_read_tools_is_asked_for_an_unknown_route() {
        let mut hub = Hub::small();
        hub.selected.clear();
        assert_eq!(hub.plan(&CHECK).unwrap().len(), 1);
    }
}
