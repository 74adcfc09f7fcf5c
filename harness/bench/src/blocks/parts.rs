//! A worker's part of the blocks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{BLOCKS, Blocks, OfTool, block_at};

/// A worker's part of each block.
#[derive(Debug)]
pub(crate) struct Parts {
    planned: Duration,
    /// The latest block that a call was taken of. Calls are taken in the order in which they were meant to go out: none is to come in those
    /// before.
    latest: usize,
    parts: Vec<Part>,
}

/// A worker's part of a block.
#[derive(Debug, Default)]
struct Part {
    in_flight: u64,
    tools: BTreeMap<usize, OfTool>,
    is_handed_in: bool,
}

impl Parts {
    /// Nothing yet, of a measurement that takes so long.
    pub(crate) fn new(planned: Duration) -> Self {
        let mut parts = Vec::new();
        parts.resize_with(BLOCKS, Part::default);
        Self {
            planned,
            latest: 0,
            parts,
        }
    }

    /// A call is about to go out that was meant to, so long after the measuring began. Gives its block.
    pub(crate) fn taken(&mut self, blocks: &Blocks, intended: Duration) -> usize {
        let block = block_at(intended, self.planned);
        if let Some(part) = self.parts.get_mut(block) {
            part.in_flight += 1;
        }
        if block > self.latest {
            let before = std::mem::replace(&mut self.latest, block);
            (before..block).for_each(|ended| self.hand_in_if_ended(blocks, ended));
        }
        block
    }

    /// A call of a block has ended: after this time, or with no success.
    pub(crate) fn ended(&mut self, blocks: &Blocks, block: usize, tool: usize, success: Option<Duration>) {
        let Some(part) = self.parts.get_mut(block) else { return };
        let calls = part.tools.entry(tool).or_default();
        match success {
            Some(latency) => calls.successes.record(latency),
            None => calls.failed += 1,
        }
        self.given_up(blocks, block);
    }

    /// A call of a block is not to come any more.
    pub(crate) fn given_up(&mut self, blocks: &Blocks, block: usize) {
        let Some(part) = self.parts.get_mut(block) else { return };
        part.in_flight = part.in_flight.saturating_sub(1);
        self.hand_in_if_ended(blocks, block);
    }

    fn hand_in_if_ended(&mut self, blocks: &Blocks, block: usize) {
        let Some(part) = self.parts.get_mut(block) else { return };
        if block < self.latest && part.in_flight == 0 && !part.is_handed_in {
            part.is_handed_in = true;
            blocks.hand_in(block, std::mem::take(&mut part.tools), true);
        }
    }

    /// Hands in all blocks that have ended when the measuring ends so long after it began.
    pub(crate) fn finish(self, blocks: &Blocks, measured: Duration) {
        let length = self.planned / BLOCKS as u32;
        for (block, part) in self.parts.into_iter().enumerate() {
            if !part.is_handed_in && length * (block as u32 + 1) <= measured {
                blocks.hand_in(block, part.tools, false);
            }
        }
    }

    /// The blocks that latencies are held of.
    #[cfg(test)]
    pub(super) fn open(&self) -> Vec<usize> {
        let held = self.parts.iter().enumerate().filter(|(_, part)| !part.tools.is_empty());
        held.map(|(block, _)| block).collect()
    }
}
