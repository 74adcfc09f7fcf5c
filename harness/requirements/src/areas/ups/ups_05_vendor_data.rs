//! UPS-05: a vendor's data is not trusted.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;
use crate::vendor_faults::{FEW, HUGE, is_watched, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Common error codes; Tool definitions",
    title: "a vendor's malformed data is not passed on",
    statement: "A hub MUST never answer success with data that its output schema rejects because the vendor sent it.",
    rationale: "Clients are generated from the output schema, and agents plan by it: a vendor that changes its API must not break them \
                behind an answer that says success.",
    method: "Plays the vendor of a connection and lets it answer with texts for numbers and numbers for texts, in all members and in those \
             of one name, and with one text of 32 MiB alone, to two read tools and to one that makes records, each beside its control. Success must still match.",
    mend: "Validate what the connector made of the vendor's answer against the tool's output schema, and answer UPSTREAM_ERROR where it \
           does not match.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// Most connectors fail by themselves where nothing is as it was: what slips through is a member or two.
const FAULTS: [&str; 8] = [
    HUGE,
    "wrong-types",
    "wrong-type:0",
    "wrong-type:1",
    "wrong-type:2",
    "wrong-type:3",
    "wrong-type:4",
    "wrong-type:5",
];

pub(crate) struct Ups05;
pub(crate) const CHECK: Ups05 = Ups05;

impl Check for Ups05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.faulted("UPS-05", &FAULTS, FEW)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let call = met(evidence)?;
    if Outcome::of(call) != Outcome::Success {
        return Ok(Finding::Held);
    }
    let tool = call.call.tool().unwrap_or_default();
    let schema = evidence.schemas.output(tool).ok_or_else(|| {
        Finding::NotExercised(Unexercised::NotApplicable(format!(
            "{tool} has no output schema to hold data against"
        )))
    })?;
    let data = call.json().and_then(|body| body.get("data")).unwrap_or(&Value::Null);
    match schema.iter_errors(data).next() {
        // What is sound may be what the hub made of wrong data, where it is known that such came.
        None if is_watched(evidence)? => Ok(Finding::Held),
        None => Err(Finding::NotExercised(Unexercised::NotApplicable(
            "the call succeeded as if the vendor were sound: whether it sent wrong data, nobody tells".to_owned(),
        ))),
        Some(fault) => Ok(Finding::Violated(Violation {
            observed: format!("success, and at `/data{}`: {fault}", fault.instance_path()),
            ..violated(
                call,
                "what the vendor sent is passed on, though the output schema rejects it",
                "UPSTREAM_ERROR, or data that matches the output schema",
            )
        })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};
    use crate::vendor_faults::played::{found_failing, found_unwatched, found_with_outputs};

    #[test]
    fn a_refusal_or_data_that_matches_holds() {
        let object = json!({"type": "object"});
        let refused = found_failing(&CHECK, |_, call| (failed(call, 502, "UPSTREAM_ERROR"), 1));
        let matching = found_with_outputs(&CHECK, &object, |_, call| (succeeded(call, json!({"id": 5})), 1));
        assert!(all_held(&refused) && refused.len() == 24, "{refused:?}");
        assert!(all_held(&matching), "{matching:?}");
    }

    #[test]
    fn success_with_what_the_schema_rejects_is_a_violation() {
        let texts = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let found = found_with_outputs(&CHECK, &texts, |_, call| (succeeded(call, json!({"id": 5})), 1));
        assert_eq!(violations(&found).len(), 24, "{found:?}");
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert!(violation.observed.contains("`/data/id`"), "{}", violation.observed);
    }

    #[test]
    fn what_nobody_watched_is_a_violation_where_the_schema_rejects_it_and_else_shows_nothing() {
        let texts = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let wrong = found_unwatched(&CHECK, &texts, |call| succeeded(call, json!({"id": 5})));
        for fault in FAULTS {
            let own: Vec<_> = wrong.iter().filter(|(own, _)| own == fault).collect();
            let is_violation = |found: &&(String, Finding)| matches!(found.1, Finding::Violated(_));
            assert!(own.len() == 3 && own.iter().all(is_violation), "{fault}: {own:?}");
        }
        let sound = found_unwatched(&CHECK, &texts, |call| succeeded(call, json!({"id": "5"})));
        let sound: Vec<_> = sound.into_iter().map(|(_, finding)| finding).collect();
        assert!(shows_nothing(&sound), "{sound:?}");
    }

    #[test]
    fn a_tool_without_an_output_schema_shows_nothing() {
        let found = found_with_outputs(&CHECK, &Value::Null, |_, call| (succeeded(call, json!({})), 1));
        assert!(shows_nothing(&found), "{found:?}");
    }
}
