//! Writes `bench.json`.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use hubproof_latency::{Histogram, Kind, Recorder, Series};
use hubproof_model::bench_record::{BenchBaseline, BenchRecord};
use hubproof_model::measurement::{Block, BlockSummary, Measurement, Pacing};
use hubproof_model::record::{RequirementResult, Target, ViolationRecord};
use serde_json::{Map, Value, json};

use super::{FORMAT, FORMAT_VERSION};
use crate::json::{escaped, exchange, risk, verdict};
use crate::latency::{of_series, percentiles};
use crate::tally::Tally;
use crate::{curl, ending};

/// The bench as a JSON text.
pub fn render(record: &BenchRecord) -> String {
    escaped(&format!("{:#}\n", bench(record)))
}

fn bench(record: &BenchRecord) -> Value {
    json!({
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "tool": { "name": "hubproof", "version": record.suite_version },
        "contract": { "revision": record.contract_revision },
        "target": target(&record.target),
        "seed": record.seed,
        "allow": record.allow,
        "live": record.live,
        "started_at": rfc_3339(record.started_at.into()),
        "requests": record.requests,
        "end": { "kind": ending::kind(&record.end), "message": ending::message(&record.end) },
        "summary": Tally::of(&record.results),
        "measurement": record.measurement.as_ref().map(|own| measurement(record, own)),
        "baseline": record.baseline.as_ref().map(baseline),
        "requirements": record.results.iter().map(|result| requirement(record, result)).collect::<Vec<_>>(),
    })
}

fn rfc_3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn target(target: &Target) -> Value {
    json!({
        "url": target.url,
        "bundled": target.bundled,
        "defects": target.defects,
        "profile": target.profile,
    })
}

fn baseline(baseline: &BenchBaseline) -> Value {
    json!({
        "path": baseline.path,
        "tool": { "name": "hubproof", "version": baseline.suite_version },
        "started_at": rfc_3339(baseline.started_at.into()),
    })
}

fn measurement(record: &BenchRecord, measurement: &Measurement) -> Value {
    let pacing = match measurement.pacing {
        Pacing::Closed { concurrency } => json!({ "kind": "closed", "concurrency": concurrency }),
        Pacing::Open { rate } => json!({ "kind": "open", "rate": rate }),
    };
    let mix = measurement.mix.iter().map(|(tool, weight)| {
        let known = record.risks.get(tool).map_or(Value::Null, risk);
        json!({ "tool": tool, "risk": known, "weight": weight })
    });
    let wrong = measurement.wrong.iter();
    let wrong = wrong.map(|(id, answers)| json!({ "requirement": id, "answers": answers }));
    let overhead = measurement.overhead.iter().map(|(tool, histogram)| {
        let mut row = Map::new();
        row.insert("tool".to_owned(), json!(tool));
        row.append(&mut whole(histogram));
        Value::Object(row)
    });
    json!({
        "pacing": pacing,
        "mix": mix.collect::<Vec<_>>(),
        "warm_up_ms": exact(measurement.warm_up),
        "planned_ms": exact(measurement.planned),
        "measured_ms": exact(measurement.measured),
        "calls": measurement.response.count(),
        "successes": measurement.response.of_kind(Kind::Success).count(),
        "unsent": measurement.unsent,
        "wrong": wrong.collect::<Vec<_>>(),
        "response": series(&measurement.response),
        "service": series(&measurement.service),
        "lateness": whole(&measurement.lateness),
        "overhead": overhead.collect::<Vec<_>>(),
        "blocks": measurement.blocks.iter().map(block).collect::<Vec<_>>(),
    })
}

fn series(recorder: &Recorder) -> Value {
    let row = |(series, histogram): (&Series, &Histogram)| {
        let mut row = of_series(series);
        row.append(&mut whole(histogram));
        Value::Object(row)
    };
    recorder.all().map(row).collect()
}

/// The percentiles for people, and all of it for programs.
fn whole(histogram: &Histogram) -> Map<String, Value> {
    let mut told = percentiles(histogram);
    told.insert("hdr".to_owned(), json!(histogram.encode()));
    told
}

fn block(block: &Block) -> Value {
    let of_tool = |(tool, summary): (&String, &BlockSummary)| {
        json!({
            "tool": tool,
            "count": summary.count,
            "mean": exact(summary.mean),
            "p50": exact(summary.p50),
            "p90": exact(summary.p90),
            "p99": exact(summary.p99),
        })
    };
    block.tools.iter().map(of_tool).collect()
}

/// Milliseconds, to the nanosecond.
fn exact(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

fn requirement(record: &BenchRecord, result: &RequirementResult) -> Value {
    let violations = result.violations.iter().map(|found| violation(record, found));
    let mut members = verdict(result);
    members.insert("violations".to_owned(), violations.collect());
    members.into()
}

fn violation(record: &BenchRecord, violation: &ViolationRecord) -> Value {
    let calls = violation.exchanges.iter();
    json!({
        "tool": violation.tool,
        "summary": violation.summary,
        "expected": violation.expected,
        "observed": violation.observed,
        "assertion": violation.assertion,
        "alike": violation.alike,
        "exchanges": violation.exchanges.iter().map(exchange).collect::<Vec<_>>(),
        "reproduce": calls.map(|exchange| curl::line(exchange, &record.target)).collect::<Vec<_>>(),
    })
}
