//! The blocks of a measurement: each is summed up, and its latencies forgotten, as soon as every worker has come to its end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hubproof_latency::Histogram;
use hubproof_model::measurement::{Block, BlockSummary};

/// How many blocks a measurement has.
pub(crate) const BLOCKS: usize = 20;

/// The blocks of all workers.
#[derive(Debug)]
pub(crate) struct Blocks {
    workers: usize,
    slots: Mutex<Vec<Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    tools: BTreeMap<usize, Histogram>,
    handed_in: usize,
    summaries: BTreeMap<usize, BlockSummary>,
}

impl Blocks {
    /// For so many workers.
    pub(crate) fn new(workers: usize) -> Self {
        let mut slots = Vec::new();
        slots.resize_with(BLOCKS, Slot::default);
        Self {
            workers,
            slots: Mutex::new(slots),
        }
    }

    /// Takes in a worker's part of a block, by tool, and leaves its histograms empty.
    fn hand_in(&self, block: usize, tools: &mut [Histogram]) {
        let mut slots = self.slots();
        let Some(slot) = slots.get_mut(block) else { return };
        for (tool, histogram) in tools.iter_mut().enumerate().filter(|(_, own)| !own.is_empty()) {
            slot.tools.entry(tool).or_default().add(histogram);
            histogram.reset();
        }
        slot.handed_in += 1;
        if slot.handed_in == self.workers {
            let done = std::mem::take(&mut slot.tools).into_iter();
            slot.summaries = done.map(|(tool, histogram)| (tool, summary(&histogram))).collect();
        }
    }

    /// All blocks up to the first that nobody came to the end of; the tools' keys by their place.
    pub(crate) fn summed_up(&self, keys: &[String]) -> Vec<Block> {
        let slots = self.slots();
        let whole = slots.iter().take_while(|slot| slot.handed_in == self.workers);
        let block = |slot: &Slot| Block {
            tools: slot
                .summaries
                .iter()
                .filter_map(|(tool, summary)| Some((keys.get(*tool)?.clone(), *summary)))
                .collect(),
        };
        whole.map(block).collect()
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn summary(histogram: &Histogram) -> BlockSummary {
    BlockSummary {
        count: histogram.count(),
        mean: histogram.mean(),
        p50: histogram.quantile(0.5),
        p90: histogram.quantile(0.9),
        p99: histogram.quantile(0.99),
    }
}

/// A worker's part of the block that goes on.
#[derive(Debug)]
pub(crate) struct CurrentBlock {
    block: usize,
    length: Duration,
    tools: Vec<Histogram>,
}

impl CurrentBlock {
    /// The first block of a measurement that takes so long.
    pub(crate) fn new(planned: Duration, tools: usize) -> Self {
        Self {
            block: 0,
            length: planned / BLOCKS as u32,
            tools: vec![Histogram::default(); tools],
        }
    }

    /// Takes in a success that was answered so long after the measuring began.
    pub(crate) fn record(&mut self, blocks: &Blocks, at: Duration, tool: usize, latency: Duration) {
        self.go_on(blocks, at);
        if let Some(histogram) = self.tools.get_mut(tool) {
            histogram.record(latency);
        }
    }

    /// Hands in the blocks that have ended by then. What is answered after the last one belongs to it.
    fn go_on(&mut self, blocks: &Blocks, at: Duration) {
        let now = (at.as_nanos() / self.length.as_nanos().max(1)).min(BLOCKS as u128 - 1) as usize;
        while self.block < now {
            blocks.hand_in(self.block, &mut self.tools);
            self.block += 1;
        }
    }

    /// Hands in all blocks that have ended when the measuring ends so long after it began.
    pub(crate) fn finish(&mut self, blocks: &Blocks, measured: Duration) {
        self.go_on(blocks, measured);
        if measured >= self.length * BLOCKS as u32 {
            blocks.hand_in(self.block, &mut self.tools);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_block_is_of_all_workers() {
        let blocks = Blocks::new(2);
        let (mut one, mut other) = (CurrentBlock::new(ms(2000), 2), CurrentBlock::new(ms(2000), 2));
        one.record(&blocks, ms(10), 0, ms(1));
        one.record(&blocks, ms(110), 1, ms(5));
        other.record(&blocks, ms(99), 0, ms(3));
        // A stall that is three blocks long.
        other.record(&blocks, ms(410), 0, ms(300));
        one.finish(&blocks, ms(2000));
        other.finish(&blocks, ms(2000));
        let keys = ["a".to_owned(), "b".to_owned()];
        let summed_up = blocks.summed_up(&keys);
        let counts: Vec<_> = summed_up
            .iter()
            .map(|block| block.tools.values().map(|summary| summary.count).sum::<u64>())
            .collect();
        assert_eq!(counts.len(), BLOCKS);
        assert_eq!(counts[..6], [2, 1, 0, 0, 1, 0]);
        assert!(summed_up[0].tools["a"].mean.abs_diff(ms(2)) < ms(1) / 50);
    }

    #[test]
    fn of_an_early_end_whole_blocks_are_left() {
        let blocks = Blocks::new(1);
        let mut only = CurrentBlock::new(ms(2000), 1);
        only.record(&blocks, ms(10), 0, ms(1));
        only.record(&blocks, ms(250), 0, ms(1));
        only.finish(&blocks, ms(260));
        assert_eq!(blocks.summed_up(&["a".to_owned()]).len(), 2);
    }
}
