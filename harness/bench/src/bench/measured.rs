//! What was counted of a load, as a measurement.

use std::collections::BTreeMap;

use hubproof_model::measurement::Measurement;

use crate::load::Loaded;
use crate::options::BenchOptions;

/// The measurement of a load that called the tools of these keys, in the order of the pool.
pub(super) fn measurement(
    loaded: &Loaded,
    keys: &[String],
    mix: BTreeMap<String, u32>,
    options: &BenchOptions,
) -> Measurement {
    let counted = &loaded.counted;
    let in_time = counted.in_time.iter();
    let in_time = in_time.filter_map(|(tool, answered)| Some((keys.get(*tool)?.clone(), *answered)));
    let of_tool = |(tool, histogram): (&usize, _)| Some((keys.get(*tool)?.clone(), Clone::clone(histogram)));
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
        response: counted.response.clone(),
        service: counted.service.clone(),
        lateness: counted.lateness.clone(),
        pauses: loaded.pauses.clone(),
        overhead: counted.overhead.iter().filter_map(of_tool).collect(),
        blocks: loaded.blocks.summed_up(keys, &loaded.unsent_by_block),
        in_time: in_time.collect(),
        unsent: loaded.unsent,
        wrong: wrong.map(|(id, broken)| (*id, broken.answers)).collect(),
    }
}
