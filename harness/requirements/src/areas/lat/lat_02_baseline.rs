//! LAT-02: no slower than before.

mod blocks;
mod failures;
mod stalls;

use std::time::Duration;

use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::measurement::Measurement;
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::measured::{Measured, MeasuredEvidence, missing};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Lat, 2),
    level: Level::Should,
    basis: Basis::Profile,
    source: "--compare of the bench",
    title: "No slower than the stored baseline",
    statement: "A hub SHOULD be no slower than it was when its stored baseline was measured, beyond noise.",
    rationale: "A hub that becomes a little slower with each change is within its objectives until it suddenly is not, and nobody knows \
                which change it was.",
    method: "`hubproof bench --compare FILE` compares p50, p90 and p99 of each tool in some twenty blocks, by Yuen's test, with \
             allowance for what differs from run to run; the time for which calls were held up; and the share of failures. A \
             slowdown counts from 10 % and 1 ms on.",
    mend: "Compare by tool which became slower or fails, and look at what changed since the baseline was measured; if the cost is \
           meant, measure a new baseline.",
    needs: &[Need::Baseline],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// The part of the delays that tells what the machine does beside: it comes in bursts, which the median does not see.
const LATE: f64 = 0.99;
/// What is compared of the middle of each tool: p50, p90.
const MIDDLES: usize = 2;
/// What else is compared of each tool: p99, stalls, failures.
const OTHERS: usize = 3;
/// What is compared of all tools together: stalls, failures.
const OF_ALL: usize = 2;

pub(crate) struct Lat02;
pub(crate) const MEASURED: Lat02 = Lat02;

/// A measurement beside its baseline.
#[derive(Clone, Copy)]
struct Pair<'a> {
    old: &'a Measurement,
    new: &'a Measurement,
    /// Of how many comparisons each of p50 and p90 counts as one: half of the false alarms are theirs.
    middles: usize,
    /// The same of all others.
    others: usize,
}

impl Measured for Lat02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn judge(&self, evidence: &MeasuredEvidence<'_>) -> Vec<Finding> {
        let Some(old) = evidence.baseline else {
            return missing(Need::Baseline);
        };
        let new = evidence.measurement;
        let pair = Pair {
            old,
            new,
            middles: 2 * new.mix.len() * MIDDLES,
            others: 2 * (new.mix.len() * OTHERS + OF_ALL),
        };
        // What is told first of what allowed no verdict: the others are counted.
        let gone = old.mix.keys().filter(|tool| !new.mix.contains_key(*tool));
        let mut findings: Vec<_> = gone.map(|tool| uncalled(tool, evidence)).collect();
        findings.extend(new.mix.keys().flat_map(|tool| of_tool(tool, pair)));
        if !findings.iter().any(|finding| matches!(finding, Finding::Violated(_))) {
            let of_all = failures::of_all(pair)
                .map(Ok)
                .or_else(|| stalls::of_all(pair))
                .map(told);
            // What nobody can tell of a tool need not be said of all.
            let is_open = findings
                .iter()
                .any(|finding| matches!(finding, Finding::Inconclusive(_)));
            findings.extend(of_all.filter(|told| !is_open || matches!(told, Finding::Violated(_))));
        }
        findings
    }
}

/// A tool that served when the baseline was measured, and was not called now.
fn uncalled(tool: &str, evidence: &MeasuredEvidence<'_>) -> Finding {
    let why = match evidence.left_out.get(tool) {
        Some(left_out) => &left_out.why,
        None => "the hub has it no more",
    };
    Finding::Inconclusive(format!("{tool} is in the baseline, and could not be measured: {why}"))
}

impl Pair<'_> {
    /// The tools of both.
    fn tools(&self) -> impl Iterator<Item = &str> {
        let tools = self.new.mix.keys().filter(|tool| self.old.mix.contains_key(*tool));
        tools.map(String::as_str)
    }

    /// By how much the machine delayed the new measurement: what is slower by no more says nothing of the hub.
    fn delay(&self) -> Duration {
        self.new.delay(LATE)
    }
}

fn told(seen: Result<Violation, String>) -> Finding {
    seen.map_or_else(Finding::Inconclusive, Finding::Violated)
}

