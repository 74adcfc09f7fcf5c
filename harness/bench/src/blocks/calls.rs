//! The calls of a block: counted, then summed up.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use hubproof_latency::{Histogram, Kind};
use hubproof_model::measurement::BlockSummary;

use super::summed::Summed;

/// The calls of a block, or of a worker's part of it, by tool.
#[derive(Debug, Default)]
pub(super) struct Calls {
    tools: BTreeMap<usize, OfTool>,
    lateness: Histogram,
}

/// The calls of a tool.
#[derive(Debug, Default)]
struct OfTool {
    response: BTreeMap<Kind, Histogram>,
    unsent: u64,
}

/// How a call that was sent ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) kind: Kind,
    pub(crate) response: Duration,
    pub(crate) lateness: Duration,
}

impl Calls {
    /// Takes in a call that was sent.
    pub(super) fn record(&mut self, tool: usize, ended: Ended) {
        let response = self.tools.entry(tool).or_default().response.entry(ended.kind);
        response.or_default().record(ended.response);
        self.lateness.record(ended.lateness);
    }

    /// Takes in so many calls that were not sent.
    pub(super) fn note_unsent(&mut self, tool: usize, calls: u64) {
        self.tools.entry(tool).or_default().unsent += calls;
    }

    /// Takes in all of another part.
    pub(super) fn add(&mut self, other: Calls) {
        for (tool, calls) in other.tools {
            self.tools.entry(tool).or_default().add(calls);
        }
        self.lateness.add(&other.lateness);
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    pub(super) fn summed_up(&self) -> Summed {
        let of_tool = |(tool, calls): (&usize, &OfTool)| {
            let packed = calls.response.iter().map(|(kind, own)| ((*tool, *kind), own.packed()));
            packed.collect::<Vec<_>>()
        };
        Summed {
            tools: self
                .tools
                .iter()
                .map(|(tool, calls)| (*tool, calls.summary()))
                .collect(),
            response: self.tools.iter().flat_map(of_tool).collect(),
            lateness: self.lateness.packed(),
        }
    }
}

impl OfTool {
    fn add(&mut self, other: OfTool) {
        for (kind, histogram) in other.response {
            // The first part is taken as it is.
            match self.response.entry(kind) {
                Entry::Occupied(mut own) => own.get_mut().add(&histogram),
                Entry::Vacant(none) => {
                    none.insert(histogram);
                }
            }
        }
        self.unsent += other.unsent;
    }

    fn summary(&self) -> BlockSummary {
        let of_kinds = |is_so: fn(Kind) -> bool| self.response.iter().filter(move |(kind, _)| is_so(**kind));
        let mut successes = Histogram::default();
        of_kinds(Kind::is_success).for_each(|(_, own)| successes.add(own));
        let failed = self.unsent
            + of_kinds(|kind| !kind.is_success())
                .map(|(_, own)| own.count())
                .sum::<u64>();
        let quantile = |part| successes.quantile_beside(part, failed);
        BlockSummary {
            count: successes.count(),
            failed,
            mean: successes.mean(),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
        }
    }
}
