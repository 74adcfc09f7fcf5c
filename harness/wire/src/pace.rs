//! The run's request budget and its rate.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hubproof_model::exchange::Fault;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Hands out permission to send, one request at a time.
#[derive(Debug)]
pub(crate) struct Pace {
    sent: AtomicU64,
    most: Option<u64>,
    interval: Option<Duration>,
    /// When the next request may go out, where there is a rate.
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most `most` requests, at most `rate` a second.
    pub(crate) fn new(most: Option<u64>, rate: Option<f64>) -> Self {
        Self {
            sent: AtomicU64::new(0),
            most,
            interval: rate.map(|rate| Duration::from_secs_f64(1.0 / rate)),
            next: Mutex::new(None),
        }
    }

    /// Waits for the next slot.
    ///
    /// # Errors
    /// That the budget is spent.
    pub(crate) async fn slot(&self) -> Result<(), Fault> {
        let taken = self.sent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sent| {
            self.most.is_none_or(|most| sent < most).then_some(sent + 1)
        });
        taken.map_err(Fault::BudgetSpent)?;
        if let Some(interval) = self.interval {
            let slot = {
                let mut next = self.next.lock().await;
                let slot = next.map_or_else(Instant::now, |next| next.max(Instant::now()));
                *next = Some(slot + interval);
                slot
            };
            tokio::time::sleep_until(slot).await;
        }
        Ok(())
    }

    /// Requests sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}
