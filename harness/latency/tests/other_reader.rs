//! An interval log of ours, read by Python's `hdrhistogram` (PyPI), which shares no code with the library that wrote it.
//!
//! Ignored where that package is missing, and failed there with `HUBPROOF_REQUIRE_HDRH=1`. `HUBPROOF_PYTHON` names another interpreter.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime};

use hubproof_latency::Histogram;
use hubproof_latency::interval_log::{self, Interval, IntervalLog};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

const READER: &str = r#"
import json, sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

def told(histogram):
    return {
        "tag": histogram.get_tag(),
        "start": histogram.get_start_time_stamp(),
        "end": histogram.get_end_time_stamp(),
        "count": histogram.get_total_count(),
        "quantiles": [histogram.get_value_at_percentile(part) for part in (0, 50, 90, 99, 99.9, 100)],
    }

reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 3600 * 10**9, 3))
intervals, sums = [], {}
while histogram := reader.get_next_interval_histogram():
    intervals.append(told(histogram))
    tag = histogram.get_tag()
    if tag in sums:
        sums[tag].add(histogram)
    else:
        sums[tag] = histogram
print(json.dumps({"intervals": intervals, "sums": {tag: told(sum) for tag, sum in sums.items()}}))
"#;

fn main() -> ExitCode {
    let is_required = std::env::var("HUBPROOF_REQUIRE_HDRH").is_ok_and(|value| value == "1");
    let is_there = python(&["-c", "import hdrh.log"]).is_ok();
    let name = match is_there {
        true => "python_reads_the_log",
        false => "python_reads_the_log [not installed: pip install hdrhistogram]",
    };
    let trial = Trial::test(name, || python_reads_the_log().map_err(Failed::from));
    let trial = trial.with_ignored_flag(!is_there && !is_required);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn python_reads_the_log() -> Result<(), String> {
    let log = log();
    let directory = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let path = directory.path().join("latency.hlog");
    let text = interval_log::write(log.start, &["hubproof"], &log.intervals);
    std::fs::write(&path, text).map_err(|fault| fault.to_string())?;
    let seen = read(&path)?;
    let intervals = seen["intervals"].as_array().cloned().unwrap_or_default();
    if intervals.len() != log.intervals.len() {
        return Err(format!(
            "{} intervals were read of {}",
            intervals.len(),
            log.intervals.len()
        ));
    }
    let mut sums: BTreeMap<&str, Histogram> = BTreeMap::new();
    for (interval, seen) in log.intervals.iter().zip(&intervals) {
        let start = log.start.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + interval.start;
        let end = start + interval.length;
        let is_same =
            |name: &str, at: Duration| (seen[name].as_f64().unwrap_or(-1.0) - at.as_secs_f64() * 1000.0).abs() < 1.0;
        if seen["tag"] != interval.tag || !is_same("start", start) || !is_same("end", end) {
            return Err(format!("{} is {seen}", interval.tag));
        }
        holds(&interval.tag, &interval.histogram, seen)?;
        sums.entry(&interval.tag).or_default().add(&interval.histogram);
    }
    let mut sums = sums.into_iter();
    sums.try_for_each(|(tag, sum)| holds(tag, &sum, &seen["sums"][tag]))
}

/// Whether what was read holds the calls of a histogram.
fn holds(tag: &str, histogram: &Histogram, seen: &Value) -> Result<(), String> {
    let quantiles = [0.0, 0.5, 0.9, 0.99, 0.999, 1.0].map(|part| histogram.quantile(part).as_nanos() as u64);
    let told = seen["quantiles"].as_array().into_iter().flatten();
    let told: Vec<_> = told.filter_map(Value::as_u64).collect();
    match seen["count"] == histogram.count() && told == quantiles {
        true => Ok(()),
        false => Err(format!(
            "{tag}: {} calls with {quantiles:?} were read as {seen}",
            histogram.count()
        )),
    }
}

/// Two series over time, of unlike lengths, and the lateness, which is shorter by far.
fn log() -> IntervalLog {
    let mut intervals = Vec::new();
    for block in 0..3_u64 {
        for (tag, longest) in [
            ("response/success/itsm.tickets.list", 9_000),
            ("response/success/crm.deals.get", 4_000_000),
            ("lateness", 3),
        ] {
            let mut histogram = Histogram::default();
            let latencies =
                (1..=1000 + block).map(|step| Duration::from_nanos(step * step * longest / (1000 - 300 * block)));
            latencies.for_each(|latency| histogram.record(latency));
            intervals.push(Interval {
                tag: tag.to_owned(),
                start: Duration::from_millis(2000 + 500 * block),
                length: Duration::from_millis(500),
                histogram,
            });
        }
    }
    IntervalLog {
        start: SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_250),
        intervals,
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let output = python(&["-c", READER, &path.display().to_string()])?;
    serde_json::from_str(&output).map_err(|fault| format!("{fault}: {output}"))
}

/// What the interpreter prints.
fn python(arguments: &[&str]) -> Result<String, String> {
    let interpreter = std::env::var("HUBPROOF_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&interpreter).args(arguments).output();
    let output = output.map_err(|fault| format!("{interpreter}: {fault}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
