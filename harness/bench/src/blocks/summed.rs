//! What is kept of a block that is over.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::{Kind, Packed, Place, Series};
use hubproof_model::measurement::{Block, BlockSummary, Latencies};

/// A block that is over: its latencies take little memory.
#[derive(Debug)]
pub(super) struct Summed {
    pub(super) tools: BTreeMap<usize, BlockSummary>,
    pub(super) response: BTreeMap<(usize, Kind), Packed>,
    pub(super) lateness: Packed,
}

impl Summed {
    /// As a block of tools that have these keys.
    pub(super) fn block(&self, keys: &[&str]) -> Block {
        let tools = self.tools.iter();
        let tools = tools.filter_map(|(tool, summary)| Some(((*keys.get(*tool)?).to_owned(), *summary)));
        Block { tools: tools.collect() }
    }

    /// Its latencies, of a block that begins then and is so long.
    pub(super) fn latencies(&self, keys: &[&str], (start, length): (Duration, Duration)) -> Latencies {
        let response = self.response.iter().filter_map(|((tool, kind), latencies)| {
            let series = Series {
                place: Place::Execute((*keys.get(*tool)?).to_owned()),
                kind: *kind,
            };
            Some((series, latencies.clone()))
        });
        Latencies {
            start,
            length,
            response: response.collect(),
            lateness: self.lateness.clone(),
        }
    }
}
