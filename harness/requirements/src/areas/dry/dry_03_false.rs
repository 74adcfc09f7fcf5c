//! DRY-03: `dry_run: false` acts as if it were left out.

use hubproof_model::call::ExecuteBody;
use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Dry, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Request body",
    title: "`dry_run: false` is as good as left out",
    statement: "A hub MUST treat `dry_run: false` as if it were left out.",
    rationale: "A client that writes out its defaults is told that its call succeeded, and nothing was done.",
    method: "Executes a call without `dry_run` as control, and an equal one with `dry_run: false`, and counts the effects: on up to three \
             tools of different domains.",
    mend: "Read `dry_run` as a boolean with the default false, and ask whether it is true, not whether it is there.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Dry03;
pub(crate) const CHECK: Dry03 = Dry03;

impl Check for Dry03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(site.few_counting_scenes("DRY-03")?.iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>) -> Case {
    let not_dry = |body| ExecuteBody {
        dry_run: Some(false),
        ..body
    };
    let steps = vec![
        Step::call(scene.call("control", |body| body)),
        scene.shows("after the control", 1),
        Step::call(scene.call("false", not_dry)),
        scene.shows("after both", 2),
    ];
    let id = format!("DRY-03/{}", scene.tool.key);
    scene.case(id, "a call without `dry_run`, and one with `dry_run: false`", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let (control, before) = seen.acted("control", "after the control")?;
    let call = seen.executed("false", "`dry_run: false` is refused")?;
    if seen.effects("after both")? > before {
        return Ok(Finding::Held);
    }
    Ok(Finding::Violated(Violation {
        observed: "success, and no effect".to_owned(),
        exchanges: [vec![control.number, call.number], seen.numbers("after both")].concat(),
        ..violated(
            call,
            "`dry_run: false` is taken for a dry run",
            "an effect, as without it",
        )
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    fn judge_false(answer: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        judge(|_, call| (call.json()?.get("dry_run")? == false).then(|| answer(call)))
    }

    #[test]
    fn an_effect_holds() {
        assert!(all_held(&judge(|_, _| None)));
    }

    #[test]
    fn a_dry_run_and_a_refusal_are_violations() {
        let dry = judge_false(|call| succeeded(call.clone(), 1.into()));
        assert_eq!(violations(&dry), ["`dry_run: false` is taken for a dry run"; 2]);
        let refused = judge_false(|call| failed(call.clone(), 400, "INVALID_INPUT"));
        assert_eq!(violations(&refused), ["`dry_run: false` is refused"; 2]);
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            assert!(shows_nothing(&judge_false(|call| failed(call.clone(), status, code))));
            let control = judge(|_, call| (call.label == "control").then(|| failed(call.clone(), status, code)));
            assert!(shows_nothing(&control), "{code}");
        }
        let unseen = judge(|_, call| {
            call.tool()?
                .ends_with(".create")
                .then(|| succeeded(call.clone(), 1.into()))
        });
        assert!(shows_nothing(&unseen));
    }
}
