//! A bench as a person reads it: the load, the three times side by side, each tool, and the verdicts.

use hubproof_latency::{Histogram, Kind, Place};
use hubproof_model::bench_record::BenchRecord;
use hubproof_model::judgment::Verdict;
use hubproof_model::measurement::{Measurement, Pacing};
use hubproof_model::record::RequirementResult;

use super::page::Page;
use super::style::Style;
use super::verdicts::Verdicts;
use super::{TerminalOptions, address, ended_early, latency};
use crate::document::end::{End, EndKind};
use crate::document::target::Target;
use crate::figures::{count, counted, short_milliseconds, span};

/// How many violations of a requirement are shown unless more is asked for.
const SHOWN: usize = 5;
/// Columns of a tool's key.
const TOOL: usize = 34;
/// Kinds of answers that are failures.
const FAILURES: [Kind; 4] = [Kind::ClientError, Kind::Throttled, Kind::ServerError, Kind::NoAnswer];

/// The bench as text.
pub fn render_bench(record: &BenchRecord, options: &TerminalOptions) -> String {
    let mut page = Page::new(options.colour, options.width);
    if !options.quiet {
        head(&mut page, record);
        ended_early(&mut page, &End::from(&record.end));
        if let Some(measurement) = &record.measurement {
            times(&mut page, measurement);
            tools(&mut page, measurement);
            if options.verbose {
                series(&mut page, measurement);
            }
            wrong(&mut page, measurement);
        }
        record
            .results
            .iter()
            .for_each(|result| judged(&mut page, result, options));
        page.gap();
    }
    summary(&mut page, record, options);
    page.finish()
}

fn head(page: &mut Page, record: &BenchRecord) {
    let title = format!(
        "hubproof {} · contract revision {} · bench",
        record.suite_version, record.contract_revision
    );
    page.prose(0, Style::Bold, &title);
    page.unbroken(2, "target", &address(&Target::from(&record.target)));
    if let Some(profile) = &record.target.profile {
        page.unbroken(2, "profile", profile);
    }
    if let Some(baseline) = &record.baseline {
        let measured = format!("{} (hubproof {})", baseline.path, baseline.suite_version);
        page.unbroken(2, "baseline", &measured);
    }
    if let Some(measurement) = &record.measurement {
        load(page, record, measurement);
    }
}

fn load(page: &mut Page, record: &BenchRecord, measurement: &Measurement) {
    let loop_kind = match measurement.pacing {
        Pacing::Closed { .. } => "closed loop",
        Pacing::Open { .. } => "open loop",
    };
    let inputs = if record.live {
        "inputs drawn live"
    } else {
        "inputs drawn before"
    };
    let load = format!(
        "{loop_kind}, {}, {} after {} of warm-up, {inputs}, seed {}",
        measurement.pacing,
        span(measurement.planned),
        span(measurement.warm_up),
        record.seed
    );
    page.field(2, "load", &load);
    let mix = measurement.mix.iter().map(|(tool, weight)| match weight {
        1 => tool.clone(),
        weight => format!("{tool} ×{weight}"),
    });
    page.field(2, "mix", &mix.collect::<Vec<_>>().join(", "));
    let mut reached = format!(
        "{} in {}: {} answered a second",
        counted(measurement.response.count(), "call"),
        span(measurement.measured),
        per_second(measurement.in_time.values().sum(), measurement)
    );
    if measurement.unsent() > 0 {
        reached.push_str(&format!(", and {} that could not be sent", count(measurement.unsent())));
    }
    page.field(2, "reached", &reached);
}

/// The three times of the calls that were answered with success; those that were not answered stand apart, with the time until that was
/// known.
fn times(page: &mut Page, measurement: &Measurement) {
    page.gap();
    page.prose(0, Style::Bold, "Latency in ms, of successes");
    latency::head(page, "");
    latency::row(
        page,
        "response (from the time meant for it)",
        &measurement.response.of_kind(Kind::Success),
    );
    latency::row(
        page,
        "service (from the sending)",
        &measurement.service.of_kind(Kind::Success),
    );
    let unanswered = measurement.response.of_kind(Kind::NoAnswer);
    if !unanswered.is_empty() {
        latency::row(page, "no answer (until that was known)", &unanswered);
    }
    latency::row(page, "lateness (hubproof's own)", &measurement.lateness);
    if !measurement.pauses.is_empty() {
        latency::row(page, "pauses (this machine's)", &measurement.pauses);
    }
}

