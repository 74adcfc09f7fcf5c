//! APR-03: an approved call executes once.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::gated;
use crate::gated::evidence::{acted, labelled};
use crate::judging::{findings, is_throttled, observed, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Apr, 3),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Approval workflow",
    title: "an approved call executes once, however often it is replayed",
    statement: "A hub MUST execute the replay with the original key once approved: one effect, however often and \
                however concurrently it is replayed.",
    rationale: "A person approved one refund. Two are a loss, and none is a workflow that does not work.",
    method: "Has a call of each gated tool approved, replays it under its key, looks at its effect, and replays \
             it twice more; has the calls of a few tools approved that come 2 and 8 at once, perhaps twice over, and \
             replays them as many at once. A replay that is not executed, that is answered otherwise later, or an \
             effect more is a violation.",
    needs: &[Need::GatedTool, Need::ApprovalDriver, Need::Allow(Allow::Write)],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Apr03;
pub(crate) const CHECK: Apr03 = Apr03;

impl Check for Apr03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        gated::asked_in_every_way(site)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    evidence.done("approval")?;
    if seen.effects("while waiting")? > 0 {
        let why = "the call had acted before it was approved".to_owned();
        return Err(Finding::Inconclusive(why));
    }
    let replay = evidence.answered("replay")?;
    executed(replay, "the replay of an approved call is not executed")?;
    // Those that came at once may be told that the call is on its way; who is told of a success is told of the same.
    let later = ["second replay", "third replay"]
        .into_iter()
        .flat_map(|label| labelled(evidence, label));
    for later in later {
        executed(
            later,
            "a later replay of an approved call is not answered with its success",
        )?;
    }
    for other in labelled(evidence, "replay/")
        .into_iter()
        .chain(labelled(evidence, "second replay"))
    {
        if Outcome::of(other) == Outcome::Success && data(other) != data(replay) {
            return Ok(Finding::Violated(Violation {
                exchanges: vec![other.number, replay.number],
                ..violated(
                    replay,
                    "replays of an approved call are answered with other data",
                    "the same data",
                )
            }));
        }
    }
    let effects = seen.effects("after the replays")?;
    if seen.counts() && effects > 1 {
        let summary = "an approved call acts more than once";
        return Ok(acted(&seen, evidence, "after the replays", summary, (1, effects)));
    }
    seen.acted("replay", "after the replay").map(|_| Finding::Held)
}

/// That a replay of the approved call was answered with a success.
fn executed(replay: &Exchange, summary: &str) -> Result<(), Finding> {
    match Outcome::of(replay) {
        Outcome::Success => Ok(()),
        Outcome::Error(ErrorCode::UpstreamError) => Err(without_success(replay)),
        _ if is_throttled(replay) => Err(Finding::Inconclusive(format!(
            "the replay was throttled: {}",
            observed(replay)
        ))),
        _ => Err(Finding::Violated(violated(replay, summary, "the success of the call"))),
    }
}

fn data(exchange: &Exchange) -> &Value {
    exchange
        .json()
        .and_then(|body| body.get("data"))
        .unwrap_or(&Value::Null)
}
