//! The exit code of a run: a pure function of what came of it and of what gates.

use hubproof_model::requirement::RequirementId;

/// How `hubproof run` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All exercised gating requirements hold, but for known failures.
    Proved,
    /// A gating requirement is violated, and not known to be.
    Violated,
    /// Bad flag, profile or pattern; nothing was probed.
    Usage,
    /// The target is unusable, a gating requirement is inconclusive, or the time limit left cases unsent.
    Inconclusive,
    /// The harness itself failed.
    HarnessFault,
    /// Nothing was exercised, or not what `--require` names.
    NotExercised,
    /// The baseline has an entry that must be deleted or mended.
    BaselineStale,
    /// The address at which a vendor is to be played cannot be listened on.
    AddressUnusable,
    /// The connector is none of the hub's, or of none of the profile's connections.
    UnknownConnector,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// Every exit, in the order of their codes.
    pub const ALL: [Exit; 10] = [
        Exit::Proved,
        Exit::Violated,
        Exit::Usage,
        Exit::Inconclusive,
        Exit::HarnessFault,
        Exit::NotExercised,
        Exit::BaselineStale,
        Exit::AddressUnusable,
        Exit::UnknownConnector,
        Exit::Interrupted,
    ];

    /// What it means of a run, for documents.
    pub const fn about(self) -> &'static str {
        match self {
            Exit::Proved => "every exercised gating requirement holds, but for known failures",
            Exit::Violated => {
                "a gating requirement is violated (a MUST; with `--fail-on should` a SHOULD too) in a way that is not known"
            }
            Exit::Usage => "a wrong flag, a mistake in the profile or the baseline, a pattern that selects nothing",
            Exit::Inconclusive => "the target cannot be tested, or a gating requirement is inconclusive",
            Exit::HarnessFault => "the harness itself is at fault",
            Exit::NotExercised => "nothing was exercised, or not what `--require` names",
            Exit::BaselineStale => "the baseline is stale: a known failure holds again, matches nothing, or is expired",
            Exit::AddressUnusable => {
                "the address of a vendor that is to be played (`[upstream]`) is in use, or cannot be listened on"
            }
            Exit::UnknownConnector => {
                "`--connector` names one that the hub does not have, or of which the profile names no connection"
            }
            Exit::Interrupted => "Ctrl-C or SIGTERM; the reports are written all the same",
        }
    }

    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Proved => 0,
            Exit::Violated => 1,
            Exit::Usage => 2,
            Exit::Inconclusive => 3,
            Exit::HarnessFault => 4,
            Exit::NotExercised => 5,
            Exit::BaselineStale => 6,
            // 7 is a certificate that is refused.
            Exit::AddressUnusable => 8,
            Exit::UnknownConnector => 9,
            Exit::Interrupted => 130,
        }
    }

    /// The exit of a run, or of several that share a plan: the first that applies of harness fault, violated, inconclusive, baseline
    /// stale, not exercised, proved. An interrupted run says so whatever else it found. A part of a run says nothing of what was to be exercised,
    /// nor of a baseline: the other parts may have shown it.
    pub fn decide(outcome: &Outcome<'_>) -> Self {
        let Outcome { judged, required, .. } = outcome;
        let any_gating = |is_so: fn(&Judged) -> bool| judged.iter().any(|own| own.gates && is_so(own));
        let is_exercised = |id: &RequirementId| judged.iter().any(|own| own.id == *id && own.is_exercised);
        match outcome.end {
            Ended::ByTheHarness => Exit::HarnessFault,
            Ended::ByAPerson => Exit::Interrupted,
            _ if any_gating(|own| own.is_broken) => Exit::Violated,
            Ended::Early => Exit::Inconclusive,
            Ended::Whole if any_gating(|own| own.is_undecided) => Exit::Inconclusive,
            Ended::Whole if outcome.is_part => Exit::Proved,
            Ended::Whole if outcome.is_stale => Exit::BaselineStale,
            Ended::Whole if !judged.iter().any(|own| own.is_exercised) => Exit::NotExercised,
            Ended::Whole if !required.iter().all(is_exercised) => Exit::NotExercised,
            Ended::Whole => Exit::Proved,
        }
    }
}

