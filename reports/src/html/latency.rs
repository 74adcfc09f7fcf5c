//! How long answers took: the curve of percentiles, the histogram, and a row for each tool.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::{Histogram, Kind, Place};
use maud::{Markup, html};

use super::chart::{self, Scale, at, beside, frame, tick, x, y};
use super::timeline;
use crate::document::Report;
use crate::document::latency::Latency;
use crate::figures::{count, short_milliseconds};
use crate::printable::visible;

/// The most rows of the table of tools.
const MOST_TOOLS: usize = 300;
/// Points of a curve, and bars of a histogram.
const POINTS: u32 = 120;
const BARS: u32 = 36;
/// The parts of all that stand below a curve of percentiles.
const PARTS: [(f64, &str); 7] = [
    (0.0, "min"),
    (0.5, "p50"),
    (0.9, "p90"),
    (0.99, "p99"),
    (0.999, "p99.9"),
    (0.9999, "p99.99"),
    (0.99999, "p99.999"),
];

/// The section; nothing where nothing was sent.
pub(super) fn section(report: &Report) -> Markup {
    let Some(latency) = &report.latency else {
        return html! {};
    };
    let outcomes = Kind::ALL.map(|kind| (kind, latency.of_outcome(kind)));
    let outcomes: Vec<_> = outcomes.into_iter().filter(|(_, own)| !own.is_empty()).collect();
    let successes = latency.of_outcome(Kind::Success);
    html! {
        section #latency aria-labelledby="latency-heading" {
            h2 #latency-heading { "Latency" }
            p.muted {
                "From the sending to the last byte of the answer. A run sends unlike calls in bursts: these figures are shown, and "
                "judged by nobody. " code { "hubproof bench" } " measures under a steady load."
            }
            @if !outcomes.is_empty() {
                figure { figcaption { "By percentile" } (percentiles(&outcomes)) (legend(&outcomes)) }
            }
            @if !successes.is_empty() { figure { figcaption { "Successes" } (bars(&successes)) } }
            @if let Some(timeline) = &report.timeline { (timeline::charts(timeline)) }
            (outcome_table(&outcomes))
            (tool_table(latency))
        }
    }
}

fn milliseconds(latency: Duration) -> f64 {
    latency.as_secs_f64() * 1000.0
}

/// The latency that each part of all calls does not exceed; the parts lie by how many nines they have.
fn percentiles(outcomes: &[(Kind, Histogram)]) -> Markup {
    let most = outcomes.iter().map(|(_, own)| own.count()).max().unwrap_or(1);
    // Beyond the last call there is nothing to show.
    let nines = (most as f64).log10().clamp(1.0, 5.0);
    let place = |part: f64| (1.0 / (1.0 - part)).log10() / nines;
    let longest = outcomes.iter().map(|(_, own)| own.max()).max().unwrap_or_default();
    let scale = Scale::linear(milliseconds(longest));
    let below: Vec<_> = PARTS
        .iter()
        .filter(|(part, _)| place(*part) <= 1.0)
        .map(|(part, name)| (place(*part), (*name).to_owned()))
        .collect();
    let line = |histogram: &Histogram| {
        let own = (histogram.count() as f64).log10().clamp(0.0, nines);
        let point = |index: u32| {
            let reached = own * f64::from(index) / f64::from(POINTS);
            let latency = milliseconds(histogram.quantile(1.0 - 10f64.powf(-reached)));
            format!("{},{}", at(x(reached / nines)), at(y(scale.part(latency))))
        };
        (0..=POINTS).map(point).collect::<Vec<_>>().join(" ")
    };
    let within = html! {
        @for (kind, histogram) in outcomes { polyline class={ "series " (kind.name()) } points=(line(histogram)) {} }
    };
    frame(
        "Latency in milliseconds by percentile",
        &below,
        &beside(scale, "ms"),
        &within,
    )
}

