//! Latencies as JSON: percentiles by series.

use hubproof_latency::{Histogram, Place, Recorder, Series};
use hubproof_model::latency::RunLatency;
use serde_json::{Map, Value, json};

use crate::figures::milliseconds;

/// The latencies of a run; `null` where nothing was sent.
pub(crate) fn of_run(latency: &RunLatency) -> Value {
    if latency.service.count() == 0 {
        return Value::Null;
    }
    let overhead = latency.overhead.iter().map(|(tool, histogram)| {
        let mut row = Map::new();
        row.insert("tool".to_owned(), json!(tool));
        row.append(&mut percentiles(histogram));
        Value::Object(row)
    });
    json!({
        "unit": "ms",
        "service": by_series(&latency.service),
        "overhead": overhead.collect::<Vec<_>>(),
    })
}

/// A row for each series.
fn by_series(recorder: &Recorder) -> Value {
    let row = |(series, histogram): (&Series, &Histogram)| {
        let mut row = of_series(series);
        row.append(&mut percentiles(histogram));
        Value::Object(row)
    };
    recorder.all().map(row).collect()
}

/// What a row is of.
pub(crate) fn of_series(series: &Series) -> Map<String, Value> {
    let (place, tool) = match &series.place {
        Place::Listing => ("listing", None),
        Place::Definition => ("definition", None),
        Place::Execute(tool) => ("execute", Some(tool)),
        Place::Other => ("other", None),
    };
    let told = [
        ("place", json!(place)),
        ("tool", json!(tool)),
        ("outcome", json!(series.kind.name())),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What is told of a histogram, in milliseconds.
pub(crate) fn percentiles(histogram: &Histogram) -> Map<String, Value> {
    let at = |part| json!(milliseconds(histogram.quantile(part)));
    let told = [
        ("count", json!(histogram.count())),
        ("mean", json!(milliseconds(histogram.mean()))),
        ("p50", at(0.5)),
        ("p90", at(0.9)),
        ("p99", at(0.99)),
        ("p99_9", at(0.999)),
        ("max", json!(milliseconds(histogram.max()))),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
