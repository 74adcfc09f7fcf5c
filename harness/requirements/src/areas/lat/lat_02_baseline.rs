//! LAT-02: no slower than before.

use std::time::Duration;

use hubproof_latency::comparison::{Comparison, FEWEST_BLOCKS};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::measurement::{BlockSummary, Measurement};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::measured::{Measured, MeasuredEvidence, milliseconds, missing};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Lat, 2),
    level: Level::Should,
    basis: Basis::Profile,
    source: "--compare of the bench",
    title: "No slower than the stored baseline",
    statement: "A hub SHOULD be no slower than it was when its stored baseline was measured, beyond noise.",
    rationale: "A hub that becomes a little slower with each change is within its objectives until it suddenly is not, and nobody knows \
                which change it was.",
    method: "`hubproof bench --compare FILE` compares the median and p90 of each tool in some twenty blocks, by Yuen's test on \
             their logarithms, with allowance for what differs from run to run. A slowdown counts from 10 % and 0.2 ms on; of \
             equal runs at most one in a hundred is said to be slower.",
    mend: "Compare by tool which became slower, and look at what changed since the baseline was measured; if the cost is meant, \
           measure a new baseline.",
    needs: &[Need::Baseline],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// The fewest calls of which a block's percentile says anything.
const FEWEST_CALLS: u64 = 5;

type Percentile = fn(&BlockSummary) -> Duration;

/// What is compared of each block.
const COMPARED: [(&str, Percentile); 2] = [("p50", |block| block.p50), ("p90", |block| block.p90)];

pub(crate) struct Lat02;
pub(crate) const MEASURED: Lat02 = Lat02;

impl Measured for Lat02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn judge(&self, evidence: &MeasuredEvidence<'_>) -> Vec<Finding> {
        let Some(baseline) = evidence.baseline else {
            return missing(Need::Baseline);
        };
        let tools = evidence.measurement.mix.keys();
        let comparisons = evidence.measurement.mix.len() * COMPARED.len();
        tools
            .map(|tool| of_tool(tool, baseline, evidence.measurement, comparisons))
            .collect()
    }
}

fn of_tool(tool: &str, old: &Measurement, new: &Measurement, comparisons: usize) -> Finding {
    if !old.mix.contains_key(tool) {
        return Finding::NotExercised(Unexercised::NotApplicable(format!("the baseline has no {tool}")));
    }
    let mut slower = Vec::new();
    for (percentile, of_block) in COMPARED {
        let [before, after] = [old, new].map(|measurement| of_blocks(measurement, tool, of_block));
        let Some(comparison) = Comparison::of(&before, &after, comparisons) else {
            return Finding::Inconclusive(too_few(tool, before.len(), after.len()));
        };
        if comparison.is_slower() {
            slower.push((percentile, comparison));
        }
    }
    match slower.first() {
        None => Finding::Held,
        Some((percentile, comparison)) => Finding::Violated(violation(tool, percentile, comparison)),
    }
}

/// A percentile of each block that has enough calls of the tool, in the order of time.
fn of_blocks(measurement: &Measurement, tool: &str, of_block: Percentile) -> Vec<Duration> {
    let of_tool = measurement.blocks.iter().filter_map(|block| block.tools.get(tool));
    of_tool
        .filter(|block| block.count >= FEWEST_CALLS)
        .map(of_block)
        .collect()
}

fn too_few(tool: &str, before: usize, after: usize) -> String {
    let (blocks, whose) = match before < FEWEST_BLOCKS {
        true => (before, "the baseline"),
        false => (after, "the measurement"),
    };
    format!(
        "{whose} has {blocks} blocks with {FEWEST_CALLS} successes of {tool} or more, and needs {FEWEST_BLOCKS}: measure longer, or at a \
         higher rate"
    )
}

fn violation(tool: &str, percentile: &str, comparison: &Comparison) -> Violation {
    let percent = |ratio: f64| ((ratio - 1.0) * 100.0).round();
    Violation {
        tool: Some(tool.to_owned()),
        summary: format!("{percentile} is above the baseline's, beyond noise"),
        expected: format!("about {}, as in the baseline", milliseconds(comparison.old)),
        observed: format!(
            "{}: {}% more (at least {}%)",
            milliseconds(comparison.new),
            percent(comparison.ratio()),
            percent(comparison.least_ratio)
        ),
        exchanges: Vec::new(),
        assertion: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::samples::{Sample, judge, violations};

    fn compare(old: Sample, new: Sample) -> Vec<Finding> {
        let baseline = Some(old.measurement);
        judge(&MEASURED, &Sample { baseline, ..new }, "")
    }

    #[test]
    fn without_a_baseline_nothing_is_exercised() {
        assert_eq!(
            judge(&MEASURED, &Sample::new().blocks("a.list", 5.0, 9.0), ""),
            missing(Need::Baseline)
        );
    }

    #[test]
    fn equal_measurements_hold() {
        let sample = || Sample::new().blocks("a.get", 5.0, 9.0).blocks("a.list", 2.0, 3.0);
        assert_eq!(compare(sample(), sample()), [Finding::Held, Finding::Held]);
    }

    #[test]
    fn the_slower_tool_is_told_with_the_figures() {
        let old = Sample::new().blocks("a.get", 5.0, 9.0).blocks("a.list", 2.0, 3.0);
        let new = Sample::new().blocks("a.get", 5.0, 9.0).blocks("a.list", 3.0, 4.5);
        let found = compare(old, new);
        let [("a.list", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert!(observed.starts_with("3 ms: 50% more (at least "), "{observed}");
    }

    #[test]
    fn a_slower_tail_alone_is_seen() {
        let found = compare(
            Sample::new().blocks("a.get", 5.0, 9.0),
            Sample::new().blocks("a.get", 5.0, 18.0),
        );
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(violation.summary, "p90 is above the baseline's, beyond noise");
    }

    #[test]
    fn too_few_blocks_tell_nothing() {
        let mut old = Sample::new().blocks("a.get", 5.0, 9.0);
        old.measurement.blocks.truncate(FEWEST_BLOCKS - 1);
        let [Finding::Inconclusive(why)] = &compare(old, Sample::new().blocks("a.get", 50.0, 90.0))[..] else {
            panic!()
        };
        assert!(
            why.starts_with("the baseline has 7 blocks with 5 successes of a.get or more, and needs 8"),
            "{why}"
        );
        let mut new = Sample::new().blocks("a.get", 50.0, 90.0);
        for block in &mut new.measurement.blocks {
            block
                .tools
                .values_mut()
                .for_each(|summary| summary.count = FEWEST_CALLS - 1);
        }
        let found = compare(Sample::new().blocks("a.get", 5.0, 9.0), new);
        assert!(matches!(&found[..], [Finding::Inconclusive(why)] if why.starts_with("the measurement has 0 ")));
    }
}
