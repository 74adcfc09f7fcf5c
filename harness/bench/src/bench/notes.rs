//! What is worth saying of a load, in words.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::Kind;
use hubproof_model::bench_record::LeftOut;
use hubproof_model::exchange::Fault;
use hubproof_model::measurement::{Measurement, Pacing};
use hubproof_model::safety::Risk;
use hubproof_requirements::site::run_marker;

use crate::load::Loaded;
use crate::options::BenchOptions;
use crate::pool::Filled;

/// What is worth saying of the pool.
pub(super) fn of_pool(filled: &Filled, risks: &BTreeMap<String, Risk>, run: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let tools = &filled.pool.tools;
    let single = tools.iter().filter(|tool| tool.calls.len() == 1).count();
    if single > 0 {
        notes.push(format!(
            "{single} of {} tools get the same input each time, since no other was seen to succeed: a cache would serve them; name \
             more in [inputs]",
            tools.len()
        ));
    }
    if risks.values().any(Risk::is_state_changing) {
        notes.push(format!(
            "state-changing tools were executed; what they made holds `{}`, and is not removed",
            run_marker(run)
        ));
    }
    notes
}

/// What is worth saying of the tools that the load left out after all.
pub(super) fn of_refused(refused: &BTreeMap<String, LeftOut>) -> Vec<String> {
    let refused = refused.iter();
    refused
        .map(|(tool, left_out)| format!("{tool}: {}", left_out.why))
        .collect()
}

/// What is worth saying of the load.
pub(super) fn of_load(loaded: &Loaded, measurement: &Measurement, options: &BenchOptions) -> Vec<String> {
    let mut notes = Vec::new();
    let seconds = measurement.measured.max(Duration::from_millis(1)).as_secs_f64();
    if let Pacing::Open { rate } = options.pacing
        && !measurement.is_rate_reached()
        && loaded.gone.is_none()
        && loaded.silent.is_none()
        && !loaded.interrupted
    {
        let reached = measurement.per_second(measurement.in_time.values().sum());
        notes.push(format!(
            "the rate of {rate}/s was not reached: {reached:.1}/s were answered, {} calls were not sent; the target is too slow for it, \
             this machine is, or {} connections are too few",
            measurement.unsent(),
            loaded.connections
        ));
    }
    if loaded.given_up > 0 {
        notes.push(format!(
            "{} calls were due or on their way when the bench was stopped: they were given up, and count nowhere",
            loaded.given_up
        ));
    }
    if loaded.counted.held_back > 0 {
        notes.push(format!(
            "the profile's `safety.rate` held back {} calls after a stall, for up to {:.1} s: that wait is in none of the times",
            loaded.counted.held_back,
            loaded.counted.longest_held_back.as_secs_f64()
        ));
    }
    let throttled = measurement.response.of_kind(Kind::Throttled).count();
    if throttled > 0 {
        let successes = measurement.response.of_kind(Kind::Success).count() as f64;
        notes.push(format!(
            "the hub's rate limit was met: {throttled} calls were throttled, {:.1}/s got through; give a key with a higher limit, or a \
             lower rate",
            successes / seconds
        ));
    }
    if loaded.connections < options.connections() {
        let why = loaded.unopened.as_ref().map(|fault| format!(" ({fault})"));
        notes.push(format!(
            "of {} connections {} could be opened before the clock started, and the load did without the others{}",
            options.connections(),
            loaded.connections,
            why.unwrap_or_default()
        ));
    }
    let undrawn = loaded.counted.undrawn;
    if undrawn > 0 {
        notes.push(format!(
            "{undrawn} of {} calls had an input of the pool: --live could not draw as fast as they went out",
            loaded.counted.requests
        ));
    }
    if let Some(fault @ (Fault::Connect(_) | Fault::Protocol(_))) = &loaded.counted.last_fault {
        notes.push(format!("the last call without an answer: {fault}"));
    }
    notes
}