/// How many successes took how long, by the logarithm of the latency.
fn bars(histogram: &Histogram) -> Markup {
    let scale = Scale::logarithmic(milliseconds(histogram.min()), milliseconds(histogram.max()));
    let Scale::Logarithmic(lowest, highest) = scale else {
        return html! {};
    };
    let edge = |index: u32| lowest * (highest / lowest).powf(f64::from(index) / f64::from(BARS));
    let up_to = |index: u32| histogram.count_up_to(Duration::from_secs_f64(edge(index) / 1000.0));
    let counts: Vec<u64> = (0..BARS)
        .map(|index| {
            let from = if index == 0 { 0 } else { up_to(index) };
            up_to(index + 1).saturating_sub(from)
        })
        .collect();
    let upright = Scale::linear(counts.iter().copied().max().unwrap_or(1) as f64);
    let width = chart::WIDTH / f64::from(BARS);
    let below: Vec<_> = scale
        .ticks()
        .into_iter()
        .map(|value| (scale.part(value), format!("{} ms", tick(value))))
        .collect();
    let within = html! {
        @for (index, number) in counts.iter().enumerate() {
            @if *number > 0 {
                @let part = upright.part(*number as f64);
                rect.column x=(at(x(0.0) + width * index as f64 + 0.5)) y=(at(y(part))) width=(at(width - 1.0))
                    height=(at(y(0.0) - y(part))) {}
            }
        }
    };
    frame(
        "How many successes took how long",
        &below,
        &beside(upright, ""),
        &within,
    )
}

fn legend(outcomes: &[(Kind, Histogram)]) -> Markup {
    let label = |(kind, histogram): &(Kind, Histogram)| {
        let (name, number) = (kind.name().replace('_', " "), count(histogram.count()));
        (kind.name(), format!("{name} ({number})"))
    };
    let labels: Vec<_> = outcomes.iter().map(label).collect();
    chart::legend(&labels)
}

fn outcome_table(outcomes: &[(Kind, Histogram)]) -> Markup {
    let rows = outcomes
        .iter()
        .map(|(kind, own)| (html! { (kind.name().replace('_', " ")) }, own, None));
    table("Outcome", false, rows.collect())
}

/// The successes of each tool, the slowest first.
fn tool_table(latency: &Latency) -> Markup {
    let overhead: BTreeMap<&str, &Histogram> = latency
        .overhead
        .iter()
        .map(|row| (row.tool.as_str(), &row.histogram))
        .collect();
    let mut tools: Vec<(&str, &Histogram)> = latency
        .service
        .iter()
        .filter(|row| row.series.kind == Kind::Success)
        .filter_map(|row| match &row.series.place {
            Place::Execute(tool) => Some((tool.as_str(), &row.histogram)),
            _ => None,
        })
        .collect();
    tools.sort_by_key(|(_, own)| std::cmp::Reverse(own.quantile(0.99)));
    let rows = tools.iter().take(MOST_TOOLS).map(|(tool, own)| {
        let beside = overhead.get(tool).map(|own| own.quantile(0.5));
        (html! { code { (visible(tool)) } }, *own, beside)
    });
    html! {
        @if !tools.is_empty() {
            h3 { "Successes by tool, the slowest first" }
            (table("Tool", true, rows.collect()))
            @if tools.len() > MOST_TOOLS { p.muted { "… and " (count((tools.len() - MOST_TOOLS) as u64)) " more: see report.json" } }
        }
    }
}

fn table(what: &str, with_overhead: bool, rows: Vec<(Markup, &Histogram, Option<Duration>)>) -> Markup {
    html! {
        @if !rows.is_empty() {
            div.wide tabindex="0" role="group" aria-label={ "Latencies by " (what.to_lowercase()) } {
                table.figures {
                    thead {
                        tr {
                            th scope="col" { (what) }
                            @for column in ["calls", "p50", "p90", "p99", "p99.9", "max"] { th scope="col" { (column) } }
                            @if with_overhead {
                                th scope="col" { abbr title="p50 of the wall time less the duration_ms that the hub told" { "overhead" } }
                            }
                        }
                    }
                    tbody {
                        @for (name, own, overhead) in rows {
                            tr {
                                th scope="row" { (name) }
                                td { (count(own.count())) }
                                @for part in [0.5, 0.9, 0.99, 0.999] { td { (short_milliseconds(own.quantile(part))) } }
                                td { (short_milliseconds(own.max())) }
                                @if with_overhead { td { (overhead.map(short_milliseconds).unwrap_or_default()) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
