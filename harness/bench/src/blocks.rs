//! The blocks of a measurement: each is summed up, and its latencies packed, as soon as no call that was meant to be sent in it is to come.
//!
//! A call belongs to the block in which it was meant to be sent, whenever it was answered: so the calls that a stall holds up are in the
//! blocks of the stall, and no block is empty because nothing was answered in it.

mod calls;
mod parts;
mod summed;
mod summing;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hubproof_model::measurement::{Block, Latencies};

use self::calls::Calls;
pub(crate) use self::calls::Ended;
pub(crate) use self::parts::Parts;
use self::summing::Summing;

/// How many blocks a measurement has.
pub(crate) const BLOCKS: usize = 20;

/// The block that a moment is in, so long after the measuring of this time began. What is after the last belongs to it.
pub(crate) fn block_at(at: Duration, planned: Duration) -> usize {
    let length = (planned / BLOCKS as u32).as_nanos().max(1);
    (at.as_nanos() / length).min(BLOCKS as u128 - 1) as usize
}

/// The blocks of all workers.
#[derive(Debug)]
pub(crate) struct Blocks {
    workers: usize,
    planned: Duration,
    slots: Mutex<Vec<Slot>>,
    summing: Summing,
}

#[derive(Debug, Default)]
struct Slot {
    /// Until it is over: then they are summed up.
    calls: Calls,
    is_over: bool,
    handed_in: usize,
}

/// What blocks tell in the end.
#[derive(Debug)]
pub(crate) struct Told {
    /// All blocks up to the first that a worker did not come to the end of.
    pub(crate) whole: Vec<Block>,
    /// The latencies of each block that has any, whole or not.
    pub(crate) over_time: Vec<Latencies>,
}

impl Blocks {
    /// For so many workers, of a measurement that takes so long.
    ///
    /// # Errors
    /// That a thread does not start, in words.
    pub(crate) fn new(workers: usize, planned: Duration) -> Result<Self, String> {
        let mut slots = Vec::new();
        slots.resize_with(BLOCKS, Slot::default);
        Ok(Self {
            workers,
            planned,
            slots: Mutex::new(slots),
            summing: Summing::start()?,
        })
    }

    /// Takes in a worker's part of a block. Where calls are due that nobody sent, a part that `is_over` is not of their block.
    fn hand_in(&self, block: usize, calls: Calls, is_over: bool) {
        let mut slots = self.slots();
        let Some(slot) = slots.get_mut(block) else { return };
        slot.calls.add(calls);
        slot.handed_in += 1;
        if slot.handed_in == self.workers && is_over {
            slot.is_over = true;
            let calls = std::mem::take(&mut slot.calls);
            drop(slots);
            self.summing.sum_up(block, calls);
        }
    }

    /// Takes in a worker's part of a block that the measuring ended in or before.
    fn hand_in_unended(&self, block: usize, calls: Calls) {
        if let Some(slot) = self.slots().get_mut(block) {
            slot.calls.add(calls);
        }
    }

    /// What all blocks tell, once every worker has handed in its parts, of tools that have these keys. `unsent` has the calls that were not sent,
    /// by block and tool; so long was measured.
    ///
    /// # Errors
    /// That they could not be summed up, in words.
    pub(crate) fn end(
        &self,
        keys: &[&str],
        unsent: &BTreeMap<(usize, usize), u64>,
        measured: Duration,
    ) -> Result<Told, String> {
        let mut slots = std::mem::take(&mut *self.slots());
        for ((block, tool), count) in unsent {
            if let Some(slot) = slots.iter_mut().skip(*block).find(|slot| !slot.is_over) {
                slot.calls.note_unsent(*tool, *count);
            }
        }
        let whole = slots.iter().take_while(|slot| slot.handed_in == self.workers).count();
        let left = slots.into_iter().enumerate().filter(|(_, slot)| !slot.is_over);
        left.for_each(|(block, slot)| self.summing.sum_up(block, slot.calls));
        let summed = self.summing.end()?;
        let of_blocks = summed.iter().take(whole).map(|(_, own)| own.block(keys));
        let over_time = summed.iter().filter(|(_, own)| !own.response.is_empty());
        Ok(Told {
            whole: of_blocks.collect(),
            over_time: over_time
                .map(|(block, own)| own.latencies(keys, self.stretch(*block, measured)))
                .collect(),
        })
    }

    /// Where a block begins, and how long it is, where so long was measured.
    fn stretch(&self, block: usize, measured: Duration) -> (Duration, Duration) {
        let length = self.planned / BLOCKS as u32;
        let end = match block + 1 {
            BLOCKS => measured,
            next => measured.min(length * next as u32),
        };
        let start = measured.min(length * block as u32);
        (start, end - start)
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
