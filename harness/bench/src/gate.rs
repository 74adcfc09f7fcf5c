//! The gate between the schedule and the connections: which calls are due, and which of them somebody sends. It holds two numbers, however
//! many calls wait.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

/// Numbers of calls, from 0: those below `due` may go out, those below `taken` have.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    due: AtomicU64,
    taken: AtomicU64,
    is_closed: AtomicBool,
    waiting: Notify,
}

impl Gate {
    /// Lets calls through up to this number, and wakes as many that wait.
    pub(crate) fn open_to(&self, due: u64) {
        let before = self.due.swap(due, Ordering::AcqRel);
        (before..due).for_each(|_| self.waiting.notify_one());
    }

    /// Lets no more through, and wakes all that wait.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.waiting.notify_waiters();
    }

    /// The number of the next call, once it is due. `None` when no more will be: those that are due by then have been taken.
    pub(crate) async fn next(&self) -> Option<u64> {
        loop {
            if let Some(number) = self.take() {
                return Some(number);
            }
            let waiting = self.waiting.notified();
            tokio::pin!(waiting);
            // From here on a waking is not missed.
            waiting.as_mut().enable();
            let is_closed = self.is_closed.load(Ordering::Acquire);
            match self.take() {
                Some(number) => return Some(number),
                None if is_closed => return None,
                None => waiting.await,
            }
        }
    }

    fn take(&self) -> Option<u64> {
        let due = self.due.load(Ordering::Acquire);
        let next = |taken| (taken < due).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).ok()
    }

    /// How many calls were due, and how many of them were taken.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.due.load(Ordering::Acquire), self.taken.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn every_call_is_taken_once_whoever_waits() {
        let gate = Arc::new(Gate::default());
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    while let Some(number) = gate.next().await {
                        taken.push(number);
                        tokio::task::yield_now().await;
                    }
                    taken
                })
            })
            .collect();
        for due in [1, 2, 40, 41, 500] {
            gate.open_to(due);
            tokio::task::yield_now().await;
        }
        gate.close();
        let mut all = Vec::new();
        for taker in takers {
            all.extend(taker.await.unwrap());
        }
        assert_eq!(all.len(), 500);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), (0..500).collect());
        assert_eq!(gate.counts(), (500, 500));
    }
}
