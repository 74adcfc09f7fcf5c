//! EXE-14: a wrong method is 405, and `Allow` names the right one.

use hubproof_model::call::{Call, Endpoint, Intent, encode_segment};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::{Value, json};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, findings, is_throttled, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 14),
    level: Level::Should,
    basis: Basis::Http,
    source: "RFC 9110 §15.5.6 and §10.2.1",
    title: "a wrong method is 405 with Allow",
    statement: "A hub SHOULD answer a wrong method with 405 and `Allow`.",
    rationale: "A client that uses the wrong method learns from it what the right one is; a 404 sends it looking for another address.",
    method: "Sends GET to a read tool's execute and, from level probe on, PATCH without a body to the listing and a definition: a method \
             that cannot be mistaken for one that creates or deletes. The right methods are the controls.",
    mend: "Register a route's methods together, so that the framework answers others with 405 and an `Allow` that names the right \
           one.",
    needs: &[],
    reach: Allow::Probe,
    since: "0.1.0",
};

pub(crate) struct Exe14;
pub(crate) const CHECK: Exe14 = Exe14;

impl Check for Exe14 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let (tool, control) = site.read_control()?;
        let execute = format!("/tools/{}/execute", encode_segment(&tool.key));
        let mut faces = vec![("execute", "POST", control, Call::get(Endpoint::Outside, execute))];
        if site.allow >= Allow::Probe {
            for (face, control) in [
                ("listing", Call::listing(None)),
                ("definition", Call::definition(&tool.key)),
            ] {
                let mut probe = Call::get(Endpoint::Outside, control.path.0.clone()).with_intent(Intent::Refused);
                probe.method = "PATCH".to_owned();
                faces.push((face, "GET", control, probe));
            }
        }
        let case = |(face, right, control, probe): (&str, &str, Call, Call)| {
            let title = format!("{} to the {face}", probe.method);
            Case::new(
                format!("EXE-14/{face}"),
                title,
                vec![control.labelled("control"), probe],
            )
            .with_facts(json!({"face": face, "right": right}))
        };
        Ok(faces.into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = accepted_control(evidence).and_then(|_| evidence.answered("probe"));
        findings(judged.and_then(|probe| judge_answer(probe, evidence)))
    }
}

fn judge_answer(probe: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    if is_throttled(probe) {
        return Err(Finding::Inconclusive("the probe call was throttled".to_owned()));
    }
    let fact = |name: &str| {
        evidence
            .case
            .and_then(|case| case.facts.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (face, right, wrong) = (fact("face"), fact("right"), &probe.call.method);
    let Some(response) = probe.response() else {
        return Err(Finding::Inconclusive("the probe call has no answer".to_owned()));
    };
    let allowed: Vec<_> = response
        .header_values("allow")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let summary = if response.status != 405 {
        format!("{wrong} to the {face} is not answered with 405")
    } else if allowed.is_empty() {
        format!("the 405 to {wrong} on the {face} has no `Allow`")
    } else if !allowed.contains(&right) {
        format!("the `Allow` of the {face} does not name {right}")
    } else {
        return Ok(Finding::Held);
    };
    let mut violation = violated(probe, summary, format!("405 with `Allow: {right}`"));
    if response.status == 405 {
        violation.observed = format!("HTTP 405, Allow: {}", allowed.join(", "));
    }
    Ok(Finding::Violated(violation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, violations, with_bytes};

    fn judge(allow: Allow, status: u16, of_post: &[(&str, &str)]) -> Vec<Finding> {
        Hub::small()
            .allowing(allow)
            .found(&CHECK, |call| match (call.label.as_str(), call.method.as_str()) {
                ("control", "POST") => succeeded(call.clone(), json!({})),
                ("control", _) => answered(call.clone(), 200, json!({})),
                (_, "GET") => with_bytes(call.clone(), status, of_post, b""),
                _ => with_bytes(call.clone(), 405, &[("allow", "GET, HEAD")], b""),
            })
    }

    #[test]
    fn a_405_that_allows_the_right_method_holds() {
        assert!(all_held(&judge(
            Allow::Probe,
            405,
            &[("allow", "OPTIONS"), ("allow", "POST")]
        )));
    }

    #[test]
    fn another_status_or_a_missing_or_wrong_allow_is_a_violation() {
        assert_eq!(
            violations(&judge(Allow::Probe, 404, &[])),
            ["GET to the execute is not answered with 405"]
        );
        assert_eq!(
            violations(&judge(Allow::Probe, 405, &[])),
            ["the 405 to GET on the execute has no `Allow`"]
        );
        assert_eq!(
            violations(&judge(Allow::Probe, 405, &[("allow", "GET")])),
            ["the `Allow` of the execute does not name POST"]
        );
    }

    #[test]
    fn a_run_that_only_reads_sends_only_safe_methods() {
        let cases = Hub::small().allowing(Allow::Read).plan(&CHECK).unwrap();
        let probes: Vec<_> = cases.iter().map(|case| case.calls()[1].method.as_str()).collect();
        assert_eq!(probes, ["GET"]);
    }

    #[test]
    fn a_failed_control_shows_nothing() {
        assert!(shows_nothing(&Hub::small().found(&CHECK, |call| failed(
            call.clone(),
            403,
            "FORBIDDEN"
        ))));
    }
}
