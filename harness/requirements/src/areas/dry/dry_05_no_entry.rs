//! DRY-05: a dry run of a gated tool makes no approval entry.

use hubproof_model::approval::Driver;
use hubproof_model::case::{ApprovalVerdict, Case, Decide, Done, EntryCount, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{findings, observed, refused_control, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Dry, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Request body; Approval workflow",
    title: "a dry run of a gated tool makes no entry",
    statement: "A hub MUST make no approval entry for a dry run of a gated tool (answering success or APPROVAL_REQUIRED).",
    rationale: "An approver who is asked about what nobody wants to do approves it, or no longer looks.",
    method: "Sends dry runs of each gated tool, with an idempotency key and without, counts their entries in Approvals and looks for an \
             effect; then sends the call itself as control, whose entry must be found, and rejects it.",
    mend: "Branch off for dry runs before an approval entry is made, and answer success or APPROVAL_REQUIRED.",
    needs: &[
        Need::Allow(Allow::Write),
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Effect,
    ],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// The label of each dry run, and that of the count of its entries.
const DRY_RUNS: [(&str, &str); 2] = [
    ("dry run with a key", "entries of the one with a key"),
    ("dry run without a key", "entries of the one without a key"),
];
const AFTER_DRY_RUNS: &str = "after the dry runs";
const CONTROL: &str = "control";
const ENTRIES_OF_CONTROL: &str = "entries of the control";

pub(crate) struct Dry05;
pub(crate) const CHECK: Dry05 = Dry05;

impl Check for Dry05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(site
            .gated_scenes("DRY-05")?
            .iter()
            .map(|scene| case(scene, site))
            .collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn case(scene: &Scene<'_>, site: &Site<'_>) -> Case {
    let id = format!("DRY-05/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let own_key = site.idempotency_key(&format!("{id}/control"));
    let count = |label: &str, of: &str, expected| {
        Step::CountEntries(EntryCount {
            label: label.to_owned(),
            of: of.to_owned(),
            expected,
            least: 0,
        })
    };
    let [(keyed, entries_of_keyed), (keyless, entries_of_keyless)] = DRY_RUNS;
    let mut steps = scene.set_up();
    steps.extend([
        Step::call(scene.call(keyed, |body| body.keyed(key).dry())),
        Step::call(scene.call(keyless, |body| body.dry())),
        scene.shows_no_more(AFTER_DRY_RUNS, 0),
        count(entries_of_keyed, keyed, 0),
        count(entries_of_keyless, keyless, 0),
    ]);
    // A person is not asked about what only shows that a count would have found it.
    if site
        .profile
        .approvals
        .driver
        .as_ref()
        .is_some_and(Driver::lists_entries)
    {
        steps.extend([
            Step::call(scene.call(CONTROL, |body| body.keyed(own_key))),
            count(ENTRIES_OF_CONTROL, CONTROL, 1),
            Step::Decide(Decide {
                label: "rejection of the control".to_owned(),
                verdict: ApprovalVerdict::Reject,
                of: CONTROL.to_owned(),
            }),
        ]);
    }
    scene.case(id, "dry runs of a gated tool, and then the call itself", steps)
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let [keyed, keyless] = DRY_RUNS.map(|(label, _)| seen.told(label));
    let dry_runs = [keyed?, keyless?];
    let numbers = || dry_runs.iter().map(|dry_run| dry_run.number).collect::<Vec<_>>();
    if seen.effects(AFTER_DRY_RUNS)? > 0 {
        return Ok(Finding::Violated(Violation {
            exchanges: [numbers(), seen.numbers(AFTER_DRY_RUNS)].concat(),
            ..violated(dry_runs[0], "a dry run of a gated tool has an effect", "no effect")
        }));
    }
    let mut found = Vec::new();
    for ((_, entries), dry_run) in DRY_RUNS.iter().zip(dry_runs) {
        // What is found needs no control.
        if let Done::Entries(1..) = evidence.done(entries)? {
            let summary = "a dry run of a gated tool makes an approval entry";
            return Ok(Finding::Violated(violated(dry_run, summary, "no entry")));
        }
        found.extend(rehearsed(dry_run).err());
    }
    let control = seen.told(CONTROL)?;
    if !Outcome::of(control).is(&ErrorCode::ApprovalRequired) {
        return Err(not_gated(evidence, control));
    }
    // What one dry run shows is not undone by the trouble of the other.
    found.sort_by_key(|finding| !matches!(finding, Finding::Violated(_)));
    if let Some(finding) = found.into_iter().next() {
        return Err(finding);
    }
    match evidence.done(ENTRIES_OF_CONTROL)? {
        Done::Entries(1..) => Ok(Finding::Held),
        _ => {
            let why =
                "no entry was found for the call itself either: its absence says nothing of the dry runs".to_owned();
            Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
        }
    }
}

/// Whether the answer of a dry run whose call waits for approval is one that it may get.
///
/// # Errors
/// A violation where it is not; that it says nothing of the hub, where the vendor failed: a hub may look there in a dry run.
fn rehearsed(dry_run: &Exchange) -> Result<(), Finding> {
    match Outcome::of(dry_run) {
        Outcome::Success | Outcome::Error(ErrorCode::ApprovalRequired) => Ok(()),
        Outcome::Error(ErrorCode::UpstreamError) => Err(without_success(dry_run)),
        _ => {
            let summary = "a dry run of a gated tool is answered with neither success nor APPROVAL_REQUIRED";
            let violation = violated(dry_run, summary, "success or APPROVAL_REQUIRED");
            Err(Finding::Violated(violation))
        }
    }
}

/// What a control that does not wait for approval comes to.
fn not_gated(evidence: &Evidence<'_>, control: &Exchange) -> Finding {
    match Outcome::of(control) {
        Outcome::Success | Outcome::Error(ErrorCode::UpstreamError) => {
            let why = format!("the call itself does not wait for approval: {}", observed(control));
            Finding::NotExercised(Unexercised::NotApplicable(why))
        }
        _ => refused_control(evidence, control),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::approval::ManualDriver;
    use hubproof_model::call::Call;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    #[test]
    fn success_or_approval_required_without_an_entry_holds() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 1, "{found:?}");
        let asked = judge(|_, call| {
            call.is_dry_run()
                .then(|| failed(call.clone(), 403, "APPROVAL_REQUIRED"))
        });
        assert!(all_held(&asked));
    }

    #[test]
    fn an_entry_is_a_violation_whatever_the_answer_and_the_key() {
        for (label, _) in DRY_RUNS {
            let found = judge(|world, call| {
                (call.label == label).then(|| {
                    world.enter(call);
                    succeeded(call.clone(), 1.into())
                })
            });
            assert_eq!(
                violations(&found),
                ["a dry run of a gated tool makes an approval entry"]
            );
        }
    }

    #[test]
    fn an_effect_and_another_refusal_are_violations() {
        let executed = judge(|world, call| call.is_dry_run().then(|| world.act(call)));
        assert_eq!(violations(&executed), ["a dry run of a gated tool has an effect"]);
        let refused = judge(|_, call| call.is_dry_run().then(|| failed(call.clone(), 400, "INVALID_INPUT")));
        assert_eq!(
            violations(&refused),
            ["a dry run of a gated tool is answered with neither success nor APPROVAL_REQUIRED"]
        );
    }

    #[test]
    fn a_vendor_that_fails_in_a_dry_run_shows_nothing_and_hides_nothing() {
        for (label, _) in DRY_RUNS {
            let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), 502, "UPSTREAM_ERROR")));
            assert!(shows_nothing(&found), "{label}: {found:?}");
        }
        let refused = judge(|_, call| match call.label.as_str() {
            label if label == DRY_RUNS[0].0 => Some(failed(call.clone(), 502, "UPSTREAM_ERROR")),
            label if label == DRY_RUNS[1].0 => Some(failed(call.clone(), 400, "INVALID_INPUT")),
            _ => None,
        });
        assert_eq!(violations(&refused).len(), 1);
    }

    #[test]
    fn a_call_that_leaves_no_entry_itself_or_does_not_wait_shows_nothing() {
        let no_entry = judge(|_, call| (call.label == CONTROL).then(|| failed(call.clone(), 403, "APPROVAL_REQUIRED")));
        assert!(shows_nothing(&no_entry));
        let ungated = judge(|world, call| (call.label == CONTROL).then(|| world.act(call)));
        assert!(shows_nothing(&ungated));
        for label in [DRY_RUNS[0].0, DRY_RUNS[1].0, CONTROL] {
            let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), 429, "RATE_LIMITED")));
            assert!(shows_nothing(&found), "{label}");
        }
    }

    #[test]
    fn a_person_is_not_asked() {
        let mut hub = acting_hub();
        hub.profile.approvals.driver = Some(Driver::Manual(ManualDriver {
            place: "the hub's page".to_owned(),
        }));
        let cases = hub.plan(&CHECK).unwrap();
        assert!(!cases[0].steps.iter().any(|step| matches!(step, Step::Decide(_))));
    }
}
