//! CAT-11: hostile tool keys are refused, and break nothing.

use hubproof_model::call::{Call, Endpoint, ExecuteBody, Intent, Template};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::catalogue;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, is_throttled, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 11),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Listing tools; Getting a tool definition",
    title: "hostile tool keys are refused, never a 5xx",
    statement: "A hub MUST answer hostile tool keys (percent-encoded, `..`, slashes, 8 KiB long, non-ASCII, NUL) with TOOL_NOT_FOUND \
                or another 4xx, never 5xx.",
    rationale: "A key is a path segment that anyone with access writes: one that crashes a worker, or leads to another route, is a \
                way in.",
    method: "Sends the definition and the execute of such keys, byte for byte. None of them can be the key of a tool.",
    mend: "Decode a tool key once, look it up as plain data, and answer TOOL_NOT_FOUND or 400 for anything that is no key. Let it \
           reach no file path, query or log line unescaped.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// Name, path segment as sent, and whether RFC 3986 §6.2.2 lets a server take the path for another one before the hub sees it.
const HOSTILE: &[(&str, &str, bool)] = &[
    ("dot-segments", "..", true),
    ("encoded-dot-segments", "%2e%2e", true),
    ("twice-encoded-dot-segments", "%252e%252e", false),
    ("traversal", "..%2f..%2f..%2fetc%2fpasswd", true),
    ("backslash-traversal", "..%5c..%5c..%5chubproof", false),
    ("slash", "hubproof%2fno%2fsuch%2ftool", false),
    ("empty-segment", "hubproof//no_such_tool", true),
    ("nul", "hubproof%00no_such_tool", false),
    ("bad-utf-8", "hubproof%ff%fe", false),
    ("non-ascii", "hubproof.%e5%b7%a5%e5%85%b7.%f0%9f%94%a7", false),
    ("line-break", "hubproof%0d%0aX-Injected:%20yes", false),
    ("quotes", "hubproof%27%22%3b--", false),
    ("space", "%20", false),
];
const LONG_KEY: usize = 8 * 1024;

pub(crate) struct Cat11;
pub(crate) const CHECK: Cat11 = Cat11;

impl Check for Cat11 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, _: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let known = HOSTILE
            .iter()
            .map(|(name, segment, moves)| (*name, (*segment).to_owned(), *moves));
        let long = ("long", format!("hubproof.{}", "a".repeat(LONG_KEY)), false);
        let case = |(name, segment, moves): (&str, String, bool)| {
            Case::new(
                format!("CAT-11/{name}"),
                format!("a tool key with {}", name.replace('-', " ")),
                vec![definition(&segment), execute(&segment)],
            )
            .with_facts(json!({"key": name, "may_be_normalised": moves}))
        };
        Ok(known.chain([long]).map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged =
            ["definition", "execute"].map(|label| evidence.answered(label).map(|probe| judge_answer(probe, evidence)));
        judged
            .into_iter()
            .flat_map(|answer| findings(answer.and_then(|found| found)))
            .collect()
    }
}

fn definition(segment: &str) -> Call {
    let endpoint = Endpoint::Definition {
        tool: segment.to_owned(),
    };
    let mut call = Call::get(endpoint, format!("/tools/{segment}")).labelled("definition");
    call.verbatim_path = true;
    call
}

/// Meant as a reading call: no tool has such a key, so there is nothing that it could change.
fn execute(segment: &str) -> Call {
    let body = ExecuteBody::new(json!({})).into_json();
    let mut call = Call::post_execute(segment, body, Intent::Read).labelled("execute");
    call.path = Template(format!("/tools/{segment}/execute"));
    call.verbatim_path = true;
    call
}

