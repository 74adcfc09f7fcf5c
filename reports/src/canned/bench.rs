//! Records of benches, made up.

use hubproof_model::bench_record::{BenchBaseline, BenchRecord, LeftOut};
use hubproof_model::failure::{Failure, Failures};
use hubproof_model::measurement::{Block, BlockSummary, Latencies, Measurement, Pacing};

use super::*;

/// Every record of a bench.
pub(crate) fn all_benches() -> Vec<BenchRecord> {
    vec![bench(), bench_of_a_dying_target(), bench_of_nothing()]
}

/// An open loop to the end, held against a baseline, with a slow tool and wrong answers.
pub(crate) fn bench() -> BenchRecord {
    BenchRecord {
        suite_version: "0.1.0".to_owned(),
        contract_revision: "1".to_owned(),
        target: Target {
            profile: Some("hub.toml".to_owned()),
            ..Target::of_url("https://hub.example/api/v1")
        },
        risks: [
            ("itsm.tickets.get", Risk::Read),
            ("itsm.tickets.list", Risk::Read),
            (HOSTILE, Risk::Unknown(HOSTILE.to_owned())),
        ]
        .map(|(tool, risk)| (tool.to_owned(), risk))
        .into(),
        left_out: [(
            "itsm.tickets.find".to_owned(),
            LeftOut {
                risk: Risk::Read,
                why: HOSTILE.to_owned(),
                by_choice: false,
            },
        )]
        .into(),
        seed: 7,
        allow: Allow::Read,
        live: false,
        started_at: UNIX_EPOCH + Duration::from_millis(1_767_323_045_006),
        requests: 12_345,
        measurement: Some(measurement()),
        over_time: over_time(),
        failures: failures(),
        notes: vec![format!("the last call without an answer: {HOSTILE}")],
        baseline: Some(BenchBaseline {
            path: "before/bench.json".to_owned(),
            suite_version: "0.0.9".to_owned(),
            target: Target::of_url("https://hub.example/api/v1"),
            contract_revision: "1".to_owned(),
            started_at: UNIX_EPOCH + Duration::from_secs(1_767_000_000),
            early_end: None,
            left_out: [].into(),
            measurement: measurement(),
        }),
        results: vec![wrong_answers(), slow(), equal(), overhead()],
        end: RunEnd::Complete,
    }
}

fn failures() -> Failures {
    let mut failures = Failures::default();
    let code = Some(HOSTILE.to_owned());
    failures.count(Failure::Answered { status: 429, code }, 780);
    failures.count(
        Failure::Answered {
            status: 502,
            code: None,
        },
        3,
    );
    failures.count(Failure::TimedOut, 1);
    failures
}

/// A closed loop whose target went away before anything was measured in full.
pub(crate) fn bench_of_a_dying_target() -> BenchRecord {
    let whole = measurement();
    BenchRecord {
        measurement: Some(Measurement {
            pacing: Pacing::Closed { concurrency: 8 },
            connections: 8,
            live: true,
            measured: Duration::from_millis(3_200),
            unsent: [].into(),
            wrong: [].into(),
            blocks: Vec::new(),
            ..whole
        }),
        baseline: None,
        live: true,
        results: vec![slow()],
        end: RunEnd::TargetUnusable(format!("nothing listens there any more: {HOSTILE}")),
        ..bench()
    }
}

/// A bench against what is no hub.
pub(crate) fn bench_of_nothing() -> BenchRecord {
    BenchRecord {
        measurement: None,
        over_time: Vec::new(),
        baseline: None,
        results: Vec::new(),
        requests: 1,
        end: RunEnd::TargetUnusable("could not read the listing".to_owned()),
        ..bench()
    }
}

/// The harness's own delay before each call.
const LATENESS: Duration = Duration::from_micros(40);

/// The calls of the measurement, numbered by series, with their service times.
fn calls() -> impl Iterator<Item = (Series, u64, Duration)> {
    let of_series = |(tool, kind, micros, calls): (&str, Kind, u64, u64)| {
        let series = Series {
            place: Place::Execute(tool.to_owned()),
            kind,
        };
        (0..calls).map(move |call| (series.clone(), call, Duration::from_micros(micros + call)))
    };
    let all = [
        ("itsm.tickets.get", Kind::Success, 2_000, 2_400),
        ("itsm.tickets.get", Kind::ServerError, 900, 3),
        ("itsm.tickets.list", Kind::Success, 61_000, 800),
        ("itsm.tickets.list", Kind::NoAnswer, 30_000_000, 1),
        (HOSTILE, Kind::Throttled, 300, 780),
    ];
    all.into_iter().flat_map(of_series)
}

