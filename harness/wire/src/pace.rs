//! The run's request budget and its rate.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hubproof_model::exchange::Fault;
use tokio::time::Instant;

/// Hands out slots to send in.
#[derive(Debug)]
pub(crate) struct Pace {
    most: Option<u64>,
    /// The time between two requests, where there is a rate.
    interval: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the budget counts no more.
    is_lifted: bool,
    sent: u64,
    /// Slots that are waited in.
    reserved: u64,
    /// When the next slot begins.
    next: Option<Instant>,
}

impl Pace {
    /// At most `most` requests, one an `interval`.
    pub(crate) fn new(most: Option<u64>, interval: Option<Duration>) -> Self {
        Self {
            most,
            interval,
            state: Mutex::default(),
        }
    }

    /// Reserves the next slot.
    ///
    /// # Errors
    /// That the budget is spent: nobody waits for a slot that will not come.
    pub(crate) fn reserve(&self) -> Result<Slot<'_>, Fault> {
        let mut state = self.state();
        let most = self.most.filter(|_| !state.is_lifted);
        if let Some(most) = most.filter(|most| state.sent + state.reserved >= *most) {
            return Err(Fault::BudgetSpent(most));
        }
        state.reserved += 1;
        let now = Instant::now();
        let begins = state.next.map_or(now, |next| next.max(now));
        state.next = self.interval.map(|interval| begins + interval);
        Ok(Slot { pace: self, begins })
    }

    /// Lets requests go out beyond the budget.
    pub(crate) fn lift_budget(&self) {
        self.state().is_lifted = true;
    }

    /// Requests sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.state().sent
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to send one request, from a moment on. It goes back to the budget when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot<'p> {
    pace: &'p Pace,
    begins: Instant,
}

impl Slot<'_> {
    /// Waits until the slot begins.
    pub(crate) async fn begins(&self) {
        // Most runs have no rate: then nothing is to be waited for, and the task need not yield.
        if self.pace.interval.is_some() {
            tokio::time::sleep_until(self.begins).await;
        }
    }

    /// Uses the slot.
    pub(crate) fn take(self) {
        self.pace.state().sent += 1;
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.pace.state().reserved -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_that_is_not_used_goes_back() {
        let pace = Pace::new(Some(2), None);
        pace.reserve().unwrap().take();
        let waiting = pace.reserve().unwrap();
        assert_eq!(pace.reserve().unwrap_err(), Fault::BudgetSpent(2));
        assert_eq!(pace.sent(), 1);
        drop(waiting);
        pace.reserve().unwrap().take();
        assert_eq!(pace.reserve().unwrap_err(), Fault::BudgetSpent(2));
        assert_eq!(pace.sent(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn slots_begin_an_interval_apart_and_idle_time_is_not_saved_up() {
        let pace = Pace::new(None, Some(Duration::from_millis(100)));
        let began = Instant::now();
        let slots: Vec<_> = (0..3).map(|_| pace.reserve().unwrap()).collect();
        let mut begun = Vec::new();
        for slot in slots {
            slot.begins().await;
            begun.push(began.elapsed().as_millis());
            slot.take();
        }
        assert_eq!(begun, [0, 100, 200]);
        tokio::time::sleep(Duration::from_secs(9)).await;
        let idle = Instant::now();
        let slots = [pace.reserve().unwrap(), pace.reserve().unwrap()];
        slots[0].begins().await;
        assert_eq!(idle.elapsed().as_millis(), 0);
        slots[1].begins().await;
        assert_eq!(idle.elapsed().as_millis(), 100);
    }
}
