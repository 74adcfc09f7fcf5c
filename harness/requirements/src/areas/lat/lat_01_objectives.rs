//! LAT-01: the profile's objectives are met.

use std::collections::BTreeSet;
use std::time::Duration;

use hubproof_latency::{Histogram, Kind, Place};
use hubproof_model::bench_record::LeftOut;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::measurement::{Measurement, Pacing};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::slo::{Objectives, Percentile, level};

use crate::measured::{Measured, MeasuredEvidence, milliseconds, missing, percent};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Lat, 1),
    level: Level::Must,
    basis: Basis::Profile,
    source: "[slo] of the profile",
    title: "Declared objectives are met",
    statement: "A hub MUST meet the latency objectives and error rates that its profile declares for a risk level or a tool.",
    rationale: "A promise that nobody measures is broken unseen: first for the slowest calls, then for all.",
    method: "`hubproof bench` measures each tool from the moment at which a call was meant to be sent; a call without an answer is \
             slower than any objective, and so is a failure where there is no `error_rate`. Only an open loop (`--rate`) with \
             enough calls (100 for p99) holds a percentile.",
    mend: "Find what the slow calls wait for in the bench's figures by tool, such as a queue, a lock or a pause; mend it, or \
           promise what the hub can keep.",
    needs: &[Need::Objective],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// Kinds of answers that are failures.
const FAILURES: [Kind; 3] = [Kind::ClientError, Kind::Throttled, Kind::ServerError];

/// How many calls must succeed where none may fail: as many as tell a p99.
const CALLS_WITHOUT_AN_ERROR: u64 = 100;

pub(crate) struct Lat01;
pub(crate) const MEASURED: Lat01 = Lat01;

impl Measured for Lat01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn judge(&self, evidence: &MeasuredEvidence<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for tool in evidence.measurement.mix.keys() {
            let unknown = Risk::Unknown(String::new());
            let risk = evidence.risks.get(tool).unwrap_or(&unknown);
            let objectives = evidence.slo.of(tool, risk);
            if !objectives.is_empty() {
                let calls = Calls::of(evidence, tool);
                findings.extend(of_tool(tool, &objectives, &calls));
            }
        }
        for (tool, left_out) in evidence.left_out {
            if !evidence.slo.of(tool, &left_out.risk).is_empty() {
                findings.push(of_left_out(tool, left_out));
            }
        }
        findings.extend(uncalled(evidence));
        match findings.is_empty() {
            true => missing(Need::Objective),
            false => findings,
        }
    }
}

fn of_left_out(tool: &str, left_out: &LeftOut) -> Finding {
    let why = &left_out.why;
    match left_out.by_choice {
        true => not_exercised(format!("{tool} has objectives, and was not called: {why}")),
        false => Finding::Inconclusive(format!("{tool} has objectives, and could not be measured: {why}")),
    }
}

/// The tools and risk levels with objectives of which the bench knows no tool.
fn uncalled(evidence: &MeasuredEvidence<'_>) -> Vec<Finding> {
    let (mix, left_out) = (&evidence.measurement.mix, evidence.left_out);
    let tools = evidence.slo.by_tool.keys();
    let tools = tools.filter(|tool| !mix.contains_key(*tool) && !left_out.contains_key(*tool));
    let tools = tools.map(|tool| format!("{tool} has objectives, and was not called: see `--tools` and `--allow`"));
    let risks = mix.keys().filter_map(|tool| evidence.risks.get(tool));
    let risks: BTreeSet<_> = risks.chain(left_out.values().map(|own| &own.risk)).map(level).collect();
    let levels = evidence.slo.by_risk.iter().filter(|(_, own)| !own.is_empty());
    let levels = levels.filter(|(risk, _)| !risks.contains(level(risk)));
    let levels = levels
        .map(|(risk, _)| format!("[slo.{risk}] was held against no tool of that risk: see `--allow` and `--tools`"));
    tools.chain(levels).map(not_exercised).collect()
}

