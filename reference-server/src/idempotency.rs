//! Idempotency keys: one effect for a call, however often and however concurrently it is sent (reference: Request body).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::sync::watch;

use crate::envelope::Success;

/// How long a success can be replayed.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many successes are kept: a hub in memory must not grow without bound.
const MAX_KEPT: usize = 100_000;

/// Workspace and idempotency key: workspaces share no keys (IDM-05).
pub(crate) type Scope = (String, String);

/// What makes two calls the same: the tool, the connection that was asked for, and the input, whatever the order of its members
/// (IDM-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    pub(crate) fn of(tool: &str, connection: Option<&str>, input: &Value) -> Self {
        let mut input = input.clone();
        input.sort_all_objects();
        Self(serde_json::json!([tool, connection, input]).to_string())
    }
}

/// The keys that calls have used.
#[derive(Default)]
pub(crate) struct Idempotency {
    records: Arc<Mutex<Records>>,
}

#[derive(Default)]
struct Records {
    by_scope: HashMap<Scope, Record>,
    /// Finished records, oldest first.
    finished: VecDeque<(SystemTime, Scope)>,
}

enum Record {
    /// The first call is on its way; the channel closes when it ends.
    Running(Fingerprint, watch::Receiver<()>),
    /// It succeeded.
    Done(Fingerprint, Box<Success>),
}

/// What a call that carries a key may do.
pub(crate) enum Claim {
    /// It is the first: it executes.
    First(Ticket),
    /// It succeeded before.
    Replay(Box<Success>),
    /// The key belongs to another call (IDM-03).
    Conflict,
}

impl Idempotency {
    /// Claims the key, waiting for a call under it that is on its way (IDM-02).
    pub(crate) async fn claim(&self, scope: Scope, fingerprint: Fingerprint, now: SystemTime) -> Claim {
        loop {
            let mut running = {
                let mut records = self.records();
                records.forget(now);
                match records.by_scope.get(&scope) {
                    Some(Record::Running(own, _) | Record::Done(own, _)) if *own != fingerprint => {
                        return Claim::Conflict;
                    }
                    Some(Record::Done(_, success)) => return Claim::Replay(success.clone()),
                    Some(Record::Running(_, ended)) => ended.clone(),
                    None => return Claim::First(self.start(&mut records, scope, fingerprint)),
                }
            };
            // Closed when the ticket goes, whatever became of its call.
            while running.changed().await.is_ok() {}
        }
    }

    fn start(&self, records: &mut Records, scope: Scope, fingerprint: Fingerprint) -> Ticket {
        let (sender, ended) = watch::channel(());
        records
            .by_scope
            .insert(scope.clone(), Record::Running(fingerprint.clone(), ended));
        Ticket {
            records: Arc::clone(&self.records),
            scope,
            fingerprint,
            _ended: sender,
        }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records {
    fn forget(&mut self, now: SystemTime) {
        let is_old = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age > KEPT);
        while let Some((at, _)) = self.finished.front()
            && (is_old(*at) || self.finished.len() > MAX_KEPT)
        {
            if let Some((_, scope)) = self.finished.pop_front() {
                self.by_scope.remove(&scope);
            }
        }
    }
}

/// The right to execute the call of a key. Dropped without success, it leaves the key unused (IDM-09).
pub(crate) struct Ticket {
    records: Arc<Mutex<Records>>,
    scope: Scope,
    fingerprint: Fingerprint,
    _ended: watch::Sender<()>,
}

impl Ticket {
    /// Keeps the success for replays.
    pub(crate) fn succeed(self, success: &Success, now: SystemTime) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let done = Record::Done(self.fingerprint.clone(), Box::new(success.clone()));
        records.by_scope.insert(self.scope.clone(), done);
        records.finished.push_back((now, self.scope.clone()));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Record::Running(..)) = records.by_scope.get(&self.scope) {
            records.by_scope.remove(&self.scope);
        }
    }
}
