//! `latency.hlog`: all latencies in full, as an interval log that any tool of HdrHistogram reads.

use std::time::Duration;

use hubproof_latency::interval_log::IntervalLog;
use hubproof_model::bench_record::BenchRecord;

use crate::document::Report;

/// The latencies of a run: from sending to the last byte, under tags such as `service/success/itsm.tickets.list`, and what was spent
/// beside `duration_ms`, such as `overhead/itsm.tickets.list`.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut log = IntervalLog::new(report.started_at.system_time());
    let mut add = |tag, histogram| log.add(tag, Duration::ZERO, report.duration.duration(), histogram);
    if let Some(latency) = &report.latency {
        for row in &latency.service {
            add(row.series.tag("service"), &row.histogram);
        }
        for row in &latency.overhead {
            add(format!("overhead/{}", row.tool), &row.histogram);
        }
    }
    log.write(&head("run", &report.tool.version, &report.target.url))
}

/// The latencies of a bench: the response times too, from the moment at which a call was meant to be sent, and the harness's own lateness.
pub fn render_bench(record: &BenchRecord) -> String {
    let Some(measurement) = &record.measurement else {
        return IntervalLog::new(record.started_at).write(&head("bench", &record.suite_version, &record.target.url));
    };
    let mut log = IntervalLog::new(measurement.began_at);
    let (from, length) = (measurement.warm_up, measurement.measured);
    log.add_all("response", from, length, &measurement.response);
    log.add_all("service", from, length, &measurement.service);
    log.add("lateness", from, length, &measurement.lateness);
    for (tool, overhead) in &measurement.overhead {
        log.add(format!("overhead/{tool}"), from, length, overhead);
    }
    log.write(&head("bench", &record.suite_version, &record.target.url))
}

fn head(command: &str, version: &str, url: &str) -> [String; 2] {
    [
        format!("hubproof {command} {version} of {url}"),
        "Values are nanoseconds, interval maxima milliseconds.".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    #[test]
    fn the_log_of_a_bench_starts_with_its_load() {
        let record = canned::bench();
        let measurement = record.measurement.as_ref().unwrap();
        assert!(record.started_at < measurement.began_at);
        let log = IntervalLog::read(&render_bench(&record)).unwrap();
        assert_eq!(log.start, measurement.began_at);
        assert!(
            log.intervals
                .iter()
                .all(|interval| interval.start == measurement.warm_up)
        );
    }

    #[test]
    fn the_log_of_a_run_holds_all_its_series() {
        let record = canned::complete();
        let text = render(&canned::report(&record));
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
