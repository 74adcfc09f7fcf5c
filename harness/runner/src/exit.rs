//! The exit code of a run: a pure function of its record and of what gates.

use hubproof_model::baseline::JudgedBaseline;
use hubproof_model::gate::FailOn;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord};
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
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
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
            Exit::Interrupted => 130,
        }
    }

    /// The exit of a run: the first that applies of harness fault, violated, inconclusive, baseline stale, not exercised, proved.
    /// An interrupted run says so whatever else it found.
    pub fn of(record: &RunRecord, fail_on: FailOn, required: &[RequirementId]) -> Self {
        match &record.end {
            RunEnd::HarnessFault(_) => return Exit::HarnessFault,
            RunEnd::Interrupted(_) => return Exit::Interrupted,
            RunEnd::Complete | RunEnd::TargetUnusable(_) | RunEnd::TimeLimit(_) => {}
        }
        let any_gating = |is_so: fn(&RequirementResult) -> bool| {
            let mut gating = record.results.iter().filter(|result| fail_on.gates(result.level));
            gating.any(is_so)
        };
        let exercised: Vec<_> = record
            .results
            .iter()
            .filter(|result| result.verdict.is_exercised())
            .map(|result| result.id)
            .collect();
        let is_stale = |baseline: &JudgedBaseline| baseline.stale().next().is_some();
        if any_gating(RequirementResult::is_broken) {
            Exit::Violated
        } else if record.end != RunEnd::Complete || any_gating(RequirementResult::is_undecided) {
            Exit::Inconclusive
        } else if record.baseline.as_ref().is_some_and(is_stale) {
            Exit::BaselineStale
        } else if exercised.is_empty() || required.iter().any(|id| !exercised.contains(id)) {
            Exit::NotExercised
        } else {
            Exit::Proved
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::judgment::Verdict;
    use hubproof_model::requirement::{Area, Level};

    use super::*;
    use crate::canned::{record, result, stale_baseline};

    fn exit(end: RunEnd, results: Vec<RequirementResult>) -> Exit {
        Exit::of(&record(end, results), FailOn::Must, &[])
    }

    fn known(number: u8) -> RequirementResult {
        RequirementResult {
            violation_count: 3,
            known_count: 3,
            ..result(number, Level::Must, Verdict::Violated)
        }
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
            Exit::of(&record, FailOn::Must, required)
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
            Exit::of(&record(RunEnd::Complete, results), FailOn::Should, &[]),
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
        assert_eq!(Exit::of(&record, FailOn::Must, &[id(1)]), Exit::Proved);
        assert_eq!(Exit::of(&record, FailOn::Must, &[id(2)]), Exit::NotExercised);
        assert_eq!(Exit::of(&record, FailOn::Must, &[id(3)]), Exit::NotExercised);
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
