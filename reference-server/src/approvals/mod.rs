//! Approvals: calls that wait for a person's decision (reference: Approval workflow).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;

use crate::idempotency::{Fingerprint, Scope};
use crate::timestamp;

pub(crate) mod api;
pub(crate) mod page;
pub(crate) mod session;

/// How many entries a hub in memory holds.
const MAX_ENTRIES: usize = 10_000;

/// All entries.
#[derive(Default)]
pub(crate) struct Approvals {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    in_order: Vec<Entry>,
    by_scope: HashMap<Scope, usize>,
}

impl Entries {
    fn of(&self, scope: &Scope) -> Option<&Entry> {
        self.in_order.get(*self.by_scope.get(scope)?)
    }

    fn add(&mut self, scope: Scope, call: AskedCall<'_>, fingerprint: &Fingerprint, now: SystemTime) -> Standing {
        let index = self.in_order.len();
        if index >= MAX_ENTRIES {
            return Standing::Full;
        }
        let id = format!("apr_{:06}", index + 1);
        self.in_order.push(Entry {
            workspace: scope.0.clone(),
            fingerprint: fingerprint.clone(),
            shown: Approval {
                id: id.clone(),
                status: Status::Pending,
                tool: call.tool.to_owned(),
                connection_id: call.connection_id.to_owned(),
                input: call.input.clone(),
                idempotency_key: call.idempotency_key.to_owned(),
                requested_by: call.asked_by.to_owned(),
                requested_at: timestamp::format(now),
                decided_by: None,
                decided_at: None,
            },
            is_spent: false,
        });
        self.by_scope.insert(scope, index);
        Standing::Pending(id)
    }
}

struct Entry {
    workspace: String,
    fingerprint: Fingerprint,
    shown: Approval,
    /// Whether the call has executed on it: that is once.
    is_spent: bool,
}

/// What an approver sees of an entry.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Approval {
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) tool: String,
    pub(crate) connection_id: String,
    pub(crate) input: Value,
    pub(crate) idempotency_key: String,
    pub(crate) requested_by: String,
    pub(crate) requested_at: String,
    pub(crate) decided_by: Option<String>,
    pub(crate) decided_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Approved,
    Rejected,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A call that asks for approval.
pub(crate) struct AskedCall<'a> {
    pub(crate) tool: &'a str,
    pub(crate) connection_id: &'a str,
    pub(crate) input: &'a Value,
    pub(crate) idempotency_key: &'a str,
    pub(crate) asked_by: &'a str,
}

/// How a call stands that asks for approval.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// This very call may execute.
    Approved,
    /// It waits; the entry's id.
    Pending(String),
    /// It never executes; the entry's id.
    Rejected(String),
    /// The entry under this key is for another call (APR-06).
    OfAnother,
    /// No further entry fits.
    Full,
}

/// Why a decision cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Undecidable {
    Unknown,
    Decided(Status),
}

impl Approvals {
    /// How the call stands; its first asking makes an entry, a later one finds it (APR-04).
    pub(crate) fn ask(
        &self,
        workspace: &str,
        call: AskedCall<'_>,
        fingerprint: &Fingerprint,
        now: SystemTime,
    ) -> Standing {
        let scope = (workspace.to_owned(), call.idempotency_key.to_owned());
        let mut entries = self.entries();
        match entries.of(&scope) {
            None => entries.add(scope, call, fingerprint, now),
            Some(entry) if entry.fingerprint != *fingerprint => Standing::OfAnother,
            Some(entry) => match entry.shown.status {
                Status::Approved => Standing::Approved,
                Status::Pending => Standing::Pending(entry.shown.id.clone()),
                Status::Rejected => Standing::Rejected(entry.shown.id.clone()),
            },
        }
    }

    /// Makes an entry, whatever entries the call has.
    pub(crate) fn ask_anew(
        &self,
        workspace: &str,
        call: AskedCall<'_>,
        fingerprint: &Fingerprint,
        now: SystemTime,
    ) -> Standing {
        let scope = (workspace.to_owned(), call.idempotency_key.to_owned());
        self.entries().add(scope, call, fingerprint, now)
    }

    /// Whether the entry under the key is for another call.
    pub(crate) fn is_of_another(&self, scope: &Scope, fingerprint: &Fingerprint) -> bool {
        let is_other = |entry: &Entry| entry.fingerprint != *fingerprint;
        self.entries().of(scope).is_some_and(is_other)
    }

    /// Whether the call under the key has executed on its approval.
    pub(crate) fn is_spent(&self, scope: &Scope) -> bool {
        self.entries().of(scope).is_some_and(|entry| entry.is_spent)
    }

    /// Uses the approval of the call under the key up.
    pub(crate) fn spend(&self, scope: &Scope) {
        let mut entries = self.entries();
        if let Some(index) = entries.by_scope.get(scope).copied()
            && let Some(entry) = entries.in_order.get_mut(index)
        {
            entry.is_spent = true;
        }
    }

    /// Whether there is an entry like this, in whatever workspace.
    pub(crate) fn any(&self, is_it: impl Fn(&str, &Fingerprint, &Approval) -> bool) -> bool {
        let entries = self.entries();
        let mut all = entries.in_order.iter();
        all.any(|entry| is_it(&entry.workspace, &entry.fingerprint, &entry.shown))
    }

    /// The workspace's entries, newest first, perhaps of one status.
    pub(crate) fn list(&self, workspace: &str, status: Option<Status>) -> Vec<Approval> {
        let entries = self.entries();
        let own = entries
            .in_order
            .iter()
            .rev()
            .filter(|entry| entry.workspace == workspace);
        own.map(|entry| &entry.shown)
            .filter(|shown| status.is_none_or(|status| shown.status == status))
            .cloned()
            .collect()
    }

    /// One entry of the workspace.
    pub(crate) fn get(&self, workspace: &str, id: &str) -> Option<Approval> {
        let entries = self.entries();
        let mut own = entries.in_order.iter().filter(|entry| entry.workspace == workspace);
        own.find(|entry| entry.shown.id == id).map(|entry| entry.shown.clone())
    }

    /// Decides an entry of the workspace, once.
    pub(crate) fn decide(
        &self,
        workspace: &str,
        id: &str,
        decision: Status,
        by: &str,
        now: SystemTime,
    ) -> Result<Approval, Undecidable> {
        let mut entries = self.entries();
        let mut own = entries.in_order.iter_mut().filter(|entry| entry.workspace == workspace);
        let entry = own.find(|entry| entry.shown.id == id).ok_or(Undecidable::Unknown)?;
        if entry.shown.status != Status::Pending {
            return Err(Undecidable::Decided(entry.shown.status));
        }
        entry.shown.status = decision;
        entry.shown.decided_by = Some(by.to_owned());
        entry.shown.decided_at = Some(timestamp::format(now));
        Ok(entry.shown.clone())
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
