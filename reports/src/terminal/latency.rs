//! How long answers took: a line in the head, and a table of all series.

use hubproof_latency::{Histogram, Kind};

use super::page::Page;
use super::style::Style;
use crate::document::Report;
use crate::figures::{count, short_milliseconds};

/// Columns of a place and an outcome.
const NAME: usize = 40;

/// The line of the head, where an execute succeeded.
pub(super) fn in_brief(page: &mut Page, report: &Report) {
    let Some(latency) = &report.latency else {
        return;
    };
    let (successes, beside) = (latency.of_outcome(Kind::Success), latency.all_overhead());
    if successes.is_empty() {
        return;
    }
    let mut text = format!(
        "p50 {}, p99 {}, longest {} of {} successes",
        short_milliseconds(successes.quantile(0.5)),
        short_milliseconds(successes.quantile(0.99)),
        short_milliseconds(successes.max()),
        count(successes.count())
    );
    if !beside.is_empty() {
        text.push_str(&format!(
            "; beside `duration_ms` p50 {}, p99 {}",
            short_milliseconds(beside.quantile(0.5)),
            short_milliseconds(beside.quantile(0.99))
        ));
    }
    page.field(2, "latency", &text);
}

/// Every series with its percentiles.
pub(super) fn write(page: &mut Page, report: &Report) {
    let Some(latency) = &report.latency else {
        return;
    };
    page.gap();
    page.prose(
        0,
        Style::Bold,
        "Latency in ms, from sending to the last byte (a run sends in bursts: `hubproof bench` measures)",
    );
    head(page, "");
    for own in &latency.service {
        let name = format!("{} {}", own.series.place, own.series.kind.name());
        row(page, &name, &own.histogram);
    }
    if !latency.overhead.is_empty() {
        page.prose(2, Style::Plain, "Of it beside `duration_ms`:");
    }
    for own in &latency.overhead {
        row(page, &own.tool, &own.histogram);
    }
}

/// The heads of the columns of a table.
pub(super) fn head(page: &mut Page, name: &str) {
    let heads = ["count", "p50", "p90", "p99", "p99.9", "max"].map(|head| format!("{head:>9}"));
    page.unbroken_line(Style::Faint, &format!("  {name:NAME$}{}", heads.concat()));
}

/// A row of a table.
pub(super) fn row(page: &mut Page, name: &str, histogram: &Histogram) {
    let figures = [0.5, 0.9, 0.99, 0.999].map(|part| histogram.quantile(part));
    let figures: String = figures
        .iter()
        .chain([&histogram.max()])
        .map(|figure| {
            let figure = short_milliseconds(*figure);
            format!("{:>9}", figure.trim_end_matches(" ms"))
        })
        .collect();
    page.unbroken_line(
        Style::Plain,
        &format!("  {name:NAME$}{:>9}{figures}", count(histogram.count())),
    );
}
