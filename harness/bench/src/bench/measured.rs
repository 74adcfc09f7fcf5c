//! What was counted of a load, as a measurement.

use std::collections::BTreeMap;
use std::mem::take;

use hubproof_latency::{Histogram, Recorder};
use hubproof_model::measurement::{Latencies, Measurement};

use crate::load::Loaded;
use crate::options::BenchOptions;

/// The measurement of a load that called the tools of these keys, in the order of the pool. It takes the histograms of the load, which are not
/// small.
pub(super) fn measurement(
    loaded: &mut Loaded,
    keys: &[String],
    mix: BTreeMap<String, u32>,
    options: &BenchOptions,
) -> Measurement {
    let (response, lateness) = whole(&loaded.over_time);
    let counted = &mut loaded.counted;
    let by_key = |calls: &BTreeMap<usize, u64>| {
        let calls = calls.iter();
        calls
            .filter_map(|(tool, calls)| Some((keys.get(*tool)?.clone(), *calls)))
            .collect()
    };
    let mut unsent = counted.unsent.clone();
    for ((_, tool), calls) in &loaded.untaken {
        *unsent.entry(*tool).or_default() += calls;
    }
    let overhead = take(&mut counted.overhead).into_iter();
    let overhead = overhead.filter_map(|(tool, histogram)| Some((keys.get(tool)?.clone(), histogram)));
    let wrong = counted.wrong.by_requirement.iter();
    Measurement {
        pacing: options.pacing,
        connections: options.connections(),
        live: options.live,
        seed: options.scope.seed,
        mix,
        began_at: loaded.began_at,
        warm_up: options.warm_up,
        planned: options.duration,
        measured: loaded.measured,
        response,
        service: take(&mut counted.service),
        lateness,
        pauses: take(&mut loaded.pauses),
        overhead: overhead.collect(),
        blocks: take(&mut loaded.blocks),
        in_time: by_key(&counted.in_time),
        unsent: by_key(&unsent),
        wrong: wrong.map(|(id, broken)| (*id, broken.answers)).collect(),
    }
}

/// The response times and the lateness of the whole measured time.
fn whole(over_time: &[Latencies]) -> (Recorder, Histogram) {
    let (mut response, mut lateness) = (Recorder::default(), Histogram::default());
    for block in over_time {
        for (series, latencies) in &block.response {
            response.add_to(series, &latencies.unpacked());
        }
        lateness.add(&block.lateness.unpacked());
    }
    (response, lateness)
}
