//! The calls that were due in the measured time and that nobody took.

use std::collections::BTreeMap;

use super::{Plan, Shared};
use crate::blocks::BLOCKS;
use crate::options::planned_calls;

/// How many there are, by the block in which they were meant to be sent and by tool. Of a load that was not stopped all calls were due, though the
/// schedule's thread may not have come to hand them all out. Under `--live` each worker draws in an order of its own, and nobody knows whose
/// they would have been: the order tells tools in the proportion of the mix all the same.
pub(super) fn untaken(shared: &Shared, plan: Plan) -> BTreeMap<(usize, usize), u64> {
    let (handed_out, taken) = shared.gate.counts();
    let due = match shared.stopped.get() {
        None => planned_calls(plan.pacing, plan.warm_up + plan.duration).unwrap_or(taken),
        Some(_) => handed_out,
    };
    let mut untaken = BTreeMap::new();
    if due <= taken {
        return untaken;
    }
    let first = |block: usize| {
        let before = plan.warm_up + plan.duration * block as u32 / BLOCKS as u32;
        planned_calls(plan.pacing, before).unwrap_or_default()
    };
    for block in 0..BLOCKS {
        let until = if block + 1 < BLOCKS { first(block + 1) } else { due };
        let (from, until) = (first(block).max(taken), until.min(due));
        for tool in 0..shared.ground.pool.tools.len() {
            let of_tool = |calls| shared.order.count(calls, |own| own == tool);
            if from < until && of_tool(until) > of_tool(from) {
                untaken.insert((block, tool), of_tool(until) - of_tool(from));
            }
        }
    }
    untaken
}
