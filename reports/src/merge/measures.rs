//! Exchanges, latencies and limits of several shards on one clock.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::{Histogram, Recorder};
use hubproof_model::quota::{QuotaSample, thinned};
use hubproof_model::role::Role;

use crate::document::Report;
use crate::document::latency::{Latency, ToolRow, series_rows};
use crate::document::quota::{Quota, Sample};

/// Moves the exchanges of a report behind those of others, in number and in time; gives the highest number so far.
pub(super) fn renumber(report: &mut Report, before: u64, shift: Duration) -> u64 {
    let mut highest = before.saturating_add(report.summary.requests);
    let violations = report.requirements.iter_mut().flat_map(|own| own.violations.iter_mut());
    for violation in violations {
        let smallest = violation.smallest.iter_mut().flat_map(|own| own.first_shown.iter_mut());
        let sequence = violation.sequence.iter_mut().flat_map(|own| own.first_shown.iter_mut());
        let exchanges = violation.exchanges.iter_mut();
        let exchanges = exchanges.map(|exchange| {
            exchange.sent_after = exchange.sent_after.duration().saturating_add(shift).into();
            &mut exchange.number
        });
        let repeated = violation
            .reproduce
            .rounds
            .iter_mut()
            .flatten()
            .map(|own| &mut own.number);
        for number in smallest.chain(sequence).chain(exchanges).chain(repeated) {
            *number = number.saturating_add(before);
            highest = highest.max(*number);
        }
    }
    for sample in report.quota.iter_mut().flat_map(|own| own.samples.iter_mut()) {
        sample.after = sample.after.duration().saturating_add(shift).into();
    }
    highest
}

/// All histograms added, series by series.
pub(super) fn latency<'r>(reports: impl Iterator<Item = &'r Report>) -> Option<Latency> {
    let (mut service, mut overhead) = (Recorder::default(), BTreeMap::<&str, Histogram>::new());
    let mut unit = None;
    for latency in reports.filter_map(|report| report.latency.as_ref()) {
        unit = Some(latency.unit);
        latency
            .service
            .iter()
            .for_each(|row| service.add_to(&row.series, &row.histogram));
        for row in &latency.overhead {
            overhead.entry(&row.tool).or_default().add(&row.histogram);
        }
    }
    let overhead = overhead.into_iter().map(|(tool, histogram)| ToolRow {
        tool: tool.to_owned(),
        histogram,
    });
    Some(Latency {
        unit: unit?,
        service: series_rows(&service),
        overhead: overhead.collect(),
    })
}

/// What each key's answers told, in the order of time.
pub(super) fn quota<'r>(reports: impl Iterator<Item = &'r Report>) -> Vec<Quota> {
    let mut roles: BTreeMap<Role, Vec<QuotaSample>> = BTreeMap::new();
    for quota in reports.flat_map(|report| &report.quota) {
        let samples = quota.samples.iter().map(|sample| QuotaSample {
            after: sample.after.duration(),
            limit: sample.limit,
            remaining: sample.remaining,
            throttled: sample.throttled,
        });
        roles.entry(quota.role).or_default().extend(samples);
    }
    let of_role = |(role, samples): (Role, Vec<QuotaSample>)| Quota {
        role,
        samples: thinned(samples).iter().map(Sample::from).collect(),
    };
    roles.into_iter().map(of_role).collect()
}
