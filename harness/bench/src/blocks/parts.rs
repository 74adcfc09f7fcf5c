//! A worker's part of the blocks.

use std::time::Duration;

use super::calls::{Calls, Ended};
use super::{BLOCKS, Blocks, block_at};

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
    calls: Calls,
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

    /// A call of a block has ended.
    pub(crate) fn ended(&mut self, blocks: &Blocks, block: usize, tool: usize, ended: Ended) {
        self.end(blocks, block, |calls| calls.record(tool, ended));
    }

    /// A call of a block was not sent after all.
    pub(crate) fn not_sent(&mut self, blocks: &Blocks, block: usize, tool: usize) {
        self.end(blocks, block, |calls| calls.note_unsent(tool, 1));
    }

    fn end(&mut self, blocks: &Blocks, block: usize, take_in: impl FnOnce(&mut Calls)) {
        let Some(part) = self.parts.get_mut(block) else { return };
        take_in(&mut part.calls);
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
            blocks.hand_in(block, std::mem::take(&mut part.calls), true);
        }
    }

    /// Hands in all that is left when the measuring ends, so long after it began.
    pub(crate) fn finish(self, blocks: &Blocks, measured: Duration) {
        let length = self.planned / BLOCKS as u32;
        let left = self
            .parts
            .into_iter()
            .enumerate()
            .filter(|(_, part)| !part.is_handed_in);
        for (block, part) in left {
            match length * (block as u32 + 1) <= measured {
                true => blocks.hand_in(block, part.calls, false),
                false => blocks.hand_in_unended(block, part.calls),
            }
        }
    }

    /// The blocks that latencies are held of.
    #[cfg(test)]
    pub(super) fn open(&self) -> Vec<usize> {
        let held = self.parts.iter().enumerate().filter(|(_, part)| !part.calls.is_empty());
        held.map(|(block, _)| block).collect()
    }
}
