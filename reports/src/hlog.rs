//! `latency.hlog`: all latencies in full, as an interval log that any tool of HdrHistogram reads.

use std::iter::once;
use std::time::Duration;

use hubproof_latency::interval_log::{Interval, write};
use hubproof_model::bench_record::BenchRecord;
use hubproof_model::measurement::Latencies;

use crate::document::Report;

/// The latencies of a run: from sending to the last byte, under tags such as `service/success/itsm.tickets.list`, and what was spent
/// beside `duration_ms`, such as `overhead/itsm.tickets.list`.
#[must_use]
pub fn render(report: &Report) -> String {
    let whole = |tag, histogram| Interval {
        tag,
        start: Duration::ZERO,
        length: report.duration.duration(),
        histogram,
    };
    let latency = report.latency.iter();
    let intervals = latency.flat_map(|latency| {
        let service = latency.service.iter();
        let service = service.map(|row| whole(row.series.tag("service"), row.histogram.clone()));
        let overhead = latency.overhead.iter();
        service.chain(overhead.map(|row| whole(format!("overhead/{}", row.tool), row.histogram.clone())))
    });
    let head = head("run", &report.tool.version, &report.target.url);
    write(report.started_at.system_time(), &head, intervals)
}

/// The latencies of a bench. The response times, from the moment at which a call was meant to be sent, and the harness's own lateness go over
/// time: an interval for each block, under tags such as `response/success/itsm.tickets.list`. The others have one each. No call is in two intervals of
/// a tag: all of them together are what the whole was.
pub fn render_bench(record: &BenchRecord) -> String {
    let head = head("bench", &record.suite_version, &record.target.url);
    let Some(measurement) = &record.measurement else {
        return write(record.started_at, &head, std::iter::empty::<Interval>());
    };
    let whole = |tag, histogram| Interval {
        tag,
        start: measurement.warm_up,
        length: measurement.measured,
        histogram,
    };
    let service = measurement.service.all();
    let service = service.map(|(series, histogram)| whole(series.tag("service"), histogram.clone()));
    let overhead = measurement.overhead.iter();
    let overhead = overhead.map(|(tool, histogram)| whole(format!("overhead/{tool}"), histogram.clone()));
    let pauses = once(whole("pauses".to_owned(), measurement.pauses.clone()));
    let over_time = record
        .over_time
        .iter()
        .flat_map(|block| intervals(block, measurement.warm_up));
    write(
        measurement.began_at,
        &head,
        service.chain(overhead).chain(pauses).chain(over_time),
    )
}

/// The intervals of a block, where the measured time begins so long after the log.
fn intervals(block: &Latencies, begin: Duration) -> impl Iterator<Item = Interval> {
    let interval = move |tag, histogram| Interval {
        tag,
        start: begin + block.start,
        length: block.length,
        histogram,
    };
    let response = block.response.iter();
    let response = response.map(move |(series, latencies)| interval(series.tag("response"), latencies.unpacked()));
    response.chain(once(interval("lateness".to_owned(), block.lateness.unpacked())))
}

fn head(command: &str, version: &str, url: &str) -> [String; 2] {
    [
        format!("hubproof {command} {version} of {url}"),
        "Values are nanoseconds, interval maxima milliseconds.".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hubproof_latency::Histogram;
    use hubproof_latency::interval_log::IntervalLog;

    use super::*;
    use crate::canned;

    #[test]
    fn the_log_of_a_bench_goes_over_time_from_its_load_on() {
        let record = canned::bench();
        let measurement = record.measurement.as_ref().unwrap();
        assert!(record.started_at < measurement.began_at);
        let log = IntervalLog::read(&render_bench(&record)).unwrap();
        assert_eq!(log.start, measurement.began_at);
        let stretches = |tag: &str| {
            let own = log.intervals.iter().filter(|interval| interval.tag == tag);
            own.map(|own| (own.start.as_millis(), own.length.as_millis()))
                .collect::<Vec<_>>()
        };
        let blocks = [(2_000, 4_000), (6_000, 4_000), (10_000, 2_000)];
        assert_eq!(stretches("response/success/itsm.tickets.get"), blocks);
        assert_eq!(stretches("lateness"), blocks);
        // It is the call of one block.
        assert_eq!(stretches("response/no_answer/itsm.tickets.list"), blocks[..1]);
        for whole in ["service/success/itsm.tickets.get", "overhead/itsm.tickets.get"] {
            assert_eq!(stretches(whole), [(2_000, 10_000)], "{whole}");
        }
        assert!(log.intervals.is_sorted_by_key(|interval| interval.start));
    }

    /// Tools that read logs add up the intervals of a tag.
    #[test]
    fn the_intervals_of_a_tag_are_the_whole() {
        let record = canned::bench();
        let measurement = record.measurement.as_ref().unwrap();
        let log = IntervalLog::read(&render_bench(&record)).unwrap();
        let mut told: BTreeMap<String, Histogram> = BTreeMap::new();
        for interval in &log.intervals {
            told.entry(interval.tag.clone()).or_default().add(&interval.histogram);
        }
        let mut whole = BTreeMap::new();
        for (measured, recorder) in [("response", &measurement.response), ("service", &measurement.service)] {
            let all = recorder.all().map(|(series, own)| (series.tag(measured), own.clone()));
            whole.extend(all);
        }
        let overhead = measurement.overhead.iter();
        whole.extend(overhead.map(|(tool, own)| (format!("overhead/{tool}"), own.clone())));
        whole.insert("lateness".to_owned(), measurement.lateness.clone());
        whole.insert("pauses".to_owned(), measurement.pauses.clone());
        assert_eq!(told, whole);
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
