//! The blocks of a measurement: each is summed up, and its latencies forgotten, as soon as no call that was meant to be sent in it is to come.
//!
//! A call belongs to the block in which it was meant to be sent, whenever it was answered: so the calls that a stall holds up are in the
//! blocks of the stall, and no block is empty because nothing was answered in it.

mod parts;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hubproof_latency::Histogram;
use hubproof_model::measurement::{Block, BlockSummary};

pub(crate) use self::parts::Parts;

/// How many blocks a measurement has.
pub(crate) const BLOCKS: usize = 20;

/// The block that a moment is in, so long after the measuring of this time began. What is after the last belongs to it.
pub(crate) fn block_at(at: Duration, planned: Duration) -> usize {
    let length = (planned / BLOCKS as u32).as_nanos().max(1);
    (at.as_nanos() / length).min(BLOCKS as u128 - 1) as usize
}

/// The calls of a tool in a block.
#[derive(Debug, Default)]
struct OfTool {
    successes: Histogram,
    failed: u64,
}

impl OfTool {
    fn add(&mut self, other: &OfTool) {
        self.successes.add(&other.successes);
        self.failed += other.failed;
    }

    fn summary(&self) -> BlockSummary {
        let quantile = |part| self.successes.quantile_beside(part, self.failed);
        BlockSummary {
            count: self.successes.count(),
            failed: self.failed,
            mean: self.successes.mean(),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
        }
    }
}

/// The blocks of all workers.
#[derive(Debug)]
pub(crate) struct Blocks {
    workers: usize,
    slots: Mutex<Vec<Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    tools: BTreeMap<usize, OfTool>,
    handed_in: usize,
    summaries: BTreeMap<usize, BlockSummary>,
}

impl Slot {
    fn sum_up(&mut self) {
        let done = std::mem::take(&mut self.tools).into_iter();
        self.summaries.extend(done.map(|(tool, calls)| (tool, calls.summary())));
    }
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

    /// Takes in a worker's part of a block, by tool. Where calls are due that nobody sent, a part that `is_over` is not of their block.
    fn hand_in(&self, block: usize, tools: BTreeMap<usize, OfTool>, is_over: bool) {
        let mut slots = self.slots();
        let Some(slot) = slots.get_mut(block) else { return };
        for (tool, calls) in tools {
            slot.tools.entry(tool).or_default().add(&calls);
        }
        slot.handed_in += 1;
        if slot.handed_in == self.workers && is_over {
            slot.sum_up();
        }
    }

    /// All blocks up to the first that nobody came to the end of; the tools' keys by their place. `unsent` has the calls that were not sent, by
    /// block and tool.
    pub(crate) fn summed_up(&self, keys: &[String], unsent: &BTreeMap<(usize, usize), u64>) -> Vec<Block> {
        let mut slots = self.slots();
        for ((block, tool), count) in unsent {
            if let Some(slot) = slots.get_mut(*block) {
                slot.tools.entry(*tool).or_default().failed += count;
            }
        }
        slots.iter_mut().for_each(Slot::sum_up);
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A call that was meant to be sent then, and took so long.
    fn call(parts: &mut Parts, blocks: &Blocks, at: u64, tool: usize, took: u64) {
        let block = parts.taken(blocks, ms(at));
        parts.ended(blocks, block, tool, Some(ms(took)));
    }

    fn counts(blocks: &[Block]) -> Vec<(u64, u64)> {
        let sum = |block: &Block, of: fn(&BlockSummary) -> u64| block.tools.values().map(of).sum();
        let counts = blocks
            .iter()
            .map(|block| (sum(block, |own| own.count), sum(block, |own| own.failed)));
        counts.collect()
    }

    #[test]
    fn a_block_is_of_all_workers() {
        let blocks = Blocks::new(2);
        let (mut one, mut other) = (Parts::new(ms(2000)), Parts::new(ms(2000)));
        call(&mut one, &blocks, 10, 0, 1);
        call(&mut one, &blocks, 110, 1, 5);
        call(&mut other, &blocks, 99, 0, 3);
        call(&mut other, &blocks, 410, 0, 300);
        one.finish(&blocks, ms(2000));
        other.finish(&blocks, ms(2000));
        let summed_up = blocks.summed_up(&["a".to_owned(), "b".to_owned()], &BTreeMap::new());
        assert_eq!(summed_up.len(), BLOCKS);
        assert_eq!(
            counts(&summed_up)[..6],
            [(2, 0), (1, 0), (0, 0), (0, 0), (1, 0), (0, 0)]
        );
        assert!(summed_up[0].tools["a"].mean.abs_diff(ms(2)) < ms(1) / 50);
    }

    /// A stall from 100 ms to 400 ms: what was meant to be sent in it is answered at its end, and by a call after it.
    #[test]
    fn what_a_stall_holds_up_is_in_its_blocks() {
        let blocks = Blocks::new(1);
        let mut only = Parts::new(ms(2000));
        let intended = [50, 150, 250, 350, 450];
        let taken = intended.map(|at| only.taken(&blocks, ms(at)));
        for (at, block) in intended.into_iter().zip(taken).rev() {
            let took = if (100..400).contains(&at) { 400 - at } else { 1 };
            only.ended(&blocks, block, 0, Some(ms(took)));
        }
        only.finish(&blocks, ms(2000));
        let summed_up = blocks.summed_up(&["a".to_owned()], &BTreeMap::new());
        let p50 = |block: &Block| block.tools["a"].p50.map_or(0, |p50| p50.as_millis());
        let told: Vec<_> = summed_up[..5].iter().map(p50).collect();
        assert_eq!(told, [1, 250, 150, 50, 1]);
    }

    #[test]
    fn what_fails_or_is_not_sent_is_slower_than_all() {
        let blocks = Blocks::new(1);
        let mut only = Parts::new(ms(2000));
        for number in 0..10 {
            let block = only.taken(&blocks, ms(number));
            only.ended(&blocks, block, 0, (number < 8).then(|| ms(5)));
        }
        call(&mut only, &blocks, 1950, 0, 5);
        only.finish(&blocks, ms(2000));
        let summed_up = blocks.summed_up(&["a".to_owned()], &[((19, 0), 3)].into());
        assert_eq!(counts(&summed_up)[0], (8, 2));
        let first = summed_up[0].tools["a"];
        assert_eq!((first.p50.is_some(), first.p90), (true, None));
        assert_eq!(counts(&summed_up)[19], (1, 3));
        assert_eq!(summed_up[19].tools["a"].p50, None);
    }

    #[test]
    fn of_an_early_end_whole_blocks_are_left() {
        let blocks = Blocks::new(1);
        let mut only = Parts::new(ms(2000));
        call(&mut only, &blocks, 10, 0, 1);
        call(&mut only, &blocks, 250, 0, 1);
        only.finish(&blocks, ms(260));
        assert_eq!(blocks.summed_up(&["a".to_owned()], &BTreeMap::new()).len(), 2);
    }

    /// Latencies are held of the blocks alone that calls are still to come of.
    #[test]
    fn memory_is_of_open_blocks() {
        let blocks = Blocks::new(1);
        let mut only = Parts::new(ms(2000));
        let slow = only.taken(&blocks, ms(150));
        for at in (0..1900).filter(|at| *at >= 150) {
            call(&mut only, &blocks, at, 0, 1);
        }
        assert_eq!(only.open(), [1, 18]);
        only.ended(&blocks, slow, 0, None);
        assert_eq!(only.open(), [18]);
        assert!(blocks.slots().iter().all(|slot| slot.tools.is_empty()));
    }
}