fn not_exercised(why: String) -> Finding {
    Finding::NotExercised(Unexercised::NotApplicable(why))
}

/// What became of the calls of a tool.
struct Calls<'a> {
    successes: Histogram,
    /// Answered, and no success.
    failed: u64,
    /// Not answered, or not sent at all.
    lost: u64,
    of: &'a Measurement,
}

impl<'a> Calls<'a> {
    fn of(evidence: &MeasuredEvidence<'a>, tool: &str) -> Self {
        let place = Place::Execute(tool.to_owned());
        let response = &evidence.measurement.response;
        Self {
            successes: response.of_place(&place, &[Kind::Success, Kind::Replay]),
            failed: response.of_place(&place, &FAILURES).count(),
            lost: response.of_place(&place, &[Kind::NoAnswer]).count() + evidence.measurement.unsent_of(tool),
            of: evidence.measurement,
        }
    }

    fn all(&self) -> u64 {
        self.successes.count() + self.failed + self.lost
    }
}

fn of_tool(tool: &str, objectives: &Objectives, calls: &Calls<'_>) -> Vec<Finding> {
    if calls.all() == 0 {
        return vec![Finding::Inconclusive(format!(
            "{tool} was not called while it was measured"
        ))];
    }
    // Where the profile says how many may fail, that alone judges answered failures.
    let beyond = match objectives.error_rate {
        Some(_) => calls.lost,
        None => calls.lost + calls.failed,
    };
    let latency = objectives.latency.iter();
    let mut findings: Vec<_> = latency
        .map(|(percentile, most)| {
            let finding = of_percentile(tool, *percentile, *most, &calls.successes, beyond);
            let finding = by_the_hub(tool, finding, (*percentile, *most), calls, beyond);
            in_this_loop(tool, finding, calls.of.pacing)
        })
        .collect();
    findings.extend(objectives.error_rate.map(|most| of_errors(tool, most, calls)));
    findings
}

/// What a percentile comes to where the machine that measured delayed the harness itself: an objective that such a part of the calls would have
/// met without is not missed by the hub.
fn by_the_hub(
    tool: &str,
    finding: Finding,
    (percentile, most): (Percentile, Duration),
    calls: &Calls<'_>,
    beyond: u64,
) -> Finding {
    let delay = calls.of.delay(percentile.part());
    let latency = calls.successes.quantile_beside(percentile.part(), beyond);
    match (finding, latency) {
        (Finding::Violated(_), Some(latency)) if latency.saturating_sub(delay) <= most => {
            Finding::Inconclusive(format!(
                "{percentile} of {tool} is {}, above its objective of {}, but the machine that measured was busy: hubproof itself was late by {} \
                 ({percentile}); measure again",
                milliseconds(latency),
                milliseconds(most),
                milliseconds(delay)
            ))
        }
        (finding, _) => finding,
    }
}

/// What a percentile comes to under this pacing. While a hub stands still a closed loop sends nothing: the calls that would have waited
/// are missing, so that it shows an objective missed, and never one met.
fn in_this_loop(tool: &str, finding: Finding, pacing: Pacing) -> Finding {
    match (finding, pacing) {
        (Finding::Held, Pacing::Closed { .. }) => Finding::Inconclusive(format!(
            "{tool}: give --rate: a closed loop forgives what a stalled hub kept from being sent"
        )),
        (finding, _) => finding,
    }
}

/// `beyond` is the number of calls that are slower than any objective.
fn of_percentile(tool: &str, percentile: Percentile, most: Duration, successes: &Histogram, beyond: u64) -> Finding {
    let all = successes.count() + beyond;
    let slower = all - successes.count_up_to(most);
    let may_be_slower = (all as f64 * (1.0 - percentile.part()) + 1e-6).floor() as u64;
    let needed = (1.0 / (1.0 - percentile.part())).round().min(100_000.0) as u64;
    // The longest is the longest of however few.
    let is_enough = percentile == Percentile::Max || all >= needed;
    if is_enough && slower <= may_be_slower {
        return Finding::Held;
    }
    if !is_enough && slower * 2 <= all {
        return Finding::Inconclusive(format!(
            "{tool} was called {all} times: its {percentile} needs at least {needed}"
        ));
    }
    Finding::Violated(Violation {
        tool: Some(tool.to_owned()),
        summary: format!("{percentile} is above its objective"),
        expected: format!("{percentile} of at most {}", milliseconds(most)),
        observed: format!(
            "{} ({slower} of {all} calls took longer than {})",
            at(percentile, successes, beyond),
            milliseconds(most)
        ),
        exchanges: Vec::new(),
        assertion: None,
    })
}

