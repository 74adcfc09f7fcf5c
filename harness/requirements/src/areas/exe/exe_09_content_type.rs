//! EXE-09: the body's declared type is heeded.

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, findings, is_accepted, is_throttled, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 9),
    level: Level::Should,
    basis: Basis::Http,
    source: "RFC 9110 §8.3 and §15.5.16; RFC 8259 §11",
    title: "bodies declared as other than JSON are rejected",
    statement: "A hub SHOULD reject a body declared as something other than JSON (415 or INVALID_INPUT) and take `application/json; \
                charset=utf-8`.",
    rationale: "A browser sends `text/plain` to any site without asking; and half of all HTTP libraries add the charset.",
    method: "Sends a call that is accepted as control, and the same declared as text, as a form, as XML, and as JSON with a charset.",
    mend: "Look at the media type before the body is read: take `application/json` with any parameters, and answer others with \
           415.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

const OTHER_TYPES: [&str; 4] = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/octet-stream",
];
const JSON_WITH_CHARSET: &str = "application/json; charset=utf-8";

pub(crate) struct Exe09;
pub(crate) const CHECK: Exe09 = Exe09;

impl Check for Exe09 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (tool, control) in site.samples()? {
            cases.extend(OTHER_TYPES.into_iter().chain([JSON_WITH_CHARSET]).map(|content_type| {
                let probe = Call {
                    content_type: Some(content_type.to_owned()),
                    ..control.clone()
                }
                .labelled("probe");
                let id = format!(
                    "EXE-09/{}/{}",
                    tool.key,
                    content_type.replace("; ", "-").replace('/', "-")
                );
                Case::new(
                    id,
                    format!("a body declared as {content_type}"),
                    vec![control.clone(), probe],
                )
                .about(&tool.key)
            }));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = accepted_control(evidence).and_then(|_| evidence.answered("probe"));
        findings(judged.and_then(judge_answer))
    }
}

fn judge_answer(probe: &Exchange) -> Result<Finding, Finding> {
    if is_throttled(probe) {
        return Err(Finding::Inconclusive("the probe call was throttled".to_owned()));
    }
    let declared = probe.call.content_type.as_deref().unwrap_or_default();
    let (outcome, is_json) = (Outcome::of(probe), declared == JSON_WITH_CHARSET);
    match (is_refused(probe, &outcome), is_json) {
        (true, false) => Ok(Finding::Held),
        (false, true) if is_accepted(&outcome) => Ok(Finding::Held),
        (true, true) => {
            let summary = format!("a body declared as {declared} is rejected");
            Ok(Finding::Violated(violated(
                probe,
                summary,
                "what the same body gets as application/json",
            )))
        }
        (false, false) => {
            let summary = format!("a body declared as {declared} is not rejected");
            Ok(Finding::Violated(violated(probe, summary, "415 or INVALID_INPUT")))
        }
        (false, true) => Err(Finding::Inconclusive(format!(
            "the probe call was not answered as the control: {}",
            observed(probe)
        ))),
    }
}

/// 415 or INVALID_INPUT; or another 4xx of the framework's, wrapped or not (contract: "How requirements are judged").
fn is_refused(probe: &Exchange, outcome: &Outcome) -> bool {
    let status = probe.response().map_or(0, |response| response.status);
    let is_framework = matches!(outcome, Outcome::Bare(_) | Outcome::Error(ErrorCode::Other(_)));
    outcome.is(&ErrorCode::InvalidInput) || status == 415 || ((400..500).contains(&status) && is_framework)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(refuses: impl Fn(&str) -> bool) -> Vec<Finding> {
        Hub::small()
            .allowing(Allow::Read)
            .found(&CHECK, |call| match refuses(call.content_type.as_deref().unwrap()) {
                true => answered(call.clone(), 415, json!("unsupported")),
                false => succeeded(call.clone(), json!({})),
            })
    }

    #[test]
    fn json_is_taken_and_nothing_else() {
        assert!(all_held(&judge(|declared| !declared.starts_with("application/json"))));
    }

    #[test]
    fn a_hub_that_takes_anything_is_blamed_for_each() {
        assert_eq!(violations(&judge(|_| false)).len(), OTHER_TYPES.len());
    }

    #[test]
    fn a_hub_that_cannot_bear_a_charset_is_blamed() {
        assert_eq!(
            violations(&judge(|declared| declared != "application/json")),
            ["a body declared as application/json; charset=utf-8 is rejected"]
        );
    }

    #[test]
    fn a_refused_control_or_another_fault_shows_nothing() {
        assert!(shows_nothing(&judge(|_| true)));
        let found = Hub::small().found(&CHECK, |call| match call.content_type.as_deref() {
            Some("application/json") => succeeded(call.clone(), json!({})),
            Some(JSON_WITH_CHARSET) => answered(call.clone(), 503, json!({})),
            _ => failed(call.clone(), 429, "RATE_LIMITED"),
        });
        assert!(shows_nothing(&found));
    }
}