fn of_tool(tool: &str, pair: Pair<'_>) -> Vec<Finding> {
    if !pair.old.mix.contains_key(tool) {
        let why = format!("the baseline has no {tool}");
        return vec![Finding::NotExercised(Unexercised::NotApplicable(why))];
    }
    let slower = blocks::of_tool(tool, pair);
    let is_slower = matches!(slower, Finding::Violated(_));
    let stalled = || stalls::of_tool(tool, pair).filter(|_| !is_slower);
    match failures::of_tool(tool, pair).map(Ok).or_else(stalled) {
        None => vec![slower],
        Some(seen) if is_slower => vec![told(seen), slower],
        Some(seen) => vec![told(seen)],
    }
}

#[cfg(test)]
mod tests {
    use hubproof_latency::Kind;
    use hubproof_model::bench_record::LeftOut;
    use hubproof_model::measurement::Pacing;
    use hubproof_model::safety::Risk;

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
        let new = Sample::new().blocks("a.get", 5.0, 9.0).blocks("a.list", 4.0, 6.0);
        let found = compare(old, new);
        let [("a.list", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert!(observed.starts_with("4 ms: 100% more (at least "), "{observed}");
    }

    #[test]
    fn a_machine_that_delays_the_harness_as_well_accuses_nobody() {
        let sample = |p50, p90| Sample::new().blocks("a.list", p50, p90);
        let late = |own: f64| {
            let mut new = sample(4.0, 6.0);
            let lateness = &mut new.measurement.lateness;
            (0..100).for_each(|_| lateness.record(Duration::from_secs_f64(own / 1000.0)));
            compare(sample(2.0, 3.0), new)
        };
        let found = late(3.5);
        let [Finding::Inconclusive(why)] = &found[..] else {
            panic!("{found:?}")
        };
        assert!(
            why.contains("p50 of a.list is 4 ms and was 2 ms") && why.contains("late by"),
            "{why}"
        );
        assert_eq!(violations(&late(0.05)).len(), 1);
        // A p90 beyond all lateness is the hub's, whatever the machine may have done to p50.
        let mut new = sample(4.0, 60.0);
        let lateness = Duration::from_micros(2100);
        (0..100).for_each(|_| new.measurement.lateness.record(lateness));
        let found = compare(sample(2.0, 3.0), new);
        let [("a.list", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert!(observed.starts_with("60 ms"), "{observed}");
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
    fn a_tool_that_serves_no_more_is_told() {
        let old = Sample::new().blocks("a.get", 5.0, 9.0).blocks("a.list", 2.0, 3.0);
        let mut new = Sample::new().blocks("a.get", 5.0, 9.0);
        let told = |new: &Sample| match &compare(old.clone(), new.clone())[..] {
            [Finding::Inconclusive(why), Finding::Held] => why.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            told(&new),
            "a.list is in the baseline, and could not be measured: the hub has it no more"
        );
        let left_out = LeftOut {
            risk: Risk::Read,
            why: "HTTP 500".to_owned(),
            by_choice: false,
        };
        new.left_out.insert("a.list".to_owned(), left_out);
        assert_eq!(
            told(&new),
            "a.list is in the baseline, and could not be measured: HTTP 500"
        );
    }

    #[test]
    fn too_few_blocks_tell_nothing() {
        let mut old = Sample::new().blocks("a.get", 5.0, 9.0);
        old.measurement.blocks.truncate(7);
        let [Finding::Inconclusive(why)] = &compare(old, Sample::new().blocks("a.get", 50.0, 90.0))[..] else {
            panic!()
        };
        assert!(
            why.starts_with("the baseline has 7 blocks with 5 calls of a.get or more, and needs 8"),
            "{why}"
        );
        let mut new = Sample::new().blocks("a.get", 50.0, 90.0);
        for block in &mut new.measurement.blocks {
            block.tools.values_mut().for_each(|summary| summary.count = 4);
        }
        let found = compare(Sample::new().blocks("a.get", 5.0, 9.0), new);
        assert!(matches!(&found[..], [Finding::Inconclusive(why)] if why.starts_with("the measurement has 0 ")));
    }

    /// Ten seconds at 1,000 calls a second, in which the hub stands still once, for so long.
    fn stalled(pacing: Pacing, milliseconds: u64) -> Sample {
        let mut sample = Sample::new().blocks("a.get", 5.0, 9.0);
        let calls = match pacing {
            Pacing::Open { .. } => milliseconds,
            Pacing::Closed { concurrency } => u64::from(concurrency).min(milliseconds),
        };
        sample = sample.calls("a.get", Kind::Success, 5, 10_000 - milliseconds);
        for call in 0..calls {
            let waits = match pacing {
                Pacing::Open { .. } => 5 + milliseconds - call,
                Pacing::Closed { .. } => 5 + milliseconds,
            };
            sample = sample.calls("a.get", Kind::Success, waits, 1);
        }
        sample.measurement.pacing = pacing;
        sample
    }

    #[test]
    fn one_new_stall_is_seen() {
        for pacing in [Pacing::Open { rate: 1000.0 }, Pacing::Closed { concurrency: 8 }] {
            let found = compare(stalled(pacing, 0), stalled(pacing, 1000));
            let violation = found.iter().find_map(|finding| match finding {
                Finding::Violated(violation) => Some(violation),
                _ => None,
            });
            let violation = violation.unwrap();
            assert_eq!(
                violation.summary,
                "calls are held up for longer than in the baseline, beyond noise"
            );
            assert!(violation.observed.contains(" of 10000 ms ("), "{}", violation.observed);
            assert_eq!(compare(stalled(pacing, 1000), stalled(pacing, 1000)), [Finding::Held]);
            assert_eq!(
                compare(stalled(pacing, 0), stalled(pacing, 300)),
                [Finding::Held],
                "a pause"
            );
        }
    }

    /// A machine that stands still delays the sending, too.
    #[test]
    fn a_machine_that_stands_still_is_no_hub_that_does() {
        let pacing = Pacing::Open { rate: 1000.0 };
        let found = |late: Duration, calls: u64| {
            let mut new = stalled(pacing, 1000);
            let lateness = &mut new.measurement.lateness;
            (0..calls).for_each(|_| lateness.record(late));
            (calls..10_000).for_each(|_| lateness.record(Duration::from_micros(50)));
            compare(stalled(pacing, 0), new)
        };
        let whole = Duration::from_millis(1000);
        let [Finding::Inconclusive(why)] = &found(whole, 1000)[..] else {
            panic!("{:?}", found(whole, 1000))
        };
        assert_eq!(
            why,
            "calls of a.get were held up for 995 ms of 10000 ms (9.95%), but the machine that measured stood still for 0 ms itself, and \
             delayed hubproof by 1000 ms (p99); measure again"
        );
        // A few calls that were late say nothing of all the others.
        assert_eq!(violations(&found(whole, 50)).len(), 1);
        // What is held up for longer than the machine's delay is the hub's doing.
        assert_eq!(violations(&found(Duration::from_millis(20), 1000)).len(), 1);
    }

    /// What a thread that only sleeps tells, in both loops.
    #[test]
    fn a_stall_no_longer_than_the_machines_own_is_not_the_hubs() {
        for pacing in [Pacing::Open { rate: 1000.0 }, Pacing::Closed { concurrency: 8 }] {
            let found = |late_ticks: u64| {
                let mut new = stalled(pacing, 1000);
                let pauses = &mut new.measurement.pauses;
                (0..late_ticks).for_each(|_| pauses.record(Duration::from_millis(2)));
                (late_ticks..1000).for_each(|_| pauses.record(Duration::from_micros(90)));
                compare(stalled(pacing, 0), new)
            };
            let found_late = found(90);
            let open = found_late.iter().filter_map(|finding| match finding {
                Finding::Inconclusive(why) => Some(why),
                _ => None,
            });
            let open: Vec<_> = open.collect();
            assert_eq!(
                (violations(&found_late).len(), open.len()),
                (0, 1),
                "{pacing}: {found_late:?}"
            );
            assert!(open[0].contains("stood still for 900 ms itself"), "{}", open[0]);
            assert_eq!(violations(&found(20)).len(), 1, "{pacing}");
        }
    }

    #[test]
    fn a_tool_that_always_failed_hides_no_stall_of_the_others() {
        let tools = (0..20).map(|number| format!("a.tool{number}"));
        let of_all = |slow| {
            let sample = tools.clone().fold(Sample::new(), |sample, tool| {
                sample
                    .blocks(&tool, 5.0, 9.0)
                    .calls(&tool, Kind::Success, 5, 50 - slow)
                    .calls(&tool, Kind::Success, 500, slow)
            });
            sample
                .blocks("a.broken", 5.0, 9.0)
                .calls("a.broken", Kind::ServerError, 5, 50)
        };
        let found = compare(of_all(0), of_all(5));
        let [("", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert_eq!(observed, "1000 ms of 10000 ms (10%)");
    }

    #[test]
    fn a_stall_of_all_tools_is_seen_where_each_has_few_calls() {
        let tools = (0..20).map(|number| format!("a.tool{number}"));
        let of_all = |slow| {
            tools.clone().fold(Sample::new(), |sample, tool| {
                sample
                    .blocks(&tool, 5.0, 9.0)
                    .calls(&tool, Kind::Success, 5, 50 - slow)
                    .calls(&tool, Kind::Success, 500, slow)
            })
        };
        let found = compare(of_all(0), of_all(5));
        let [("", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert_eq!(observed, "1000 ms of 10000 ms (10%)");
    }

    #[test]
    fn nobody_gains_by_failing() {
        let answered = |kind, slow| {
            Sample::new()
                .blocks("a.get", 5.0, 9.0)
                .calls("a.get", Kind::Success, 5, 900)
                .calls("a.get", kind, slow, 100)
        };
        for kind in [Kind::ServerError, Kind::NoAnswer, Kind::Throttled, Kind::ClientError] {
            let found = compare(answered(Kind::Success, 9), answered(kind, 1));
            let [("a.get", observed)] = violations(&found)[..] else {
                panic!("{found:?}")
            };
            assert_eq!(observed, "10% (100 of 1000 calls)");
            assert_eq!(compare(answered(kind, 1), answered(kind, 1)), [Finding::Held]);
            assert_eq!(compare(answered(kind, 1), answered(Kind::Success, 9)), [Finding::Held]);
        }
        let unsent = answered(Kind::Success, 9).unsent(100);
        assert_eq!(violations(&compare(answered(Kind::Success, 9), unsent)).len(), 1);
    }

    #[test]
    fn a_few_failures_of_each_tool_are_seen_together() {
        let tools = (0..20).map(|number| format!("a.tool{number}"));
        let of_all = |failed| {
            tools.clone().fold(Sample::new(), |sample, tool| {
                sample
                    .blocks(&tool, 5.0, 9.0)
                    .calls(&tool, Kind::Success, 5, 100 - failed)
                    .calls(&tool, Kind::ServerError, 5, failed)
            })
        };
        let found = compare(of_all(0), of_all(1));
        let [("", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert_eq!(observed, "1% (20 of 2000 calls)");
    }

    /// A hub that answers in time what it can, and fails the rest.
    #[test]
    fn a_percentile_that_is_a_failure_is_slower_than_any() {
        let sample = || Sample::new().blocks("a.get", 5.0, 9.0);
        let mut new = sample();
        for block in &mut new.measurement.blocks {
            block.tools.values_mut().for_each(|summary| summary.p90 = None);
        }
        let found = compare(sample(), new.clone());
        let [("a.get", observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            observed,
            "it is a call that failed or was kept from being sent in 20 of 20 blocks"
        );
        assert_eq!(compare(new.clone(), new), [Finding::Held]);
    }

    /// In a closed loop: while the hub stands still nothing is sent.
    #[test]
    fn a_block_that_a_stall_emptied_is_slow() {
        let emptied = |is_so: fn(usize) -> bool| {
            let mut sample = Sample::new().blocks("a.get", 5.0, 9.0);
            let all = sample.measurement.blocks.iter_mut().enumerate();
            all.filter(|(number, _)| is_so(*number))
                .for_each(|(_, block)| block.tools.clear());
            sample
        };
        assert_eq!(
            compare(emptied(|_| false), emptied(|number| number < 2)),
            [Finding::Held]
        );
        let found = compare(emptied(|_| false), emptied(|number| number % 3 > 0));
        assert_eq!(violations(&found).len(), 1, "{found:?}");
    }

    #[test]
    fn a_slower_p99_is_seen_where_blocks_have_calls_enough() {
        let of = |p99: u64, calls| {
            let mut sample = Sample::new().blocks("a.get", 5.0, 9.0);
            for block in &mut sample.measurement.blocks {
                let summary = block.tools.get_mut("a.get").unwrap();
                (summary.count, summary.p99) = (calls, Some(Duration::from_millis(p99)));
            }
            sample
        };
        assert_eq!(compare(of(20, 99), of(60, 99)), [Finding::Held]);
        let found = compare(of(20, 100), of(60, 100));
        let [Finding::Violated(violation)] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(violation.summary, "p99 is above the baseline's, beyond noise");
        assert_eq!(compare(of(20, 100), of(26, 100)), [Finding::Held], "tails differ");
    }
}
