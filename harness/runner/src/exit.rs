//! The exit code of a run: a pure function of its record and of what gates.

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RunEnd, RunRecord};
use hubproof_model::requirement::RequirementId;

/// How `hubproof run` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All exercised gating requirements hold.
    Proved,
    /// A gating requirement is violated.
    Violated,
    /// Bad flag, profile or pattern; nothing was probed.
    Usage,
    /// The target is unusable, a gating requirement is inconclusive, or the time limit left cases unsent.
    Inconclusive,
    /// The harness itself failed.
    HarnessFault,
    /// Nothing was exercised, or not what `--require` names.
    NotExercised,
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
            Exit::Interrupted => 130,
        }
    }

    /// The exit of a run: the first that applies of harness fault, violated, inconclusive, not exercised, proved. An
    /// interrupted run says so whatever else it found.
    pub fn of(record: &RunRecord, fail_on: FailOn, required: &[RequirementId]) -> Self {
        match &record.end {
            RunEnd::HarnessFault(_) => return Exit::HarnessFault,
            RunEnd::Interrupted(_) => return Exit::Interrupted,
            RunEnd::Complete | RunEnd::TargetUnusable(_) | RunEnd::TimeLimit(_) => {}
        }
        let gating_is = |verdict| {
            record
                .results
                .iter()
                .any(|result| result.verdict == verdict && fail_on.gates(result.level))
        };
        let exercised: Vec<_> = record
            .results
            .iter()
            .filter(|result| result.verdict.is_exercised())
            .map(|result| result.id)
            .collect();
        if gating_is(Verdict::Violated) {
            Exit::Violated
        } else if record.end != RunEnd::Complete || gating_is(Verdict::Inconclusive) {
            Exit::Inconclusive
        } else if exercised.is_empty() || required.iter().any(|id| !exercised.contains(id)) {
            Exit::NotExercised
        } else {
            Exit::Proved
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use hubproof_model::record::{RequirementResult, Target};
    use hubproof_model::requirement::{Area, Basis, Level};
    use hubproof_model::safety::Allow;

    use super::*;

    fn result(number: u8, level: Level, verdict: Verdict) -> RequirementResult {
        RequirementResult {
            id: RequirementId::new(Area::Exe, number),
            level,
            basis: Basis::Ref,
            source: String::new(),
            title: String::new(),
            statement: String::new(),
            verdict,
            reason: None,
            grants: Vec::new(),
            cases: 1,
            violation_count: 0,
            violations: Vec::new(),
        }
    }

    fn record(end: RunEnd, results: Vec<RequirementResult>) -> RunRecord {
        RunRecord {
            suite_version: String::new(),
            contract_revision: String::new(),
            target: Target::of_url("http://127.0.0.1"),
            dialect: None,
            tools: Vec::new(),
            seed: 0,
            allow: Allow::Read,
            started_at: SystemTime::UNIX_EPOCH,
            duration: Duration::ZERO,
            requests: 0,
            run: String::new(),
            side_effects: hubproof_model::side_effects::SideEffects::default(),
            results,
            end,
        }
    }

    fn exit(end: RunEnd, results: Vec<RequirementResult>) -> Exit {
        Exit::of(&record(end, results), FailOn::Must, &[])
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
