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
    /// Lets calls through up to this number, and wakes as many that wait: the latest to wait first. Its connection is the one that was idle
    /// the least, where turns would let each idle for as long as it takes a proxy to close it.
    pub(crate) fn open_to(&self, due: u64) {
        let before = self.due.swap(due, Ordering::AcqRel);
        (before..due).for_each(|_| self.waiting.notify_last());
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

    /// The number of the next call of a closed loop, which is always due. Whoever asks oftener gets more of them, and all of them together
    /// go through the mix in its order.
    pub(crate) fn pass(&self) -> u64 {
        self.taken.fetch_add(1, Ordering::Relaxed)
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
    use crate::mix::Order;

    /// Two takers of a mix of two, one of them thrice as quick: numbers of their own would give each taker a tool of its own.
    #[test]
    fn in_a_closed_loop_the_mix_is_kept_to_whoever_is_quicker() {
        let (gate, order) = (Gate::default(), Order::new(&[1, 1], 7));
        let mut called = [0; 2];
        let takers = [0, 0, 0, 1].iter().cycle().take(400);
        let mut by_taker = [[0; 2]; 2];
        for taker in takers {
            let (tool, _) = order.of(gate.pass(), |_| 1);
            called[tool] += 1;
            by_taker[*taker][tool] += 1;
        }
        assert_eq!(called, [200, 200]);
        assert_eq!(by_taker.map(|tools| tools.iter().sum::<u32>()), [300, 100]);
    }

    #[tokio::test]
    async fn at_a_low_rate_one_connection_sends_all() {
        let gate = Arc::new(Gate::default());
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    let mut taken = 0;
                    while gate.next().await.is_some() {
                        taken += 1;
                    }
                    taken
                })
            })
            .collect();
        for due in 0..=12 {
            gate.open_to(due);
            // Until it was taken, and its taker waits again.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
        gate.close();
        let mut taken = Vec::new();
        for taker in takers {
            taken.push(taker.await.unwrap());
        }
        taken.sort_unstable();
        assert_eq!(taken, [0, 0, 0, 12]);
    }

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
