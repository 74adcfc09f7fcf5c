//! EXE-16: a read tool's execute has no effect.

use std::collections::BTreeSet;

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::case::{Case, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 16),
    level: Level::Must,
    basis: Basis::Docs,
    source: "Core Concepts",
    title: "a read tool's execute has no effect",
    statement: "A hub MUST have no effect on a `read` tool's execute.",
    rationale: "Read tools are called freely, by agents without approval: one that changes something changes it behind everybody's back.",
    method: "Makes a record of the run's own, reads it, calls the read tools of its resource, listings and searches that find it, and reads it \
             again: it must be the same.",
    mend: "Let a tool that is declared `read` do nothing but read: no last-seen stamps, no marking as read. If it must change \
           something, declare it `write`.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

const READ: &str = "read: ";
const AFTER: &str = "after the reads";

pub(crate) struct Exe16;
pub(crate) const CHECK: Exe16 = Exe16;

impl Check for Exe16 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut seen = BTreeSet::new();
        let scenes = site.scenes("EXE-16")?;
        let own = scenes
            .iter()
            .filter(|scene| scene.has_own_record() && seen.insert(resource(scene)));
        let cases: Vec<_> = own.map(|scene| case(scene, site)).collect();
        match cases.is_empty() {
            true => Err(Unexercised::Missing(vec![Need::Effect])),
            false => Ok(cases),
        }
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

/// Domain and resource of the scene's tool.
fn resource<'s>(scene: &Scene<'s>) -> &'s str {
    scene.tool.key.rsplit_once('.').map_or("", |(resource, _)| resource)
}

fn case(scene: &Scene<'_>, site: &Site<'_>) -> Case {
    let mut steps = scene.set_up();
    // The same read once more: it may be the one that changes something.
    steps.push(Step::call(scene.read().labelled(format!("{READ}the record"))));
    steps.extend(scene.reads_that_find(site).into_iter().map(|call| {
        let label = format!("{READ}{}, finding it", call.tool().unwrap_or_default());
        Step::call(call.labelled(label))
    }));
    let others = site.tools().filter(|tool| {
        !tool.risk().is_state_changing() && tool.key.rsplit_once('.').is_some_and(|(own, _)| own == resource(scene))
    });
    steps.extend(others.filter_map(|tool| {
        let call = Call::execute(tool, ExecuteBody::new(site.good_input(tool)?));
        Some(Step::call(call.labelled(format!("{READ}{}", tool.key))))
    }));
    steps.push(scene.shows_no_more(AFTER, 0));
    let id = format!("EXE-16/{}", resource(scene));
    scene.case(id, "a record of the run's own, before and after it is read", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let made = seen.succeeded("object")?;
    let reads: Vec<_> = evidence
        .exchanges
        .iter()
        .filter(|exchange| exchange.call.label.starts_with(READ) && Outcome::of(exchange) == Outcome::Success)
        .collect();
    let Some(last) = reads.last() else {
        return Err(Finding::Inconclusive("no read succeeded".to_owned()));
    };
    // What a read counts in the record is an effect, too.
    if !seen.is_other(AFTER)? {
        return Ok(Finding::Held);
    }
    let numbers = reads.iter().map(|exchange| exchange.number);
    Ok(Finding::Violated(Violation {
        observed: "the record differs after it was read".to_owned(),
        exchanges: [made.number]
            .into_iter()
            .chain(seen.numbers("before"))
            .chain(numbers)
            .chain(seen.numbers(AFTER))
            .collect(),
        ..violated(last, "reading a record changed it", "the record as it was")
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::acting_hub::{acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, violations};

    #[test]
    fn reads_without_effect_hold() {
        let found = found_acting(&acting_hub(), &CHECK, |_, _| None);
        assert!(all_held(&found), "{found:?}");
    }

    #[test]
    fn a_read_that_changes_what_it_reads_is_a_violation() {
        for reader in ["itsm.tickets.get", "itsm.tickets.list"] {
            let reads = std::cell::Cell::new(0);
            let found = found_acting(&acting_hub(), &CHECK, |world, call| {
                if call.tool() == Some(reader) {
                    reads.set(reads.get() + 1);
                }
                // What a read counts shows in the record from then on.
                let is_shown = call.tool() == Some("itsm.tickets.get") && reads.get() > 0;
                is_shown.then(|| {
                    let answer = world.answer(call);
                    let mut body = answer.json().cloned().unwrap_or_default();
                    body["data"]["views"] = json!(reads.get());
                    crate::exchanges::answered(call.clone(), 200, body)
                })
            });
            assert_eq!(violations(&found), ["reading a record changed it"], "{reader}");
        }
    }

    #[test]
    fn a_record_that_cannot_be_made_or_read_shows_nothing() {
        let found = found_acting(&acting_hub(), &CHECK, |_, call| {
            Some(failed(call.clone(), 502, "UPSTREAM_ERROR"))
        });
        assert!(shows_nothing(&found));
    }
}
