//! LAT-03: little beside the vendor.

use std::time::Duration;

use hubproof_latency::{Histogram, Kind, Place};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::measured::{Measured, MeasuredEvidence, milliseconds};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Lat, 3),
    level: Level::May,
    basis: Basis::Ref,
    source: "Response envelope",
    title: "Little time is spent beside duration_ms",
    statement: "A hub MAY spend time beside the `duration_ms` that it tells, though little.",
    rationale: "Whoever watches a hub by `duration_ms` does not see what its clients wait beside it; a duration that is made up hides all \
                of it.",
    method: "Takes the `duration_ms` of each success from the time between sending and the last byte. The median of what is left is \
             shown for each tool, the network's time in it. More than half of the call and a millisecond is too much. A \
             `duration_ms` above the measured time (ENV-07) leaves nothing to tell.",
    mend: "Start the stopwatch of `duration_ms` when the request arrives, and look for what is slow around the vendor's call: \
           queues, logs that are awaited, a far-away line.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// `duration_ms` may be rounded to whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(1);
const ENV_07: RequirementId = RequirementId::new(Area::Env, 7);

pub(crate) struct Lat03;
pub(crate) const MEASURED: Lat03 = Lat03;

impl Measured for Lat03 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn judge(&self, evidence: &MeasuredEvidence<'_>) -> Vec<Finding> {
        let measurement = evidence.measurement;
        let above = measurement.wrong.get(&ENV_07).copied().unwrap_or(0);
        if above > 0 {
            return vec![overstated(above)];
        }
        let told = measurement.overhead.iter().filter(|(_, overhead)| !overhead.is_empty());
        let findings: Vec<_> = told
            .map(|(tool, overhead)| {
                let place = Place::Execute(tool.clone());
                of_tool(tool, overhead, &measurement.service.of_place(&place, &[Kind::Success]))
            })
            .collect();
        match findings.is_empty() {
            true => vec![Finding::NotExercised(Unexercised::NotApplicable(
                "no success told its `duration_ms`".to_owned(),
            ))],
            false => findings,
        }
    }
}

fn of_tool(tool: &str, overhead: &Histogram, service: &Histogram) -> Finding {
    let [beside, whole] = [overhead, service].map(|histogram| histogram.quantile(0.5));
    if beside <= whole / 2 + ROUNDING {
        return Finding::Held;
    }
    Finding::Violated(Violation {
        tool: Some(tool.to_owned()),
        summary: "most of a call's time is spent beside its `duration_ms`".to_owned(),
        expected: format!("at most half of {}, the network's time in it", milliseconds(whole)),
        observed: format!("{} of {} (medians)", milliseconds(beside), milliseconds(whole)),
        exchanges: Vec::new(),
        assertion: None,
    })
}

fn overstated(above: u64) -> Finding {
    Finding::Violated(Violation {
        tool: None,
        summary: "`duration_ms` is above the time that calls took".to_owned(),
        expected: "a `duration_ms` within the time that the client measured".to_owned(),
        observed: format!("{above} answers told more (ENV-07), so that nothing is known of the time beside it"),
        exchanges: Vec::new(),
        assertion: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::samples::{Sample, judge, violations};

    /// Calls of so many milliseconds, of which so many are beside `duration_ms`.
    fn sample(milliseconds: u64, beside: u64) -> Sample {
        let mut sample = Sample::new().calls("a.list", Kind::Success, milliseconds, 100);
        let overhead = sample.measurement.overhead.entry("a.list".to_owned()).or_default();
        (0..100).for_each(|_| overhead.record(Duration::from_millis(beside)));
        sample
    }

    #[test]
    fn up_to_half_and_a_millisecond_is_little() {
        for (milliseconds, beside) in [(1, 1), (2, 1), (10, 0), (10, 5), (100, 50)] {
            assert_eq!(
                judge(&MEASURED, &sample(milliseconds, beside), ""),
                [Finding::Held],
                "{beside} of {milliseconds} ms"
            );
        }
    }

    #[test]
    fn a_duration_of_zero_is_seen() {
        let found = judge(&MEASURED, &sample(10, 10), "");
        assert_eq!(violations(&found), [("a.list", "10 ms of 10 ms (medians)")]);
    }

    #[test]
    fn a_duration_above_the_wall_time_is_seen() {
        let mut sample = sample(10, 0);
        sample.measurement.wrong.insert(ENV_07, 3);
        let found = judge(&MEASURED, &sample, "");
        let [(_, observed)] = violations(&found)[..] else {
            panic!("{found:?}")
        };
        assert!(observed.starts_with("3 answers told more (ENV-07)"), "{observed}");
    }

    #[test]
    fn a_hub_that_tells_no_duration_shows_nothing() {
        let found = judge(&MEASURED, &Sample::new().calls("a.list", Kind::Success, 10, 9), "");
        assert!(matches!(&found[..], [Finding::NotExercised(_)]), "{found:?}");
    }
}