/// What decides an exit.
#[derive(Debug)]
pub struct Outcome<'r> {
    /// How it ended.
    pub end: Ended,
    /// What came of each requirement.
    pub judged: Vec<Judged>,
    /// Whether an entry of the baseline must be deleted or mended.
    pub is_stale: bool,
    /// Whether it is a part of a run: a shard.
    pub is_part: bool,
    /// What must have been exercised.
    pub required: &'r [RequirementId],
}

/// How a run ended, as far as it decides the exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything planned was sent and judged.
    Whole,
    /// The target or the time limit ended it.
    Early,
    /// A person stopped it.
    ByAPerson,
    /// The harness failed.
    ByTheHarness,
}

/// What came of a requirement, as far as it decides the exit.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    /// The requirement.
    pub id: RequirementId,
    /// Whether the run fails where it is violated.
    pub gates: bool,
    /// Whether there is a verdict.
    pub is_exercised: bool,
    /// Whether it is violated in a way that no baseline excuses.
    pub is_broken: bool,
    /// Whether it is inconclusive, or would be if what the baseline excuses were mended.
    pub is_undecided: bool,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::gate::FailOn;
    use hubproof_model::judgment::Verdict;
    use hubproof_model::record::{RequirementResult, RunEnd, RunRecord};
    use hubproof_model::requirement::{Area, Level};

    use super::*;
    use crate::canned::{record, result, stale_baseline};

    /// The exit of a record.
    fn of(record: &RunRecord, fail_on: FailOn, required: &[RequirementId]) -> Exit {
        let end = match &record.end {
            RunEnd::HarnessFault(_) => Ended::ByTheHarness,
            RunEnd::Interrupted(_) => Ended::ByAPerson,
            RunEnd::TargetUnusable(_) | RunEnd::TimeLimit(_) => Ended::Early,
            RunEnd::Complete => Ended::Whole,
        };
        let judged = |result: &RequirementResult| Judged {
            id: result.id,
            gates: fail_on.gates(result.level),
            is_exercised: result.verdict.is_exercised(),
            is_broken: result.is_broken(),
            is_undecided: result.is_undecided(),
        };
        Exit::decide(&Outcome {
            end,
            judged: record.results.iter().map(judged).collect(),
            is_stale: record
                .baseline
                .as_ref()
                .is_some_and(|baseline| baseline.stale().next().is_some()),
            is_part: record.shard.is_some(),
            required,
        })
    }

    fn exit(end: RunEnd, results: Vec<RequirementResult>) -> Exit {
        of(&record(end, results), FailOn::Must, &[])
    }

    fn known(number: u8) -> RequirementResult {
        RequirementResult {
            violation_count: 3,
            known_count: 3,
            ..result(number, Level::Must, Verdict::Violated)
        }
    }

    #[test]
    fn every_exit_has_a_code_of_its_own_in_order() {
        let codes = Exit::ALL.map(Exit::code);
        assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    }

    #[test]
    fn a_known_failure_does_not_gate_and_one_more_violation_does() {
        let mut failing = known(1);
        assert_eq!(exit(RunEnd::Complete, vec![failing.clone()]), Exit::Proved);
        failing.violation_count += 1;
        assert_eq!(exit(RunEnd::Complete, vec![failing]), Exit::Violated);
    }

    #[test]
    fn a_known_failure_hides_no_case_without_a_verdict() {
        let mut failing = known(1);
        failing.undecided = Some("no answer".to_owned());
        assert_eq!(exit(RunEnd::Complete, vec![failing.clone()]), Exit::Inconclusive);
        failing.level = Level::Should;
        assert_eq!(exit(RunEnd::Complete, vec![failing]), Exit::Proved);
    }

    #[test]
    fn a_stale_baseline_gives_way_to_violated_and_inconclusive_alone() {
        let stale = |results, required: &[RequirementId]| {
            let mut record = record(RunEnd::Complete, results);
            record.baseline = Some(stale_baseline());
            of(&record, FailOn::Must, required)
        };
        let of = |verdict| vec![result(1, Level::Must, verdict)];
        assert_eq!(stale(of(Verdict::Violated), &[]), Exit::Violated);
        assert_eq!(stale(of(Verdict::Inconclusive), &[]), Exit::Inconclusive);
        assert_eq!(stale(of(Verdict::Held), &[]), Exit::BaselineStale);
        assert_eq!(stale(vec![known(1)], &[]), Exit::BaselineStale);
        let missing = RequirementId::new(Area::Exe, 9);
        assert_eq!(stale(of(Verdict::Held), &[missing]), Exit::BaselineStale);
        assert_eq!(stale(of(Verdict::NotExercised), &[]), Exit::BaselineStale);
    }

    #[test]
    fn a_violated_must_wins_over_an_inconclusive_one() {
        let results = vec![
            result(1, Level::Must, Verdict::Inconclusive),
            result(2, Level::Must, Verdict::Violated),
        ];
        assert_eq!(exit(RunEnd::Complete, results), Exit::Violated);
    }

    #[test]
    fn a_violated_should_gates_only_when_told() {
        let results = vec![
            result(1, Level::Must, Verdict::Held),
            result(2, Level::Should, Verdict::Violated),
        ];
        assert_eq!(exit(RunEnd::Complete, results.clone()), Exit::Proved);
        assert_eq!(
            of(&record(RunEnd::Complete, results), FailOn::Should, &[]),
            Exit::Violated
        );
    }

    #[test]
    fn nothing_exercised_is_never_green() {
        assert_eq!(
            exit(RunEnd::Complete, vec![result(1, Level::Must, Verdict::NotExercised)]),
            Exit::NotExercised
        );
        assert_eq!(exit(RunEnd::Complete, Vec::new()), Exit::NotExercised);
    }

    #[test]
    fn what_is_required_must_have_been_exercised() {
        let record = record(
            RunEnd::Complete,
            vec![
                result(1, Level::Must, Verdict::Held),
                result(2, Level::Must, Verdict::NotExercised),
            ],
        );
        let id = |number| RequirementId::new(Area::Exe, number);
        assert_eq!(of(&record, FailOn::Must, &[id(1)]), Exit::Proved);
        assert_eq!(of(&record, FailOn::Must, &[id(2)]), Exit::NotExercised);
        assert_eq!(of(&record, FailOn::Must, &[id(3)]), Exit::NotExercised);
    }

    #[test]
    fn a_shard_does_not_fail_for_what_another_may_have_shown() {
        let mut part = record(RunEnd::Complete, vec![result(1, Level::Must, Verdict::NotExercised)]);
        part.shard = hubproof_model::shard::Shard::new(2, 3).ok();
        part.baseline = Some(stale_baseline());
        let missing = [RequirementId::new(Area::Exe, 1)];
        assert_eq!(of(&part, FailOn::Must, &missing), Exit::Proved);
        part.results = vec![result(1, Level::Must, Verdict::Violated)];
        assert_eq!(of(&part, FailOn::Must, &[]), Exit::Violated);
    }

    #[test]
    fn an_early_end_is_never_green() {
        let held = || vec![result(1, Level::Must, Verdict::Held)];
        assert_eq!(exit(RunEnd::TargetUnusable(String::new()), held()), Exit::Inconclusive);
        assert_eq!(exit(RunEnd::TimeLimit(Duration::ZERO), held()), Exit::Inconclusive);
        assert_eq!(exit(RunEnd::HarnessFault(String::new()), held()), Exit::HarnessFault);
        assert_eq!(exit(RunEnd::Interrupted(String::new()), held()), Exit::Interrupted);
    }
}
