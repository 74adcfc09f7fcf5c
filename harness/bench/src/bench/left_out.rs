//! The tools that the load does not call, and why.

use std::collections::BTreeMap;

use hubproof_model::bench_record::LeftOut;
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