fn tools(page: &mut Page, measurement: &Measurement) {
    page.gap();
    page.prose(0, Style::Bold, "Response times of successes in ms, by tool");
    let heads = ["p50", "p99", "p99.9", "max", "a second", "errors", "beside"].map(|head| format!("{head:>9}"));
    page.unbroken_line(Style::Faint, &format!("  {:TOOL$}{}", "", heads.concat()));
    for tool in measurement.mix.keys() {
        let place = Place::Execute(tool.clone());
        let successes = measurement.response.of_place(&place, &[Kind::Success]);
        let all = measurement.response.of_place(&place, &Kind::ALL).count();
        let failed = measurement.response.of_place(&place, &FAILURES).count();
        let in_time = measurement.in_time.get(tool).copied().unwrap_or_default();
        let figures = [0.5, 0.99, 0.999, 1.0].map(|part| match successes.is_empty() {
            true => "–".to_owned(),
            false => bare(&successes, part),
        });
        let beside = measurement.overhead.get(tool).filter(|overhead| !overhead.is_empty());
        let beside = beside.map_or("–".to_owned(), |overhead| bare(overhead, 0.5));
        let cells = figures
            .into_iter()
            .chain([per_second(in_time, measurement), percent(failed, all), beside]);
        let cells: String = cells.map(|cell| format!("{cell:>9}")).collect();
        page.unbroken_line(Style::Plain, &format!("  {tool:TOOL$}{cells}"));
    }
    page.prose(
        2,
        Style::Faint,
        "beside: the median of what a call took beside the `duration_ms` that the hub told, the network in it",
    );
}

/// Every series of the response times.
fn series(page: &mut Page, measurement: &Measurement) {
    page.gap();
    page.prose(0, Style::Bold, "Response times in ms, by outcome");
    latency::head(page, "");
    for (series, histogram) in measurement.response.all() {
        latency::row(page, &format!("{} {}", series.place, series.kind.name()), histogram);
    }
}

fn wrong(page: &mut Page, measurement: &Measurement) {
    if measurement.wrong.is_empty() {
        return;
    }
    page.gap();
    let of =
        |(id, answers): (&hubproof_model::requirement::RequirementId, &u64)| format!("{} break {id}", count(*answers));
    let wrong: Vec<_> = measurement.wrong.iter().map(of).collect();
    page.headed(0, Style::Bad, "Wrong answers:", Style::Plain, &wrong.join(", "));
}

/// A verdict with what it rests on.
fn judged(page: &mut Page, result: &RequirementResult, options: &TerminalOptions) {
    let (head, style) = match result.verdict {
        Verdict::Held => ("held", Style::Good),
        Verdict::Violated if options.fail_on.gates(result.level) => ("VIOLATED", Style::Bad),
        Verdict::Violated => ("WARNING", Style::Warning),
        Verdict::NotExercised => ("not exercised", Style::Warning),
        Verdict::Inconclusive => ("INCONCLUSIVE", Style::Warning),
    };
    page.gap();
    page.headed(
        0,
        style,
        head,
        Style::Bold,
        &format!("{} {} {}", result.id, result.level, result.title),
    );
    // Of an inconclusive one it is the reason already.
    let undecided = result
        .undecided
        .as_ref()
        .filter(|_| result.verdict != Verdict::Inconclusive);
    for why in result.reason.iter().chain(undecided) {
        page.prose(2, Style::Plain, why);
    }
    let shown = if options.verbose { usize::MAX } else { SHOWN };
    for violation in result.violations.iter().take(shown) {
        let text = match &violation.tool {
            Some(tool) => format!("{tool}: {}", violation.summary),
            None => violation.summary.clone(),
        };
        page.headed(2, Style::Plain, "-", Style::Plain, &text);
        page.field(4, "expected", &violation.expected);
        page.field(4, "observed", &violation.observed);
    }
    let hidden = result.violations.len().saturating_sub(shown);
    if hidden > 0 {
        page.prose(
            2,
            Style::Faint,
            &format!("… and {} more (see bench.json)", count(hidden as u64)),
        );
    }
}

fn summary(page: &mut Page, record: &BenchRecord, options: &TerminalOptions) {
    let gates = |result: &&RequirementResult| result.is_broken() && options.fail_on.gates(result.level);
    let mut line = Verdicts {
        tally: record.results.iter().map(|result| result.verdict).collect(),
        gating: record.results.iter().filter(gates).count() as u64,
        known: record.results.iter().filter(|result| result.is_known()).count() as u64,
    }
    .to_string();
    if let Some(measurement) = &record.measurement {
        line.push_str(&format!(
            " · {} · {} a second",
            counted(measurement.response.count(), "call"),
            per_second(measurement.in_time.values().sum(), measurement)
        ));
        if measurement.unsent() > 0 {
            line.push_str(&format!(" · {} unsent", count(measurement.unsent())));
        }
    }
    let end = End::from(&record.end).kind;
    if end != EndKind::Complete {
        line.push_str(&format!(" · ended early: {}", end.heading()));
    }
    page.unbroken_line(Style::Bold, &line);
}

fn bare(histogram: &Histogram, part: f64) -> String {
    short_milliseconds(histogram.quantile(part))
        .trim_end_matches(" ms")
        .to_owned()
}

fn per_second(answered: u64, measurement: &Measurement) -> String {
    count(measurement.per_second(answered).round() as u64)
}

fn percent(part: u64, of: u64) -> String {
    match of {
        0 => "–".to_owned(),
        of => format!("{:.2} %", part as f64 / of as f64 * 100.0),
    }
}

#[cfg(test)]
#[path = "bench_tests.rs"]
mod tests;
