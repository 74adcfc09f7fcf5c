//! What reached a stand-in.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;

use crate::fault::Fault;

/// A request that reached a stand-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its place among all that were received, from 0 on.
    pub number: u64,
    /// When.
    pub at: SystemTime,
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// Whether it asks for a change.
    pub changes_state: bool,
    /// Whether it was carried out.
    pub carried_out: bool,
    /// Whether it showed credentials.
    pub credentials: Credentials,
    /// What it sent as the vendor's idempotency key.
    pub idempotency_key: Option<String>,
    /// The fault that it met.
    pub fault: Option<Fault>,
}

/// What a request showed of who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// What the vendor accepts.
    Accepted,
    /// Something that it does not.
    Refused,
    /// Nothing.
    Missing,
}

/// How many requests a stand-in received since it started or was reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reception {
    /// All of them.
    pub requests: u64,
    /// Those that ask for a change.
    pub changes: u64,
    /// Those that were carried out and changed something.
    pub changes_carried_out: u64,
    /// Those without accepted credentials.
    pub unauthorized: u64,
}

/// How many requests are kept: beyond this the oldest go, and are counted still.
const KEPT: usize = 10_000;

/// Keeps and counts what is received.
#[derive(Debug)]
pub(crate) struct Log {
    kept: Mutex<Kept>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<Received>,
    counts: Reception,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            kept: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Keeps a request, and gives its number.
    pub(crate) fn add(&self, mut received: Received) -> u64 {
        let number = self.with(|kept| {
            received.number = kept.counts.requests;
            let number = received.number;
            let counts = &mut kept.counts;
            counts.requests += 1;
            counts.changes += u64::from(received.changes_state);
            counts.unauthorized += u64::from(received.credentials != Credentials::Accepted);
            kept.requests.push_back(received);
            if kept.requests.len() > KEPT {
                kept.requests.pop_front();
            }
            number
        });
        self.changed.send_replace(());
        number
    }

    /// The request of this number was carried out.
    pub(crate) fn carried_out(&self, number: u64) {
        self.with(|kept| {
            let received = kept.requests.iter_mut().find(|received| received.number == number);
            if let Some(received) = received {
                received.carried_out = true;
                kept.counts.changes_carried_out += u64::from(received.changes_state);
            }
        });
        self.changed.send_replace(());
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.with(|kept| kept.requests.iter().cloned().collect())
    }

    pub(crate) fn counts(&self) -> Reception {
        self.with(|kept| kept.counts)
    }

    pub(crate) fn clear(&self) {
        self.with(|kept| *kept = Kept::default());
        self.changed.send_replace(());
    }

    /// Ends once what was received is enough.
    pub(crate) async fn until(&self, is_enough: impl Fn(&[Received]) -> bool) {
        let mut changed = self.changed.subscribe();
        while !is_enough(&self.all()) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    fn with<T>(&self, of: impl FnOnce(&mut Kept) -> T) -> T {
        of(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
