//! Latencies that moved between two runs.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::{Histogram, Kind, Place};
use serde::Serialize;

use crate::document::Report;
use crate::document::time::Milliseconds;

/// How many calls of a tool there must be in both runs: fewer tell nothing.
const FEWEST: u64 = 20;
/// How much the median must move, as a part and in time: a run sends unlike calls in bursts, and its latencies are never quite the same.
const FACTOR: f64 = 1.5;
const LEAST: Duration = Duration::from_millis(2);

/// A tool whose successes take another time than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The tool.
    pub tool: String,
    /// The median before.
    #[serde(rename = "p50_before_ms")]
    pub p50_before: Milliseconds,
    /// The median now.
    #[serde(rename = "p50_now_ms")]
    pub p50_now: Milliseconds,
    /// The 99th percentile before.
    #[serde(rename = "p99_before_ms")]
    pub p99_before: Milliseconds,
    /// The 99th percentile now.
    #[serde(rename = "p99_now_ms")]
    pub p99_now: Milliseconds,
}

/// The tools whose median moved, those that got slower first.
pub(super) fn moved(before: &Report, now: &Report) -> Vec<Moved> {
    let (old, new) = (successes(before), successes(now));
    let mut moved: Vec<Moved> = old
        .into_iter()
        .filter_map(|(tool, old)| {
            let new = new.get(tool)?;
            has_moved(old, new).then(|| Moved {
                tool: tool.to_owned(),
                p50_before: old.quantile(0.5).into(),
                p50_now: new.quantile(0.5).into(),
                p99_before: old.quantile(0.99).into(),
                p99_now: new.quantile(0.99).into(),
            })
        })
        .collect();
    moved.sort_by(|a, b| {
        let factor = |own: &Moved| own.p50_now.number() / own.p50_before.number().max(0.001);
        factor(b).total_cmp(&factor(a))
    });
    moved
}

fn successes(report: &Report) -> BTreeMap<&str, &Histogram> {
    let rows = report.latency.iter().flat_map(|latency| &latency.service);
    let of_tool = rows
        .filter(|row| row.series.kind == Kind::Success)
        .filter_map(|row| match &row.series.place {
            Place::Execute(tool) => Some((tool.as_str(), &row.histogram)),
            _ => None,
        });
    of_tool.collect()
}

fn has_moved(old: &Histogram, new: &Histogram) -> bool {
    let (before, now) = (old.quantile(0.5), new.quantile(0.5));
    let (shorter, longer) = (before.min(now), before.max(now));
    old.count() >= FEWEST
        && new.count() >= FEWEST
        && longer - shorter >= LEAST
        && longer.as_secs_f64() >= shorter.as_secs_f64() * FACTOR
}
