//! What a measurement and its wrong answers say of the requirements, and how a bench ends.

use std::collections::BTreeMap;

use hubproof_latency::Kind;
use hubproof_model::bench_record::BenchRecord;
use hubproof_model::gate::FailOn;
use hubproof_model::judgment::{Finding, Verdict};
use hubproof_model::measurement::Measurement;
use hubproof_model::record::{RequirementResult, RunEnd};
use hubproof_requirements::areas::MEASURED;
use hubproof_requirements::measured::MeasuredEvidence;
use hubproof_runner::exit::Exit;
use hubproof_runner::judge::Findings;

use crate::evidence::{Broken, Wrong};

/// The case that stands for a whole bench.
const BENCH: &str = "bench";

/// The results of the requirements that the measurement exercises, in the registry's order.
pub(crate) fn of_measurement(evidence: &MeasuredEvidence<'_>) -> Vec<RequirementResult> {
    let result = |measured: &&dyn hubproof_requirements::measured::Measured| {
        let requirement = measured.requirement();
        let (mut findings, found) = (Findings::new(None), measured.judge(evidence));
        let unexercised = unexercised(&found);
        findings.add(requirement.id, BENCH, found);
        let mut result = findings.result(requirement, &BTreeMap::new());
        result.reason = match (result.verdict, result.reason, unexercised) {
            (Verdict::Held, reason, unexercised) => unexercised.or(reason),
            (Verdict::Inconclusive, Some(reason), Some(unexercised)) => Some(format!("{reason}; {unexercised}")),
            (_, reason, _) => reason,
        };
        result
    };
    MEASURED.iter().map(result).collect()
}

/// What was not looked at, in words: it stands beside what is held.
fn unexercised(findings: &[Finding]) -> Option<String> {
    let reasons = findings.iter().filter_map(|finding| match finding {
        Finding::NotExercised(why) => Some(why.to_string()),
        _ => None,
    });
    let reasons: Vec<_> = reasons.collect();
    (!reasons.is_empty()).then(|| format!("not all of it was shown: {}", reasons.join("; ")))
}

/// The results of the requirements that answers broke.
pub(crate) fn of_wrong_answers(wrong: Wrong) -> Vec<RequirementResult> {
    wrong.by_requirement.into_values().map(of_broken).collect()
}

fn of_broken(broken: Broken) -> RequirementResult {
    let requirement = broken.requirement;
    let (mut findings, mut log) = (Findings::new(None), BTreeMap::new());
    let mut alike = Vec::new();
    for (number, mut kept) in (1..).zip(broken.kept) {
        kept.exchange.number = number;
        kept.violation.exchanges = vec![number];
        findings.add(requirement.id, BENCH, vec![Finding::Violated(kept.violation)]);
        log.insert(number, kept.exchange);
        alike.push(kept.alike);
    }
    let mut result = findings.result(requirement, &log);
    for (violation, alike) in result.violations.iter_mut().zip(alike) {
        violation.alike = alike;
    }
    // Answers are counted without end, and kept by few.
    result.cases = broken.answers;
    result.violation_count = broken.answers;
    result.tried_tools = broken.tools.keys().flatten().cloned().collect();
    result.violated_tools = broken.tools;
    result
}

/// Whether the load was as it was asked for.
#[must_use]
pub fn is_rate_reached(record: &BenchRecord) -> bool {
    let measurement = record.measurement.as_ref();
    measurement.is_none_or(Measurement::is_rate_reached)
}

/// How a bench ends: the first that applies of interrupted, violated, inconclusive, measured. One without a success measured nothing, and
/// one that did not reach its rate measured another load.
#[must_use]
pub fn exit(record: &BenchRecord, fail_on: FailOn) -> Exit {
    let any_gating = |is_so: fn(&RequirementResult) -> bool| {
        let mut gating = record.results.iter().filter(|result| fail_on.gates(result.level));
        gating.any(is_so)
    };
    let successes = |kind| {
        let measurement = record.measurement.as_ref();
        measurement.map_or(0, |measurement| measurement.response.of_kind(kind).count())
    };
    match &record.end {
        RunEnd::HarnessFault(_) => Exit::HarnessFault,
        RunEnd::Interrupted(_) => Exit::Interrupted,
        _ if any_gating(RequirementResult::is_broken) => Exit::Violated,
        RunEnd::TargetUnusable(_) => Exit::Inconclusive,
        _ if any_gating(RequirementResult::is_undecided) => Exit::Inconclusive,
        _ if successes(Kind::Success) + successes(Kind::Replay) == 0 => Exit::Inconclusive,
        RunEnd::Complete if !is_rate_reached(record) => Exit::Inconclusive,
        // What a time limit left is measured all the same.
        RunEnd::Complete | RunEnd::TimeLimit(_) => Exit::Proved,
    }
}
