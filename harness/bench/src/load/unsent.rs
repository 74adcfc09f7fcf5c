//! The calls that were due in the measured time and that nobody took.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Plan, Shared};
use crate::blocks::BLOCKS;
use crate::mix::Order;
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
    let first = |block: usize| {
        let before = plan.warm_up + plan.duration * block as u32 / BLOCKS as u32;
        planned_calls(plan.pacing, before).unwrap_or_default()
    };
    divided(taken..due, first, &shared.order, shared.ground.pool.tools.len())
}

/// The calls of these numbers by block and tool, less those before the first block; `first` is the number of a block's first call. Each call is one
/// tool's.
fn divided(
    calls: Range<u64>,
    first: impl Fn(usize) -> u64,
    order: &Order,
    tools: usize,
) -> BTreeMap<(usize, usize), u64> {
    let mut divided = BTreeMap::new();
    for block in 0..BLOCKS {
        let until = if block + 1 < BLOCKS {
            first(block + 1)
        } else {
            calls.end
        };
        let (from, until) = (first(block).max(calls.start), until.min(calls.end));
        for tool in 0..tools {
            let of_tool = |calls| order.count(calls, |own| own == tool);
            if from < until && of_tool(until) > of_tool(from) {
                divided.insert((block, tool), of_tool(until) - of_tool(from));
            }
        }
    }
    divided
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_one_tools_and_one_blocks() {
        let (order, first) = (Order::new(&[1; 33], 7), |block: usize| 50 + 10 * block as u64);
        for (calls, measured) in [(60..61, 1), (249..249, 0), (20..73, 23), (50..250, 200), (240..251, 11)] {
            let divided = divided(calls.clone(), first, &order, 33);
            assert_eq!(divided.values().sum::<u64>(), measured, "{calls:?}");
            for ((block, tool), count) in divided {
                let of_block = calls.clone().filter(|call| *call >= first(block));
                let of_block = of_block.filter(|call| block + 1 == BLOCKS || *call < first(block + 1));
                let of_tool = of_block.filter(|call| order.of(*call, |_| 1).0 == tool);
                assert_eq!(of_tool.count() as u64, count, "{calls:?}: block {block}, tool {tool}");
            }
        }
    }
}
