//! Idempotency keys: one effect for a call, however often and however concurrently it is sent (reference: Request body).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::sync::watch;

use crate::call::Call;
use crate::envelope::Success;
use crate::error::ApiError;

/// How long a success can be replayed.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many successes are kept: a hub in memory must not grow without bound.
const MAX_KEPT: usize = 100_000;

/// Workspace and idempotency key: workspaces share no keys (IDM-05).
pub(crate) type Scope = (String, String);

/// What makes two calls the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) tool: String,
    /// The connection that was asked for, not the one that was chosen.
    pub(crate) connection: Option<String>,
    /// The input as text.
    pub(crate) input: String,
}

/// A call's idempotency key, apart from those of other workspaces; none, and the call executes by itself (IDM-04).
pub(crate) fn scope(call: &Call) -> Option<Scope> {
    let idempotency_key = call.request.idempotency_key.clone()?;
    Some((call.key.workspace.clone(), idempotency_key))
}

/// The tool, the connection and the input of a call, whatever the order of the input's members (IDM-11).
pub(crate) fn fingerprint(call: &Call) -> Fingerprint {
    let mut input = call.request.input.clone();
    input.sort_all_objects();
    Fingerprint {
        tool: call.tool.key.clone(),
        connection: call.request.connection_id.clone(),
        input: input.to_string(),
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
    /// The vendor did what it asks for, and it could not be answered.
    Made(Fingerprint, Box<Value>),
}

/// What a call that carries a key may do.
pub(crate) enum Claim {
    /// It is the first: it executes.
    First(Ticket),
    /// It succeeded before.
    Replay(Box<Success>),
    /// The key belongs to another call (IDM-03).
    Conflict,
    /// The key cannot be used, for a reason of its own.
    Refused(Box<ApiError>),
}

impl Idempotency {
    /// Claims the key, waiting for a call under it that is on its way (IDM-02).
    pub(crate) async fn claim(
        &self,
        scope: Scope,
        fingerprint: Fingerprint,
        is_same: fn(&Fingerprint, &Fingerprint) -> bool,
        now: SystemTime,
    ) -> Claim {
        loop {
            let mut running = {
                let mut records = self.records();
                records.forget(now);
                match records.by_scope.get(&scope) {
                    Some(Record::Running(own, _) | Record::Done(own, _) | Record::Made(own, _))
                        if !is_same(own, &fingerprint) =>
                    {
                        return Claim::Conflict;
                    }
                    Some(Record::Done(_, success)) => return Claim::Replay(success.clone()),
                    Some(Record::Running(_, ended)) => ended.clone(),
                    Some(Record::Made(_, made)) => {
                        let made = made.clone();
                        let ticket = self.start(&mut records, scope, fingerprint);
                        return Claim::First(ticket.after(made));
                    }
                    None => return Claim::First(self.start(&mut records, scope, fingerprint)),
                }
            };
            // Closed when the ticket goes, whatever became of its call.
            while running.changed().await.is_ok() {}
        }
    }

    /// Whether another call has used the key, or is under way with it.
    pub(crate) fn is_of_another(&self, scope: &Scope, fingerprint: &Fingerprint) -> bool {
        match self.records().by_scope.get(scope) {
            Some(Record::Running(own, _) | Record::Done(own, _) | Record::Made(own, _)) => own != fingerprint,
            None => false,
        }
    }

    /// The success under the key, if there is one.
    pub(crate) fn success(&self, scope: &Scope) -> Option<Success> {
        match self.records().by_scope.get(scope) {
            Some(Record::Done(_, success)) => Some((**success).clone()),
            _ => None,
        }
    }

    /// Whether a call under the key is on its way.
    pub(crate) fn is_running(&self, scope: &Scope) -> bool {
        matches!(self.records().by_scope.get(scope), Some(Record::Running(..)))
    }

    /// The right to execute under the key, whoever has it already.
    pub(crate) fn begin(&self, scope: Scope, fingerprint: Fingerprint) -> Ticket {
        self.start(&mut self.records(), scope, fingerprint)
    }

    /// Leaves the key unused.
    pub(crate) fn forget(&self, scope: &Scope) {
        self.records().by_scope.remove(scope);
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
            made: None,
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

/// The right to execute the call of a key. Dropped without success, it leaves the key unused (IDM-09), unless the vendor did what the call asks
/// for all the same.
pub(crate) struct Ticket {
    records: Arc<Mutex<Records>>,
    scope: Scope,
    fingerprint: Fingerprint,
    made: Option<Box<Value>>,
    _ended: watch::Sender<()>,
}

impl Ticket {
    /// The workspace and the key.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What the vendor did for an earlier call under the key.
    pub(crate) fn made(&self) -> Option<Box<Value>> {
        self.made.clone()
    }

    /// Keeps what the vendor did, where it is known to have done something.
    pub(crate) fn keep(&mut self, made: Option<Box<Value>>) {
        self.made = made.or(self.made.take());
    }

    fn after(mut self, made: Box<Value>) -> Self {
        self.made = Some(made);
        self
    }

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
        if !matches!(records.by_scope.get(&self.scope), Some(Record::Running(..))) {
            return;
        }
        match self.made.take() {
            Some(made) => {
                let record = Record::Made(self.fingerprint.clone(), made);
                records.by_scope.insert(self.scope.clone(), record);
            }
            None => drop(records.by_scope.remove(&self.scope)),
        }
    }
}
