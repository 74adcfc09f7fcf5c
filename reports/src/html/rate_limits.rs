//! What was left of each key's limit over the time of the run, and where it was refused.

use maud::{Markup, html};

use super::chart::{Scale, at, beside, frame, tick, x, y};
use crate::document::Report;
use crate::document::quota::{Quota, Sample};
use crate::figures::counted;

/// A chart for each role whose answers told what is left.
pub(super) fn section(report: &Report) -> Markup {
    let told: Vec<_> = report.quota.iter().filter(|quota| !quota.samples.is_empty()).collect();
    let end = report.duration.number() / 1000.0;
    html! {
        @if !told.is_empty() {
            section #rate-limits aria-labelledby="rate-limits-heading" {
                h2 #rate-limits-heading { "Rate limits" }
                p.muted { "What the answers said is left of each key's limit, by when they came; a cross where a call was refused for it." }
                @for quota in told { (of_role(quota, end)) }
            }
        }
    }
}

fn of_role(quota: &Quota, end: f64) -> Markup {
    let samples = &quota.samples;
    let told = samples.iter().flat_map(|sample| [sample.limit, sample.remaining]);
    let highest = told.flatten().fold(0.0, f64::max);
    let last = samples
        .iter()
        .map(|sample| sample.after.number() / 1000.0)
        .fold(end, f64::max);
    let (time, left) = (Scale::up_to(last), Scale::linear(highest));
    let below: Vec<_> = time
        .ticks()
        .into_iter()
        .map(|value| (time.part(value), format!("{} s", tick(value))))
        .collect();
    let across = |sample: &Sample| x(time.part(sample.after.number() / 1000.0));
    let line = |of: fn(&Sample) -> Option<f64>| {
        let point = |sample: &Sample| Some(format!("{},{}", at(across(sample)), at(y(left.part(of(sample)?)))));
        samples.iter().filter_map(point).collect::<Vec<_>>().join(" ")
    };
    let throttled: Vec<_> = samples.iter().filter(|sample| sample.throttled).collect();
    let within = html! {
        polyline class="series limit" points=(line(|sample| sample.limit)) {}
        polyline class="series" points=(line(|sample| sample.remaining)) {}
        @for sample in &throttled {
            text.refused x=(at(across(sample))) y=(at(y(0.0) - 3.0)) text-anchor="middle" { "×" }
        }
    };
    html! {
        figure {
            figcaption { "Key of the role " code { (quota.role.name()) } }
            (frame(&format!("What was left of the limit of {}", quota.role.name()), &below, &beside(left, ""), &within))
            @if !throttled.is_empty() { p.muted { (counted(throttled.len() as u64, "refused call")) } }
        }
    }
}
