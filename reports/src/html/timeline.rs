//! The run over time: how many requests in each slice, how many of them failed, and how long the answers took.

use maud::{Markup, html};

use super::chart::{self, Scale, at, beside, frame, tick, x, y};
use crate::document::timeline::{Slice, Timeline};
use crate::figures::counted;

/// The two charts, one above the other over the same time.
pub(super) fn charts(timeline: &Timeline) -> Markup {
    let length = timeline.length.number();
    let end = timeline
        .slices
        .iter()
        .map(|slice| slice.from.number() + length)
        .fold(0.0, f64::max);
    let time = Scale::up_to(end / 1000.0);
    let below: Vec<_> = time
        .ticks()
        .into_iter()
        .map(|value| (time.part(value), format!("{} s", tick(value))))
        .collect();
    let place = |slice: &Slice| x(time.part(slice.from.number() / 1000.0));
    let width = (x(time.part(length / 1000.0)) - x(0.0) - 1.0).max(1.0);
    let slices = &timeline.slices;
    let most = slices.iter().map(|slice| slice.requests).max().unwrap_or(1);
    let number = Scale::linear(most as f64);
    let bar = |class: &str, slice: &Slice, of: u64| {
        let part = number.part(of as f64);
        html! {
            @if of > 0 {
                rect class=(class) x=(at(place(slice))) y=(at(y(part))) width=(at(width)) height=(at(y(0.0) - y(part))) {}
            }
        }
    };
    let requests = html! {
        @for slice in slices { (bar("column", slice, slice.requests)) (bar("column errors", slice, slice.errors)) }
    };
    let longest = slices.iter().map(|slice| slice.max.number()).fold(0.0, f64::max);
    let latency = Scale::linear(longest);
    let line = |of: fn(&Slice) -> f64| {
        let point = |slice: &Slice| format!("{},{}", at(place(slice) + width / 2.0), at(y(latency.part(of(slice)))));
        slices.iter().map(point).collect::<Vec<_>>().join(" ")
    };
    let latencies = html! {
        polyline class="series p50" points=(line(|slice| slice.p50.number())) {}
        polyline class="series p99" points=(line(|slice| slice.p99.number())) {}
        polyline class="series longest" points=(line(|slice| slice.max.number())) {}
    };
    let errors: u64 = slices.iter().map(|slice| slice.errors).fold(0, u64::saturating_add);
    html! {
        figure {
            figcaption { "Over the run: requests, in slices of " (tick(length)) " ms" }
            (frame("Requests over the time of the run", &below, &beside(number, ""), &requests))
            p.muted { (counted(errors, "request")) " failed in the hub or had no whole answer" @if errors > 0 { " (red)" } "." }
        }
        figure {
            figcaption { "Over the run: latency" }
            (frame("Latency over the time of the run", &below, &beside(latency, "ms"), &latencies))
            (chart::legend(&[("p50", "p50"), ("p99", "p99"), ("longest", "max")]))
        }
    }
}
