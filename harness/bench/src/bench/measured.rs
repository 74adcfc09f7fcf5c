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
    let by_key = |calls: &BTreeMap<usize, u64>| {
        let calls = calls.iter();
        calls.filter_map(|(tool, calls)| Some((keys.get(*tool)?.clone(), *calls))).collect()
    };
    let mut unsent = counted.unsent.clone();
    for ((_, tool), calls) in &loaded.untaken {
        *unsent.entry(*tool).or_default() += calls;
    }
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
        blocks: loaded.blocks.summed_up(keys, &loaded.untaken),
        in_time: by_key(&counted.in_time),
        unsent: by_key(&unsent),
        wrong: wrong.map(|(id, broken)| (*id, broken.answers)).collect(),
    }
}
