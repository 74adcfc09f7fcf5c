//! An interval log of ours, read by Python's `hdrhistogram` (PyPI), which shares no code with the library that wrote it.
//!
//! Ignored where that package is missing, and failed there with `HUBPROOF_REQUIRE_HDRH=1`. `HUBPROOF_PYTHON` names another interpreter.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime};

use hubproof_latency::interval_log::IntervalLog;
use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

const READER: &str = r#"
import json, sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 3600 * 10**9, 3))
seen = []
while histogram := reader.get_next_interval_histogram():
    seen.append({
        "tag": histogram.get_tag(),
        "start": histogram.get_start_time_stamp(),
        "end": histogram.get_end_time_stamp(),
        "count": histogram.get_total_count(),
        "quantiles": [histogram.get_value_at_percentile(part) for part in (0, 50, 90, 99, 99.9, 100)],
    })
print(json.dumps(seen))
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
    std::fs::write(&path, log.write(&["hubproof"])).map_err(|fault| fault.to_string())?;
    let seen = read(&path)?;
    if seen.len() != log.intervals.len() {
        return Err(format!("{} intervals were read of {}", seen.len(), log.intervals.len()));
    }
    for (interval, seen) in log.intervals.iter().zip(&seen) {
        let start = log.start.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() + interval.start;
        let end = start + interval.length;
        let is_same =
            |name: &str, at: Duration| (seen[name].as_f64().unwrap_or(-1.0) - at.as_secs_f64() * 1000.0).abs() < 1.0;
        if seen["tag"] != interval.tag || !is_same("start", start) || !is_same("end", end) {
            return Err(format!("{} is {seen}", interval.tag));
        }
        let quantiles =
            [0.0, 0.5, 0.9, 0.99, 0.999, 1.0].map(|part| interval.histogram.quantile(part).as_nanos() as u64);
        let told: Vec<_> = seen["quantiles"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        if seen["count"] != interval.histogram.count() || told != quantiles {
            return Err(format!("{}: {quantiles:?} were read as {seen}", interval.tag));
        }
    }
    Ok(())
}

/// Two series of unlike lengths, and a histogram of another stretch.
fn log() -> IntervalLog {
    let mut recorder = Recorder::default();
    for (tool, longest) in [("itsm.tickets.list", 9_000), ("crm.deals.get", 4_000_000)] {
        let series = Series {
            place: Place::Execute(tool.to_owned()),
            kind: Kind::Success,
        };
        let latencies = (1..=1000_u64).map(|step| Duration::from_nanos(step * step * longest / 1000));
        latencies.for_each(|latency| recorder.record(&series, latency));
    }
    let mut lateness = Histogram::default();
    [0, 200, 3_000]
        .into_iter()
        .for_each(|nanoseconds| lateness.record(Duration::from_nanos(nanoseconds)));
    let mut log = IntervalLog::new(SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_323_045_250));
    log.add_all("response", Duration::from_secs(2), Duration::from_secs(10), &recorder);
    log.add(
        "lateness",
        Duration::from_secs(12),
        Duration::from_millis(500),
        &lateness,
    );
    log
}

fn read(path: &Path) -> Result<Vec<Value>, String> {
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