/// Three stretches of the ten seconds, whose calls are those of each series in turn.
fn over_time() -> Vec<Latencies> {
    let mut stretches: [(Recorder, Histogram); 3] = Default::default();
    for (series, call, service) in calls() {
        let (response, lateness) = &mut stretches[call as usize % 3];
        response.record(&series, service + LATENESS);
        lateness.record(LATENESS);
    }
    let seconds = [(0, 4), (4, 4), (8, 2)].into_iter();
    let stretch = |((start, length), (response, lateness)): ((u64, u64), (Recorder, Histogram))| Latencies {
        start: Duration::from_secs(start),
        length: Duration::from_secs(length),
        response: response
            .all()
            .map(|(series, own)| (series.clone(), own.packed()))
            .collect(),
        lateness: lateness.packed(),
    };
    seconds.zip(stretches).map(stretch).collect()
}

fn measurement() -> Measurement {
    let mut measured = Measurement {
        pacing: Pacing::Open { rate: 400.0 },
        connections: 40,
        live: false,
        seed: 7,
        mix: [
            ("itsm.tickets.get".to_owned(), 3),
            ("itsm.tickets.list".to_owned(), 1),
            (HOSTILE.to_owned(), 1),
        ]
        .into(),
        began_at: UNIX_EPOCH + Duration::from_millis(1_767_323_049_500),
        warm_up: Duration::from_secs(2),
        planned: Duration::from_secs(10),
        measured: Duration::from_secs(10),
        response: Recorder::default(),
        service: Recorder::default(),
        lateness: Histogram::default(),
        pauses: Histogram::default(),
        overhead: [].into(),
        blocks: (0..3).map(block).collect(),
        in_time: [("itsm.tickets.get", 2_400), ("itsm.tickets.list", 790), (HOSTILE, 780)]
            .map(|(tool, answered)| (tool.to_owned(), answered))
            .into(),
        unsent: [("itsm.tickets.get".to_owned(), 7), ("itsm.tickets.list".to_owned(), 5)].into(),
        wrong: [("ENV-09".parse().unwrap(), 3)].into(),
    };
    for (series, _, service) in calls() {
        measured.service.record(&series, service);
        measured.response.record(&series, service + LATENESS);
        measured.lateness.record(LATENESS);
    }
    for tick in 0..1_000 {
        let late = if tick < 3 { 4_000 * (tick + 1) } else { 90 };
        measured.pauses.record(Duration::from_micros(late));
    }
    let overhead = measured.overhead.entry("itsm.tickets.get".to_owned()).or_default();
    (0..2_400).for_each(|call| overhead.record(Duration::from_micros(400 + call / 10)));
    measured
}

fn block(number: u64) -> Block {
    let of = |micros: u64| Duration::from_micros(micros + number * 10);
    let summary = BlockSummary {
        count: 120,
        failed: number,
        mean: of(3_100),
        p50: Some(of(3_000)),
        p90: Some(of(4_000) + Duration::from_nanos(1)),
        p99: (number == 0).then(|| of(5_000)),
    };
    Block {
        tools: [("itsm.tickets.get".to_owned(), summary)].into(),
    }
}

fn found(tool: &str, summary: &str, expected: &str, observed: &str) -> ViolationRecord {
    ViolationRecord {
        case: "bench".to_owned(),
        tool: Some(tool.to_owned()),
        known: None,
        summary: summary.to_owned(),
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        assertion: None,
        exchanges: Vec::new(),
        repetition: Repetition::Rounds(Vec::new()),
        alike: 0,
        smallest: None,
        sequence: None,
    }
}

fn wrong_answers() -> RequirementResult {
    let violation = ViolationRecord {
        exchanges: vec![executed(4)],
        alike: 2,
        ..found(HOSTILE, "the data breaks the output schema", "data that fits", HOSTILE)
    };
    RequirementResult {
        verdict: Verdict::Violated,
        cases: 3,
        violation_count: 3,
        violations: vec![violation],
        ..result("ENV-09", Level::Must, "Data keeps the output schema")
    }
}

fn slow() -> RequirementResult {
    let observed = "p99 of 61.8 ms (801 of 801 calls took longer than 20 ms)";
    RequirementResult {
        verdict: Verdict::Violated,
        cases: 2,
        violation_count: 1,
        violations: vec![found(
            "itsm.tickets.list",
            "p99 is above its objective",
            "p99 of at most 20 ms",
            observed,
        )],
        ..result("LAT-01", Level::Must, "Declared objectives are met")
    }
}

fn equal() -> RequirementResult {
    RequirementResult {
        verdict: Verdict::Inconclusive,
        reason: Some("the baseline has 3 blocks, and needs 8".to_owned()),
        ..result("LAT-02", Level::Should, "No slower than the stored baseline")
    }
}

fn overhead() -> RequirementResult {
    RequirementResult {
        cases: 1,
        ..result("LAT-03", Level::May, "Little time is spent beside duration_ms")
    }
}
