//! EXE-08: a body that is no JSON object is refused.

use hubproof_model::call::{Body, Call, Template};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, findings, is_throttled, violated};
use crate::site::Site;
use crate::traffic::with_member;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 8),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Executing a tool; Request body",
    title: "bodies that are no JSON object are refused",
    statement: "A hub MUST answer bodies that are no JSON object (empty, truncated, array, bad UTF-8) with INVALID_INPUT or a bare \
                4xx, and have no effect.",
    rationale: "A call that was cut off on its way must not be executed as far as it came.",
    method: "Sends a call that is accepted as control, and the same with its body left out, cut off, wrapped in an array, or with bytes \
             that are no UTF-8.",
    mend: "Read the whole body as strict UTF-8 JSON, ask for an object, and answer INVALID_INPUT or 400 otherwise; an unreadable \
           body is not an empty one.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Exe08;
pub(crate) const CHECK: Exe08 = Exe08;

impl Check for Exe08 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (tool, control) in site.samples()? {
            cases.extend(bodies(&control).into_iter().map(|(name, body)| {
                let probe = control.clone().with_body(body).labelled("probe");
                let id = format!("EXE-08/{}/{}", tool.key, name.replace(' ', "-"));
                Case::new(id, format!("a body that is {name}"), vec![control.clone(), probe]).about(&tool.key)
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = accepted_control(evidence).and_then(|_| evidence.answered("probe"));
        findings(judged.and_then(|probe| judge_answer(probe, evidence)))
    }
}

fn bodies(control: &Call) -> Vec<(&'static str, Body)> {
    let text = |text: &str| Body::Text(Template(text.to_owned()));
    let whole = control.json().map(ToString::to_string).unwrap_or_default();
    // A text that nothing but its bytes speaks against, in a member that every hub reads.
    const MARK: &str = "hubproof-mark";
    let marked = with_member(control, "idempotency_key", MARK.into());
    let marked = marked.json().map(ToString::to_string).unwrap_or_default();
    let bad_utf_8 = marked
        .split_once(MARK)
        .map(|(before, after)| [before.as_bytes(), b"\xff\xfe", after.as_bytes()].concat());
    vec![
        ("empty", Body::Empty),
        ("white space", text(" \n")),
        ("truncated", text(&whole[..whole.len().saturating_sub(1)])),
        ("an array", text(&format!("[{whole}]"))),
        ("null", text("null")),
        ("a text", text("\"hubproof\"")),
        ("a number", text("5")),
        ("two objects", text(&format!("{whole}{whole}"))),
        ("bad UTF-8", Body::Bytes(bad_utf_8.unwrap_or_default())),
    ]
}

fn judge_answer(probe: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    if is_throttled(probe) {
        return Err(Finding::Inconclusive("the probe call was throttled".to_owned()));
    }
    let outcome = Outcome::of(probe);
    let is_4xx = probe
        .response()
        .is_some_and(|response| (400..500).contains(&response.status));
    // A framework's refusal that the hub wrapped has a code of its own choice (ENV-12).
    let is_framework = matches!(outcome, Outcome::Bare(_) | Outcome::Error(ErrorCode::Other(_)));
    if outcome.is(&ErrorCode::InvalidInput) || (is_4xx && is_framework) {
        return Ok(Finding::Held);
    }
    let name = evidence
        .case
        .map_or("a body that is no JSON object", |case| case.title.as_str());
    Ok(Finding::Violated(violated(
        probe,
        format!("{name} is not refused"),
        "INVALID_INPUT, or a bare 4xx",
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(probe: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small().found(&CHECK, |call| match call.label.as_str() {
            "control" => succeeded(call.clone(), json!({})),
            _ => probe(call),
        })
    }

    #[test]
    fn any_refusal_as_of_a_framework_holds() {
        assert!(all_held(&judge(|call| failed(call.clone(), 400, "INVALID_INPUT"))));
        assert!(all_held(&judge(|call| answered(call.clone(), 400, json!("bad JSON")))));
        assert!(all_held(&judge(|call| failed(call.clone(), 400, "MALFORMED_BODY"))));
    }

    #[test]
    fn an_execution_a_crash_and_another_code_are_violations() {
        let found = judge(|call| match &call.body {
            Body::Empty => succeeded(call.clone(), json!({})),
            Body::Bytes(_) => answered(call.clone(), 500, json!({})),
            _ => failed(call.clone(), 400, "INVALID_INPUT"),
        });
        let of_a_tool = [
            "a body that is empty is not refused",
            "a body that is bad UTF-8 is not refused",
        ];
        assert_eq!(violations(&found), [of_a_tool, of_a_tool].concat());
        assert!(!violations(&judge(|call| failed(call.clone(), 404, "TOOL_NOT_FOUND"))).is_empty());
    }

    #[test]
    fn a_refused_control_or_a_throttle_shows_nothing() {
        assert!(shows_nothing(&Hub::small().found(&CHECK, |call| failed(
            call.clone(),
            400,
            "INVALID_INPUT"
        ))));
        assert!(shows_nothing(&judge(|call| answered(call.clone(), 429, json!({})))));
    }

    #[test]
    fn the_bodies_are_what_they_are_called() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        for probe in cases.iter().map(|case| case.calls()[1]) {
            let bytes = match &probe.body {
                Body::Text(Template(text)) => text.clone().into_bytes(),
                Body::Bytes(bytes) => bytes.clone(),
                _ => continue,
            };
            let read: Result<serde_json::Value, _> = serde_json::from_slice(&bytes);
            assert!(
                !read.is_ok_and(|value| value.is_object()),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        let bad = cases.iter().find_map(|case| match &case.calls()[1].body {
            Body::Bytes(bytes) => Some(bytes),
            _ => None,
        });
        assert!(bad.unwrap().windows(2).any(|pair| pair == b"\xff\xfe"));
    }
}
