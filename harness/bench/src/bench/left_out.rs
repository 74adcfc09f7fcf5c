//! The tools that the load does not call, and why.

use std::collections::BTreeMap;

use hubproof_latency::{Kind, Place};
use hubproof_model::bench_record::LeftOut;
use hubproof_model::measurement::Measurement;
use hubproof_model::safety::Risk;
use hubproof_model::surface::Tool;
use hubproof_runner::ground::Ground;

use crate::options::BenchOptions;
use crate::pool::Filled;

/// The tools that the load could call and does not: the profile or a flag keeps them out, or the pool has no call for them.
pub(super) fn left_out(
    ground: &Ground,
    weights: &BTreeMap<String, u32>,
    filled: &Filled,
    options: &BenchOptions,
) -> BTreeMap<String, LeftOut> {
    let mut left_out = by_choice(ground, weights, options);
    left_out.extend(without_calls(ground, filled));
    left_out
}

/// The tools that the load may call, and that the profile or a flag keeps out.
fn by_choice(ground: &Ground, weights: &BTreeMap<String, u32>, options: &BenchOptions) -> BTreeMap<String, LeftOut> {
    let site = ground.site(&options.scope);
    let kept_out = site.executable_tools().filter(|tool| !weights.contains_key(&tool.key));
    let left_out = |tool: &Tool| LeftOut {
        risk: tool.risk(),
        why: match site.is_gated(&tool.key) {
            true => "the profile says that its calls wait for an approval",
            false => "its weight is 0",
        }
        .to_owned(),
        by_choice: true,
    };
    kept_out.map(|tool| (tool.key.clone(), left_out(tool))).collect()
}

/// The tools that the pool has no call for.
fn without_calls(ground: &Ground, filled: &Filled) -> BTreeMap<String, LeftOut> {
    let of_tool = |(key, why): (&String, &String)| {
        let risk = ground.surface.tool(key)?.risk();
        let left_out = LeftOut {
            risk,
            why: why.clone(),
            by_choice: false,
        };
        Some((key.clone(), left_out))
    };
    filled.left_out.iter().filter_map(of_tool).collect()
}

/// The state-changing tools of which each call was refused as the caller's mistake. Nobody tried their input before: it says nothing of how long
/// they take, nor of how often they fail.
pub(super) fn refused(measurement: &Measurement, risks: &BTreeMap<String, Risk>) -> BTreeMap<String, LeftOut> {
    let changing = risks.iter().filter(|(_, risk)| risk.is_state_changing());
    let refused = changing.filter_map(|(tool, risk)| {
        let place = Place::Execute(tool.clone());
        let count = |kinds: &[Kind]| measurement.response.of_place(&place, kinds).count();
        let (refused, all) = (count(&[Kind::ClientError]), count(&Kind::ALL));
        let left_out = LeftOut {
            risk: risk.clone(),
            why: format!(
                "none of its calls succeeded, and all {all} were refused as the caller's mistake; name an input that succeeds in \
                 [inputs.\"{tool}\"] examples"
            ),
            by_choice: false,
        };
        (all > 0 && refused == all).then(|| (tool.clone(), left_out))
    });
    refused.collect()
}