/// The percentile in words.
fn at(percentile: Percentile, successes: &Histogram, beyond: u64) -> String {
    match successes.quantile_beside(percentile.part(), beyond) {
        Some(latency) => format!("{percentile} of {}", milliseconds(latency)),
        None => format!("{percentile} is a call that failed"),
    }
}

fn of_errors(tool: &str, most: f64, calls: &Calls<'_>) -> Finding {
    let failed = calls.failed + calls.lost;
    let rate = failed as f64 / calls.all() as f64;
    if rate <= most {
        let needed = calls_for(most);
        return match calls.all() >= needed {
            true => Finding::Held,
            false => Finding::Inconclusive(format!(
                "{tool} was called {} times: its error rate of at most {} needs at least {needed}",
                calls.all(),
                percent(most)
            )),
        };
    }
    Finding::Violated(Violation {
        tool: Some(tool.to_owned()),
        summary: "the error rate is above its objective".to_owned(),
        expected: format!("an error rate of at most {}", percent(most)),
        observed: format!(
            "{} ({failed} of {} calls, {} of them without an answer)",
            percent(rate),
            calls.all(),
            calls.lost
        ),
        exchanges: Vec::new(),
        assertion: None,
    })
}

/// From how many calls on an error rate is held: with fewer one call that failed would be above it, and none tells little of the next.
fn calls_for(most: f64) -> u64 {
    match most > 0.0 {
        true => (1.0 / most - 1e-6).ceil() as u64,
        false => CALLS_WITHOUT_AN_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::samples::{Sample, judge, violations};

    const OBJECTIVE: &str = "[slo.read]\np99 = \"20ms\"\n";

    #[test]
    fn without_an_objective_nothing_is_exercised() {
        let found = judge(&MEASURED, &Sample::new(), "");
        assert_eq!(found, missing(Need::Objective));
    }

    #[test]
    fn a_percentile_holds_up_to_its_share_of_slower_calls() {
        let sample = |slow| {
            Sample::new()
                .calls("a.list", Kind::Success, 10, 1000 - slow)
                .calls("a.list", Kind::Success, 50, slow)
        };
        assert_eq!(judge(&MEASURED, &sample(10), OBJECTIVE), [Finding::Held]);
        let found = judge(&MEASURED, &sample(11), OBJECTIVE);
        let [(tool, observed)] = violations(&found).try_into().unwrap();
        assert_eq!(tool, "a.list");
        assert!(observed.starts_with("p99 of 50 ms"), "{observed}");
        assert!(
            observed.ends_with("(11 of 1000 calls took longer than 20 ms)"),
            "{observed}"
        );
    }

    #[test]
    fn a_closed_loop_shows_an_objective_missed_and_never_one_met() {
        let closed = |slow| {
            let mut sample =
                Sample::new()
                    .calls("a.list", Kind::Success, 10, 1000 - slow)
                    .calls("a.list", Kind::Success, 50, slow);
            sample.measurement.pacing = Pacing::Closed { concurrency: 8 };
            sample
        };
        let slo = format!("{OBJECTIVE}error_rate = \"1%\"\n");
        let found = judge(&MEASURED, &closed(0), &slo);
        let [Finding::Inconclusive(why), Finding::Held] = &found[..] else {
            panic!("{found:?}")
        };
        assert!(why.contains("give --rate"), "{why}");
        assert_eq!(violations(&judge(&MEASURED, &closed(11), OBJECTIVE)).len(), 1);
    }

    #[test]
    fn what_the_harness_sent_late_is_no_objective_missed() {
        let sample = |late: u64| {
            let mut sample =
                Sample::new()
                    .calls("a.list", Kind::Success, 10, 900)
                    .calls("a.list", Kind::Success, 50, 100);
            let lateness = &mut sample.measurement.lateness;
            (0..900).for_each(|_| lateness.record(Duration::from_micros(80)));
            (0..100).for_each(|_| lateness.record(Duration::from_millis(late)));
            sample
        };
        let found = judge(&MEASURED, &sample(35), OBJECTIVE);
        let [Finding::Inconclusive(why)] = &found[..] else {
            panic!("{found:?}")
        };
        assert!(
            why.starts_with(
                "p99 of a.list is 50 ms, above its objective of 20 ms, but the machine that measured was busy"
            ),
            "{why}"
        );
        // Without the delay it would still have been missed.
        assert_eq!(violations(&judge(&MEASURED, &sample(25), OBJECTIVE)).len(), 1);
        // A call without an answer was late for nobody's sake.
        let lost = sample(35).calls("a.list", Kind::NoAnswer, 1, 20);
        assert_eq!(violations(&judge(&MEASURED, &lost, OBJECTIVE)).len(), 1);
    }

    #[test]
    fn nobody_gains_by_failing() {
        let quick = |kind| {
            Sample::new()
                .calls("a.list", Kind::Success, 10, 980)
                .calls("a.list", kind, 1, 20)
        };
        for kind in [Kind::ClientError, Kind::Throttled, Kind::ServerError, Kind::NoAnswer] {
            let found = judge(&MEASURED, &quick(kind), OBJECTIVE);
            let [(_, observed)] = violations(&found).try_into().unwrap();
            assert_eq!(
                observed, "p99 is a call that failed (20 of 1000 calls took longer than 20 ms)",
                "{kind:?}"
            );
        }
        let unsent = Sample::new().calls("a.list", Kind::Success, 10, 980).unsent(20);
        assert_eq!(violations(&judge(&MEASURED, &unsent, OBJECTIVE)).len(), 1);
    }

    #[test]
    fn an_error_rate_judges_failures_in_place_of_the_percentiles() {
        let sample = Sample::new()
            .calls("a.list", Kind::Success, 10, 960)
            .calls("a.list", Kind::ServerError, 1, 40);
        let slo = |rate: &str| format!("{OBJECTIVE}error_rate = \"{rate}\"\n");
        assert_eq!(judge(&MEASURED, &sample, &slo("4%")), [Finding::Held, Finding::Held]);
        let found = judge(&MEASURED, &sample, &slo("3.9%"));
        assert_eq!(found[0], Finding::Held);
        let [(_, observed)] = violations(&found).try_into().unwrap();
        assert_eq!(observed, "4% (40 of 1000 calls, 0 of them without an answer)");
        let unsent = Sample::new().calls("a.list", Kind::Success, 10, 960).unsent(40);
        assert_eq!(
            violations(&judge(&MEASURED, &unsent, &slo("4%"))).len(),
            1,
            "p99 all the same"
        );
    }

    #[test]
    fn few_calls_hold_no_error_rate() {
        let found = |rate: &str, failed, all: u64| {
            let sample = Sample::new().calls("a.list", Kind::Success, 10, all - failed).calls(
                "a.list",
                Kind::ServerError,
                10,
                failed,
            );
            judge(&MEASURED, &sample, &format!("[slo.read]\nerror_rate = \"{rate}\"\n"))
        };
        for (rate, needed) in [("0.1%", 1000), ("3%", 34), ("50%", 2), ("0%", 100)] {
            assert_eq!(found(rate, 0, needed), [Finding::Held], "{rate}");
            let why = format!(
                "a.list was called {} times: its error rate of at most {rate} needs at least {needed}",
                needed - 1
            );
            assert_eq!(found(rate, 0, needed - 1), [Finding::Inconclusive(why)]);
        }
        assert_eq!(violations(&found("0.1%", 1, 1)).len(), 1, "one of one failed");
    }

    #[test]
    fn each_tool_keeps_to_its_own() {
        let sample = Sample::new()
            .calls("a.list", Kind::Success, 10, 1000)
            .calls("a.slow", Kind::Success, 30, 1000);
        let found = judge(&MEASURED, &sample, OBJECTIVE);
        assert_eq!(violations(&found)[0].0, "a.slow");
        let looser = format!("{OBJECTIVE}[slo.\"a.slow\"]\np99 = \"40ms\"\n");
        assert_eq!(judge(&MEASURED, &sample, &looser), [Finding::Held, Finding::Held]);
    }

    #[test]
    fn few_calls_tell_no_high_percentile_unless_most_are_slow() {
        let sample = |slow| {
            Sample::new()
                .calls("a.list", Kind::Success, 10, 50 - slow)
                .calls("a.list", Kind::Success, 50, slow)
        };
        for slow in [0, 1, 25] {
            let found = judge(&MEASURED, &sample(slow), OBJECTIVE);
            assert_eq!(
                found,
                [Finding::Inconclusive(
                    "a.list was called 50 times: its p99 needs at least 100".to_owned()
                )]
            );
        }
        assert_eq!(violations(&judge(&MEASURED, &sample(26), OBJECTIVE)).len(), 1);
        let longest = |most: &str| judge(&MEASURED, &sample(1), &format!("[slo.read]\nmax = \"{most}\"\n"));
        assert_eq!(longest("51ms"), [Finding::Held]);
        assert_eq!(violations(&longest("40ms")).len(), 1);
    }

    #[test]
    fn a_promised_tool_that_failed_its_trial_is_no_objective_met() {
        let mut sample = Sample::new().calls("a.list", Kind::Success, 10, 1000);
        let left_out = |risk| LeftOut {
            risk,
            why: "it fails".to_owned(),
            by_choice: false,
        };
        sample.left_out.insert("a.find".to_owned(), left_out(Risk::Write));
        sample.left_out.insert("a.get".to_owned(), left_out(Risk::Read));
        let slo = format!("{OBJECTIVE}[slo.\"a.get\"]\np50 = \"10ms\"\n");
        let why = "a.get has objectives, and could not be measured: it fails".to_owned();
        assert_eq!(
            judge(&MEASURED, &sample, &slo),
            [Finding::Held, Finding::Inconclusive(why)]
        );
    }

    #[test]
    fn a_risk_level_that_nothing_was_called_of_is_told() {
        let mut sample = Sample::new().calls("a.list", Kind::Success, 10, 1000);
        let slo = format!("{OBJECTIVE}[slo.write]\np99 = \"1s\"\n");
        let told =
            not_exercised("[slo.write] was held against no tool of that risk: see `--allow` and `--tools`".to_owned());
        assert_eq!(judge(&MEASURED, &sample, &slo), [Finding::Held, told.clone()]);
        let only = "[slo.write]\np99 = \"1s\"\n";
        assert_eq!(judge(&MEASURED, &sample, only), [told]);
        let gated = LeftOut {
            risk: Risk::Write,
            why: "it waits".to_owned(),
            by_choice: true,
        };
        sample.left_out.insert("a.create".to_owned(), gated);
        let told = not_exercised("a.create has objectives, and was not called: it waits".to_owned());
        assert_eq!(judge(&MEASURED, &sample, &slo), [Finding::Held, told]);
    }

    #[test]
    fn a_promised_tool_that_was_not_called_is_told() {
        let sample = Sample::new().calls("a.list", Kind::Success, 10, 1000);
        let found = judge(
            &MEASURED,
            &sample,
            &format!("{OBJECTIVE}[slo.\"a.get\"]\np99 = \"1s\"\n"),
        );
        let [Finding::Held, Finding::NotExercised(why)] = &found[..] else {
            panic!("{found:?}")
        };
        assert!(why.to_string().starts_with("a.get has objectives"), "{why}");
    }
}
