//! EXE-12: a call acts behind the connection that it names.

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
    id: RequirementId::new(Area::Exe, 12),
    level: Level::Must,
    basis: Basis::Docs,
    source: "Connections Guide",
    title: "a call acts behind the connection that it names",
    statement: "A hub MUST route to the connection named: the effect shows there and not on another (where the two lead to different \
                vendor accounts).",
    rationale: "A ticket that is opened in another customer's or another country's system is not found by those who should work on it.",
    method: "Executes a tool that makes a record on each of two connections of a domain that the profile names as explicit ones, and looks \
             for the record on both.",
    needs: &[Need::Allow(Allow::Write), Need::ExplicitConnection],
    reach: Allow::Admin,
    since: "0.1.0",
};

const THERE: &str = "on the connection named";
const ELSEWHERE: &str = "on another connection";

pub(crate) struct Exe12;
pub(crate) const CHECK: Exe12 = Exe12;

impl Check for Exe12 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = Vec::new();
        for (domain, connections) in &site.profile.connections.explicit {
            let [one, other, ..] = connections.as_slice() else {
                continue;
            };
            for (at, (named, another)) in [(one, other), (other, one)].into_iter().enumerate() {
                let scenes = site.counting_scenes(&format!("EXE-12/{at}"))?;
                let scene = scenes.iter().find(|scene| scene.tool.domain == *domain);
                cases.extend(scene.map(|scene| case(scene, named, another)));
            }
        }
        match cases.is_empty() {
            true => Err(Unexercised::NotApplicable(
                "no domain has two connections in [connections.explicit] and a tool that makes records which show"
                    .to_owned(),
            )),
            false => Ok(cases),
        }
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, named: &str, another: &str) -> Case {
    let mut steps = scene.set_up();
    steps.push(Step::call(scene.call("write", |body| body.on(named))));
    steps.push(scene.clone().read_on(named).shows(THERE, 1));
    steps.push(scene.clone().read_on(another).shows_no_more(ELSEWHERE, 0));
    let id = format!("EXE-12/{}/{named}", scene.tool.key);
    scene.case(id, "a write on one of two connections", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let write = seen.succeeded("write")?;
    let (there, elsewhere) = (seen.effects(THERE)?, seen.effects(ELSEWHERE)?);
    let (summary, shows) = match (there, elsewhere) {
        (0, 0) => return Err(seen.acted("write", THERE).err().unwrap_or(Finding::Held)),
        (_, 0) => return Ok(Finding::Held),
        (0, _) => ("a write shows on another connection than the one it named", ELSEWHERE),
        // Two names of one account would show this too: the profile names connections of different accounts.
        (_, _) => ("a write shows on another connection too", ELSEWHERE),
    };
    Ok(Finding::Violated(Violation {
        observed: format!("{there} on the connection named, {elsewhere} on another of another vendor account"),
        exchanges: [write.number]
            .into_iter()
            .chain(seen.numbers(THERE))
            .chain(seen.numbers(shows))
            .collect(),
        ..violated(write, summary, "the effect behind the connection named alone")
    }))
}
