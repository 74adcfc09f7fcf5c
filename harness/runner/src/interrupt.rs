//! Stopping a run from outside: Ctrl-C, or a time limit.

use std::time::Duration;

use tokio::sync::watch;

/// Why a run stops early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// A person stopped it.
    Signal,
    /// Its time limit is over.
    TimeLimit(Duration),
}

/// Tells a run to stop. Clones share one state.
#[derive(Debug, Clone)]
pub struct Interrupt {
    reason: watch::Sender<Option<StopReason>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self {
            reason: watch::Sender::new(None),
        }
    }
}

impl Interrupt {
    /// Stops the run; what is in flight is let end. The first reason stays.
    pub fn stop(&self, reason: StopReason) {
        self.reason.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(reason);
            }
            first
        });
    }

    /// Why the run was told to stop, if it was.
    pub fn reason(&self) -> Option<StopReason> {
        self.reason.borrow().clone()
    }

    /// Waits until the run is told to stop.
    pub async fn stopped(&self) {
        // `self` holds the sender, so that waiting cannot fail.
        let _ = self.reason.subscribe().wait_for(Option::is_some).await;
    }
}
