//! The percentiles of a tool in the blocks of both measurements.

use std::time::Duration;

use hubproof_latency::comparison::{Comparison, FEWEST_BLOCKS, NEVER};
use hubproof_model::judgment::{Finding, Violation};
use hubproof_model::measurement::{BlockSummary, Measurement};

use super::Pair;
use crate::measured::milliseconds;

/// The fewest calls of which a block's percentile says anything.
const FEWEST_CALLS: u64 = 5;
/// The fewest of which its p99 does.
const FEWEST_CALLS_OF_TAIL: u64 = 100;
/// How many calls the fullest block holds where one with fewer than [`FEWEST_CALLS`] is no chance: a closed loop sends nothing while the hub
/// stands still.
const PLENTY: u64 = 50;

/// A percentile that is compared of each block.
struct Compared {
    name: &'static str,
    of_block: fn(&BlockSummary) -> Option<Duration>,
    /// The fewest calls of a block.
    fewest: u64,
    compare: fn(&[Duration], &[Duration], usize) -> Option<Comparison>,
}

const COMPARED: [Compared; 2] = [
    Compared {
        name: "p50",
        of_block: |block| block.p50,
        fewest: FEWEST_CALLS,
        compare: Comparison::of,
    },
    Compared {
        name: "p90",
        of_block: |block| block.p90,
        fewest: FEWEST_CALLS,
        compare: Comparison::of,
    },
];

const TAIL: Compared = Compared {
    name: "p99",
    of_block: |block| block.p99,
    fewest: FEWEST_CALLS_OF_TAIL,
    compare: Comparison::of_tail,
};

/// What the blocks of a tool show. A tail that has too few calls shows nothing. What the machine may have done to one percentile leaves
/// the others to be looked at.
pub(super) fn of_tool(tool: &str, pair: Pair<'_>) -> Finding {
    let mut open = None;
    for compared in &COMPARED {
        let [before, after] = [pair.old, pair.new].map(|measurement| compared.of_blocks(measurement, tool));
        match (compared.compare)(&before, &after, pair.middles) {
            None => return Finding::Inconclusive(too_few(tool, before.len(), after.len())),
            Some(comparison) if comparison.is_slower() => match compared.slower(tool, pair, &comparison, &after) {
                Ok(violation) => return Finding::Violated(violation),
                Err(why) => open = open.or(Some(why)),
            },
            Some(_) => {}
        }
    }
    let [before, after] = [pair.old, pair.new].map(|measurement| TAIL.of_blocks(measurement, tool));
    if let Some(comparison) = (TAIL.compare)(&before, &after, pair.others).filter(Comparison::is_slower) {
        match TAIL.slower(tool, pair, &comparison, &after) {
            Ok(violation) => return Finding::Violated(violation),
            Err(why) => open = open.or(Some(why)),
        }
    }
    open.map_or(Finding::Held, Finding::Inconclusive)
}

impl Compared {
    /// What a slowdown comes to.
    ///
    /// # Errors
    /// That the machine which measured was so busy that it delayed the harness itself by as much, in words.
    fn slower(
        &self,
        tool: &str,
        pair: Pair<'_>,
        comparison: &Comparison,
        after: &[Duration],
    ) -> Result<Violation, String> {
        if comparison.new.saturating_sub(comparison.old) > pair.delay() {
            return Ok(violation(tool, self.name, comparison, after));
        }
        Err(format!(
            "{} of {tool} is {} and was {}, but the machine that measured was busy: hubproof itself was late by {} (p99); measure again",
            self.name,
            milliseconds(comparison.new),
            milliseconds(comparison.old),
            milliseconds(pair.delay())
        ))
    }

    /// The percentile of each block that has enough calls of the tool, in the order of time. What a call that failed is, or a block in which a
    /// stall kept all calls from being sent, never ended.
    fn of_blocks(&self, measurement: &Measurement, tool: &str) -> Vec<Duration> {
        let of_tool = |summary: Option<&BlockSummary>| {
            let calls = summary.map_or(0, BlockSummary::calls);
            (calls, summary.and_then(self.of_block))
        };
        let blocks = measurement.blocks.iter();
        let blocks: Vec<_> = blocks.map(|block| of_tool(block.tools.get(tool))).collect();
        let is_plenty = blocks.iter().any(|(calls, _)| *calls >= PLENTY);
        let told = blocks.into_iter().filter_map(|(calls, percentile)| match calls {
            calls if calls >= self.fewest => Some(percentile.unwrap_or(NEVER)),
            calls if calls < FEWEST_CALLS && is_plenty => Some(NEVER),
            _ => None,
        });
        told.collect()
    }
}

fn too_few(tool: &str, before: usize, after: usize) -> String {
    let (blocks, whose) = match before < FEWEST_BLOCKS {
        true => (before, "the baseline"),
        false => (after, "the measurement"),
    };
    format!(
        "{whose} has {blocks} blocks with {FEWEST_CALLS} calls of {tool} or more, and needs {FEWEST_BLOCKS}: measure longer, or at a \
         higher rate"
    )
}

fn violation(tool: &str, percentile: &str, comparison: &Comparison, after: &[Duration]) -> Violation {
    let percent = |ratio: f64| ((ratio - 1.0) * 100.0).round();
    let failed = after.iter().filter(|block| **block == NEVER).count();
    let observed = match failed {
        0 => format!(
            "{}: {}% more (at least {}%)",
            milliseconds(comparison.new),
            percent(comparison.ratio()),
            percent(comparison.least_ratio)
        ),
        failed => format!(
            "it is a call that failed or was kept from being sent in {failed} of {} blocks",
            after.len()
        ),
    };
    Violation {
        tool: Some(tool.to_owned()),
        summary: format!("{percentile} is above the baseline's, beyond noise"),
        expected: match comparison.old {
            NEVER => "no more calls that fail than in the baseline".to_owned(),
            old => format!("about {}, as in the baseline", milliseconds(old)),
        },
        observed,
        exchanges: Vec::new(),
        assertion: None,
    }
}
