//! A call in a worker's hands: whatever becomes of it, it is counted once.

use std::time::{Duration, Instant};

use hubproof_model::exchange::Fault;
use hubproof_wire::LoadAnswer;

use super::worker::Worker;
use crate::moments::Moments;
use crate::tally::Sent;

/// When a call was meant to go out, and could.
#[derive(Clone, Copy)]
pub(super) struct Meant {
    pub(super) intended: Instant,
    pub(super) handed_out: Instant,
    /// From when on its connection was free, and the profile's rate let it go.
    pub(super) free: Instant,
    /// How long it waited for that rate.
    pub(super) held_back: Duration,
}

impl Meant {
    /// Of a call that was meant for the moment at which it goes out.
    pub(super) fn now(now: Instant) -> Self {
        Self {
            intended: now,
            handed_out: now,
            free: now,
            held_back: Duration::ZERO,
        }
    }
}

/// A call that is due and has not gone out. Where it never does, it counts as unsent.
pub(super) struct Due<'a> {
    worker: &'a Worker<'a>,
    /// Nothing any more once it has gone out.
    call: Option<Sent>,
    /// Its block, where it counts.
    block: Option<usize>,
}

impl<'a> Due<'a> {
    pub(super) fn new(worker: &'a Worker<'a>, call: Sent, block: Option<usize>) -> Self {
        Self {
            worker,
            call: Some(call),
            block,
        }
    }

    /// Which it is.
    pub(super) fn call(&self) -> Option<&Sent> {
        self.call.as_ref()
    }

    /// It goes out now.
    pub(super) fn go(mut self, meant: Meant, sent: Instant) -> InFlight<'a> {
        let since_start = sent.saturating_duration_since(self.worker.times.start);
        self.worker.shared.silence.asked(since_start);
        self.worker.tally.borrow_mut().counted.requests += 1;
        InFlight {
            worker: self.worker,
            call: self.call.take(),
            block: self.block,
            meant,
            sent,
        }
    }
}

impl Drop for Due<'_> {
    fn drop(&mut self) {
        let (Some(call), Some(block)) = (self.call.take(), self.block) else {
            return;
        };
        let mut tally = self.worker.tally.borrow_mut();
        match self.worker.shared.is_called_off() {
            true => tally.given_up(block),
            false => tally.not_sent(block, &call),
        }
    }
}

/// A call on its way. Where it is given up before it has ended, it counts as one without an answer; not where the user stopped the load, which is
/// no fault of the target.
pub(super) struct InFlight<'a> {
    worker: &'a Worker<'a>,
    /// Nothing any more once it has ended.
    call: Option<Sent>,
    block: Option<usize>,
    meant: Meant,
    sent: Instant,
}

impl InFlight<'_> {
    /// Counts the call by what became of it, now.
    pub(super) fn end(&mut self, result: Result<LoadAnswer, Fault>) {
        let Some(call) = self.call.take() else { return };
        let moments = Moments {
            intended: self.meant.intended,
            handed_out: self.meant.handed_out,
            free: self.meant.free,
            held_back: self.meant.held_back,
            sent: self.sent,
            ended: Instant::now(),
        };
        let since_start = |moment: Instant| moment.saturating_duration_since(self.worker.times.start);
        let silence = &self.worker.shared.silence;
        match &result {
            Ok(_) => silence.answered(since_start(moments.ended)),
            Err(_) => silence.lost(since_start(moments.sent), since_start(moments.ended)),
        }
        self.worker.tally.borrow_mut().take(&call, self.block, moments, result);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        match self.worker.shared.is_called_off() {
            true => {
                if let (Some(_), Some(block)) = (self.call.take(), self.block) {
                    self.worker.tally.borrow_mut().given_up(block);
                }
            }
            false => self.end(Err(Fault::TimedOut(self.sent.elapsed()))),
        }
    }
}
