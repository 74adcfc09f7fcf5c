//! `latency.hlog`: all latencies in full, as an interval log that any tool of HdrHistogram reads.

use std::time::Duration;

use hubproof_latency::interval_log::IntervalLog;
use hubproof_model::bench_record::BenchRecord;
use hubproof_model::record::{RunRecord, Target};

/// The latencies of a run: from sending to the last byte, under tags such as `service/success/itsm.tickets.list`, and what was spent
/// beside `duration_ms`, such as `overhead/itsm.tickets.list`.
pub fn render(record: &RunRecord) -> String {
    let mut log = IntervalLog::new(record.started_at);
    log.add_all("service", Duration::ZERO, record.duration, &record.latency.service);
    for (tool, overhead) in &record.latency.overhead {
        log.add(format!("overhead/{tool}"), Duration::ZERO, record.duration, overhead);
    }
    log.write(&head("run", &record.suite_version, &record.target))
}

/// The latencies of a bench: the response times too, from the moment at which a call was meant to be sent, and the harness's own lateness.
pub fn render_bench(record: &BenchRecord) -> String {
    let start = record.started_at;
    let Some(measurement) = &record.measurement else {
        return IntervalLog::new(start).write(&head("bench", &record.suite_version, &record.target));
    };
    let mut log = IntervalLog::new(start);
    let (from, length) = (measurement.warm_up, measurement.measured);
    log.add_all("response", from, length, &measurement.response);
    log.add_all("service", from, length, &measurement.service);
    log.add("lateness", from, length, &measurement.lateness);
    for (tool, overhead) in &measurement.overhead {
        log.add(format!("overhead/{tool}"), from, length, overhead);
    }
    log.write(&head("bench", &record.suite_version, &record.target))
}

fn head(command: &str, version: &str, target: &Target) -> [String; 2] {
    [
        format!("hubproof {command} {version} of {}", target.url),
        "Values are nanoseconds, interval maxima milliseconds.".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    #[test]
    fn the_log_of_a_run_holds_all_its_series() {
        let record = canned::complete();
        let text = render(&record);
        assert!(
            text.starts_with("#hubproof run 0.1.0 of https://hub.example/api/v1\n#Values are"),
            "{text}"
        );
        let log = IntervalLog::read(&text).unwrap();
        let told: Vec<_> = log
            .intervals
            .iter()
            .map(|interval| (interval.tag.as_str(), interval.histogram.count()))
            .collect();
        assert_eq!(
            told,
            [
                ("service/success/listing", 2),
                (format!("service/throttled/{}", canned::HOSTILE).as_str(), 1),
                ("service/success/itsm.tickets.get", 900),
                ("service/client_error/itsm.tickets.get", 40),
                ("overhead/itsm.tickets.get", 900),
            ]
        );
        assert_eq!(log.start, record.started_at);
        for interval in &log.intervals {
            // A log has its times to the millisecond.
            assert!(interval.start.is_zero() && interval.length.abs_diff(record.duration) < Duration::from_millis(1));
        }
    }
}
