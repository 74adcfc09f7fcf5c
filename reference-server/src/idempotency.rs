//! Idempotency keys: one effect for a call, however often and however concurrently it is sent (reference: Request body).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::sync::watch;

use crate::call::Call;
use crate::envelope::Success;
use crate::error::ApiError;

/// How long what became of a call is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Of how many calls it is kept: a hub in memory must not grow without bound.
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
    /// When records ended, oldest first. A call that was gone on with has ended more than once.
    finished: VecDeque<(SystemTime, Scope)>,
}

enum Record {
    /// The first call is on its way; the channel closes when it ends.
    Running(Fingerprint, watch::Receiver<()>),
    /// It has ended, at this time.
    Ended(Fingerprint, Ending, SystemTime),
}

/// How a call ended that is not to be made again.
enum Ending {
    /// It succeeded.
    Done(Box<Success>),
    /// The vendor did what it asks for, and it could not be answered: it is gone on with.
    Made(Box<Value>),
    /// The vendor may have done what it asks for, and nobody can tell: the failure is all that there is to say.
    Failed(Box<ApiError>),
}

impl Record {
    fn fingerprint(&self) -> &Fingerprint {
        match self {
            Record::Running(own, _) | Record::Ended(own, ..) => own,
        }
    }
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
                    Some(record) if !is_same(record.fingerprint(), &fingerprint) => return Claim::Conflict,
                    Some(Record::Running(_, ended)) => ended.clone(),
                    Some(Record::Ended(_, Ending::Done(success), _)) => return Claim::Replay(success.clone()),
                    Some(Record::Ended(_, Ending::Failed(error), _)) => return Claim::Refused(error.clone()),
                    Some(Record::Ended(_, Ending::Made(made), at)) => {
                        let before = (made.clone(), *at);
                        let ticket = self.start(&mut records, scope, fingerprint);
                        return Claim::First(ticket.after(before));
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
        let records = self.records();
        let used = records.by_scope.get(scope);
        used.is_some_and(|record| record.fingerprint() != fingerprint)
    }

    /// The success under the key, if there is one.
    pub(crate) fn success(&self, scope: &Scope) -> Option<Success> {
        match self.records().by_scope.get(scope) {
            Some(Record::Ended(_, Ending::Done(success), _)) => Some((**success).clone()),
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
    fn end(&mut self, scope: Scope, record: Record, at: SystemTime) {
        self.by_scope.insert(scope.clone(), record);
        self.finished.push_back((at, scope));
    }

    fn forget(&mut self, now: SystemTime) {
        let is_old = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age > KEPT);
        while let Some((at, _)) = self.finished.front()
            && (is_old(*at) || self.finished.len() > MAX_KEPT)
        {
            let Some((at, scope)) = self.finished.pop_front() else {
                break;
            };
            // What is on its way again, or has ended again since, is kept for that.
            if let Some(Record::Ended(.., ended)) = self.by_scope.get(&scope)
                && *ended == at
            {
                self.by_scope.remove(&scope);
            }
        }
    }
}

/// The right to execute the call of a key. Dropped without an ending, it leaves the key unused (IDM-09), unless the vendor did what the call
/// asks for before.
pub(crate) struct Ticket {
    records: Arc<Mutex<Records>>,
    scope: Scope,
    fingerprint: Fingerprint,
    /// What the vendor did for an earlier call under the key, and when that ended.
    made: Option<(Box<Value>, SystemTime)>,
    _ended: watch::Sender<()>,
}

impl Ticket {
    /// The workspace and the key.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What the vendor did for an earlier call under the key.
    pub(crate) fn made(&self) -> Option<Box<Value>> {
        self.made.as_ref().map(|(made, _)| made.clone())
    }

    fn after(mut self, made: (Box<Value>, SystemTime)) -> Self {
        self.made = Some(made);
        self
    }

    /// Keeps the success for replays.
    pub(crate) fn succeed(self, success: &Success, now: SystemTime) {
        self.end(Ending::Done(Box::new(success.clone())), now);
    }

    /// Keeps what the vendor did, to go on from there.
    pub(crate) fn keep(self, made: Box<Value>, now: SystemTime) {
        self.end(Ending::Made(made), now);
    }

    /// Keeps the failure for replays: the vendor may have done what the call asks for.
    pub(crate) fn fail(self, error: &ApiError, now: SystemTime) {
        self.end(Ending::Failed(Box::new(error.clone())), now);
    }

    fn end(self, ending: Ending, now: SystemTime) {
        let record = Record::Ended(self.fingerprint.clone(), ending, now);
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.end(self.scope.clone(), record, now);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(records.by_scope.get(&self.scope), Some(Record::Running(..))) {
            return;
        }
        match self.made.take() {
            Some((made, at)) => {
                let record = Record::Ended(self.fingerprint.clone(), Ending::Made(made), at);
                records.end(self.scope.clone(), record, at);
            }
            None => drop(records.by_scope.remove(&self.scope)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(key: &str) -> Scope {
        ("workspace".to_owned(), key.to_owned())
    }

    fn fingerprint() -> Fingerprint {
        Fingerprint {
            tool: "itsm.tickets.create".to_owned(),
            connection: None,
            input: "{}".to_owned(),
        }
    }

    async fn claim(keys: &Idempotency, key: &str, now: SystemTime) -> Claim {
        keys.claim(scope(key), fingerprint(), PartialEq::eq, now).await
    }

    async fn first(keys: &Idempotency, key: &str, now: SystemTime) -> Ticket {
        match claim(keys, key, now).await {
            Claim::First(ticket) => ticket,
            _ => panic!("{key} was used"),
        }
    }

    #[tokio::test]
    async fn what_is_not_to_be_made_again_is_kept_as_long_as_a_success_and_no_longer() {
        let (keys, start) = (Idempotency::default(), SystemTime::UNIX_EPOCH);
        let error = ApiError::invalid("as a failure may be");
        first(&keys, "failed", start).await.fail(&error, start);
        first(&keys, "made", start).await.keep(Box::default(), start);
        let within = start + KEPT;
        assert!(matches!(claim(&keys, "failed", within).await, Claim::Refused(told) if *told == error));
        // Going on with it in vain makes it no younger.
        assert!(first(&keys, "made", within).await.made().is_some());
        let after = within + Duration::from_secs(1);
        assert!(first(&keys, "failed", after).await.made().is_none());
        assert!(first(&keys, "made", after).await.made().is_none());
        assert!(keys.records().by_scope.is_empty() && keys.records().finished.is_empty());
    }

    #[tokio::test]
    async fn a_call_that_is_gone_on_with_is_kept_from_its_latest_end() {
        let (keys, start) = (Idempotency::default(), SystemTime::UNIX_EPOCH);
        first(&keys, "key", start).await.keep(Box::default(), start);
        let later = start + KEPT / 2;
        first(&keys, "key", later).await.keep(Box::default(), later);
        let running = first(&keys, "key", start + KEPT * 5 / 4).await;
        assert!(running.made().is_some());
    }
}