fn judge_answer(probe: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let fact = |name: &str| evidence.case.and_then(|case| case.facts.get(name));
    let key = fact("key")
        .and_then(|key| key.as_str())
        .unwrap_or("hostile")
        .replace('-', " ");
    let face = &probe.call.label;
    let status = probe.response().map_or(0, |response| response.status);
    let outcome = Outcome::of(probe);
    let dialect = &evidence.surface.dialect;
    // Where definitions are the body itself, any other object would pass for one.
    let defines_a_tool =
        catalogue::definition(probe, dialect).is_some_and(|object| catalogue::input_schema(object, dialect).is_some());
    let serves_a_tool = outcome == Outcome::Success || defines_a_tool;
    if is_throttled(probe) {
        return Err(Finding::Inconclusive(format!("the {face} call was throttled")));
    }
    if outcome.is(&ErrorCode::ToolNotFound) && status < 500 || (400..500).contains(&status) {
        return Ok(Finding::Held);
    }
    if status < 400 && !serves_a_tool && fact("may_be_normalised") == Some(&json!(true)) {
        let why = format!("a server before the hub took the {face} of a key with {key} for another path");
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let summary = match status {
        500.. => format!("the {face} of a key with {key} is answered with a 5xx status"),
        _ => format!("the {face} of a key with {key} is not refused"),
    };
    Ok(Finding::Violated(violated(
        probe,
        summary,
        "TOOL_NOT_FOUND, or another 4xx",
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(answer: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small().allowing(Allow::Read).found(&CHECK, answer)
    }

    #[test]
    fn any_refusal_below_500_holds() {
        assert!(all_held(&judge(|call| failed(call.clone(), 404, "TOOL_NOT_FOUND"))));
        assert!(all_held(&judge(|call| failed(call.clone(), 200, "TOOL_NOT_FOUND"))));
        assert!(all_held(&judge(|call| answered(call.clone(), 414, json!(null)))));
    }

    #[test]
    fn a_5xx_or_an_answer_as_of_a_tool_is_a_violation() {
        let crashed = judge(|call| answered(call.clone(), 500, json!({})));
        assert_eq!(violations(&crashed).len(), 2 * (HOSTILE.len() + 1));
        assert!(violations(&crashed).contains(&"the execute of a key with nul is answered with a 5xx status"));
        let served = judge(|call| succeeded(call.clone(), json!({})));
        assert_eq!(violations(&served).len(), 2 * (HOSTILE.len() + 1));
    }

    #[test]
    fn a_path_that_a_proxy_may_normalise_is_not_blamed_for_where_it_led() {
        let found = judge(
            |call| match call.path.0.contains("/../") || call.path.0.ends_with("..") {
                true => answered(call.clone(), 301, json!(null)),
                false => failed(call.clone(), 404, "TOOL_NOT_FOUND"),
            },
        );
        assert!(violations(&found).is_empty());
        assert_eq!(
            found
                .iter()
                .filter(|finding| matches!(finding, Finding::NotExercised(_)))
                .count(),
            2
        );
    }

    #[test]
    fn a_throttle_shows_nothing() {
        assert!(shows_nothing(&judge(|call| failed(call.clone(), 429, "RATE_LIMITED"))));
    }

    #[test]
    fn paths_go_out_as_they_are() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        assert!(
            cases
                .iter()
                .flat_map(|case| case.calls())
                .all(|call| call.verbatim_path)
        );
        assert_eq!(cases[0].calls()[1].path.0, "/tools/../execute");
    }

    #[test]
    fn another_resource_that_a_normalised_path_leads_to_is_no_definition() {
        let led = |body: serde_json::Value| {
            judge(move |call| match call.path.0.as_str() {
                "/tools/.." => answered(call.clone(), 200, body.clone()),
                _ => failed(call.clone(), 404, "TOOL_NOT_FOUND"),
            })
        };
        assert!(violations(&led(json!({"name": "hub", "version": 1}))).is_empty());
        let definition = led(json!({"key": "itsm.tickets.list", "input_schema": {}}));
        assert_eq!(
            violations(&definition),
            ["the definition of a key with dot segments is not refused"]
        );
    }
}
