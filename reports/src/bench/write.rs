//! Writes `bench.json`.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::Kind;
use hubproof_model::bench_record::{BenchBaseline, BenchRecord};
use hubproof_model::failure::Failure;
use hubproof_model::measurement::{Block, BlockSummary, Measurement, Pacing};
use hubproof_model::record::{RequirementResult, ViolationRecord};
use serde_json::{Value, json};

use super::{FORMAT, FORMAT_VERSION};
use crate::curl::{self, Names};
use crate::document::end::End;
use crate::document::exchange::Exchange;
use crate::document::figures::Figures;
use crate::document::latency::{ToolRow, series_rows};
use crate::document::request::Request;
use crate::document::tally::Tally;
use crate::document::target::{Target, word};
use crate::document::time::Moment;
use crate::json::escaped;

/// The bench as a JSON text.
pub fn render(record: &BenchRecord) -> String {
    escaped(&format!("{:#}\n", bench(record)))
}

fn bench(record: &BenchRecord) -> Value {
    let left_out = record.left_out.iter();
    let left_out =
        left_out.map(|(tool, left_out)| json!({ "tool": tool, "risk": word(&left_out.risk), "why": left_out.why, "by_choice": left_out.by_choice }));
    json!({
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "tool": { "name": "hubproof", "version": record.suite_version },
        "contract": { "revision": record.contract_revision },
        "target": Target::from(&record.target),
        "seed": record.seed,
        "allow": record.allow,
        "live": record.live,
        "started_at": Moment::from(record.started_at),
        "requests": record.requests,
        "end": End::from(&record.end),
        "summary": record.results.iter().map(|result| result.verdict).collect::<Tally>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "failures": record.failures.all().into_iter().map(failure).collect::<Vec<_>>(),
        "notes": record.notes,
        "measurement": record.measurement.as_ref().map(|own| measurement(record, own)),
        "baseline": record.baseline.as_ref().map(baseline),
        "requirements": record.results.iter().map(|result| requirement(record, result)).collect::<Vec<_>>(),
    })
}

fn failure((failure, calls): (&Failure, u64)) -> Value {
    let (status, code) = match failure {
        Failure::Answered { status, code } => (Some(status), code.as_ref()),
        _ => (None, None),
    };
    json!({ "kind": failure.name(), "status": status, "code": code, "calls": calls })
}

fn baseline(baseline: &BenchBaseline) -> Value {
    json!({
        "path": baseline.path,
        "tool": { "name": "hubproof", "version": baseline.suite_version },
        "started_at": Moment::from(baseline.started_at),
    })
}

fn measurement(record: &BenchRecord, measurement: &Measurement) -> Value {
    let pacing = match measurement.pacing {
        Pacing::Closed { concurrency } => json!({ "kind": "closed", "concurrency": concurrency }),
        Pacing::Open { rate } => json!({ "kind": "open", "rate": rate }),
    };
    let mix = measurement.mix.iter().map(|(tool, weight)| {
        let known = record.risks.get(tool).and_then(word);
        json!({ "tool": tool, "risk": known, "weight": weight })
    });
    let wrong = measurement.wrong.iter();
    let wrong = wrong.map(|(id, answers)| json!({ "requirement": id, "answers": answers }));
    let overhead = measurement.overhead.iter().map(|(tool, histogram)| ToolRow {
        tool: tool.clone(),
        histogram: histogram.clone(),
    });
    json!({
        "pacing": pacing,
        "connections": measurement.connections,
        "live": measurement.live,
        "seed": measurement.seed,
        "mix": mix.collect::<Vec<_>>(),
        "began_at": Moment::from(measurement.began_at),
        "warm_up_ms": exact(measurement.warm_up),
        "planned_ms": exact(measurement.planned),
        "measured_ms": exact(measurement.measured),
        "calls": measurement.response.count(),
        "successes": measurement.response.of_kind(Kind::Success).count(),
        "in_time": by_tool(&measurement.in_time),
        "unsent": measurement.unsent(),
        "unsent_by_tool": by_tool(&measurement.unsent),
        "wrong": wrong.collect::<Vec<_>>(),
        "response": series_rows(&measurement.response),
        "service": series_rows(&measurement.service),
        "lateness": Figures::of(&measurement.lateness),
        "pauses": Figures::of(&measurement.pauses),
        "overhead": overhead.collect::<Vec<_>>(),
        "blocks": measurement.blocks.iter().map(block).collect::<Vec<_>>(),
    })
}

fn by_tool(calls: &BTreeMap<String, u64>) -> Value {
    let calls = calls.iter();
    calls
        .map(|(tool, calls)| json!({ "tool": tool, "calls": calls }))
        .collect()
}

fn block(block: &Block) -> Value {
    let of_tool = |(tool, summary): (&String, &BlockSummary)| {
        json!({
            "tool": tool,
            "count": summary.count,
            "failed": summary.failed,
            "mean": exact(summary.mean),
            "p50": summary.p50.map(exact),
            "p90": summary.p90.map(exact),
            "p99": summary.p99.map(exact),
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
    json!({
        "id": result.id,
        "level": result.level,
        "basis": result.basis,
        "source": result.source,
        "title": result.title,
        "statement": result.statement,
        "verdict": result.verdict,
        "reason": result.reason,
        "undecided": result.undecided,
        "grants": result.grants,
        "cases": result.cases,
        "violation_count": result.violation_count,
        "violations": violations.collect::<Vec<_>>(),
    })
}

fn violation(record: &BenchRecord, violation: &ViolationRecord) -> Value {
    let names = Names {
        keys: &record.target.key_variables,
        runs: &[],
    };
    let calls = violation.exchanges.iter();
    json!({
        "tool": violation.tool,
        "summary": violation.summary,
        "expected": violation.expected,
        "observed": violation.observed,
        "assertion": violation.assertion,
        "alike": violation.alike,
        "exchanges": violation.exchanges.iter().map(Exchange::from).collect::<Vec<_>>(),
        "reproduce": calls.map(|exchange| curl::line(&Request::of(exchange), names)).collect::<Vec<_>>(),
    })
}
