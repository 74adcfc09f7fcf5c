//! Gets approvals decided, and counts their entries, by the driver that the profile names.

mod command;
mod entries;
mod http;
mod manual;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hubproof_model::approval::{Approvals, Driver};
use hubproof_model::case::{Case, Decide, Done, EntryCount};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_wire::Session;
use serde_json::Value;
use tokio::time::Instant;

use self::entries::{Needles, id_of};

/// The time between two looks at the entries.
const PAUSE: Duration = Duration::from_millis(50);

/// Decides for the run.
pub(super) struct Approver<'a> {
    session: &'a Session,
    approvals: &'a Approvals,
    events: &'a (dyn Fn(Event) + Sync),
    /// The entries that were decided, by case and the label of the call: a second decision finds no pending one.
    decided: Mutex<HashMap<(String, String), String>>,
}

/// What came of asking a driver, and the requests that it took.
pub(super) type Asked<T> = (Result<T, String>, Vec<Exchange>);

impl<'a> Approver<'a> {
    pub(super) fn new(session: &'a Session, approvals: &'a Approvals, events: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self {
            session,
            approvals,
            events,
            decided: Mutex::default(),
        }
    }

    /// Takes a decision on a call that was answered that it needs one.
    pub(super) async fn decide(&self, case: &Case, decide: &Decide, gated: Option<&Exchange>) -> Asked<Done> {
        let Some((driver, gated)) = self.approvals.driver.as_ref().zip(gated) else {
            return (
                Err("nobody can decide: [approvals] names no driver".to_owned()),
                Vec::new(),
            );
        };
        if let Driver::Manual(manual) = driver {
            return self.ask_person(manual, case, decide.verdict, gated).await;
        }
        let known_as = (case.id.clone(), decide.of.clone());
        let known = self.decided().get(&known_as).cloned();
        let mut sent = Vec::new();
        let id = match known.clone() {
            Some(id) => Ok(id),
            None => {
                let (found, looked) = self.find(driver, gated).await;
                sent.extend(looked);
                found
            }
        };
        let id = match id {
            Ok(id) => id,
            Err(why) => return (Err(why), sent),
        };
        let (taken, asked) = match driver {
            Driver::Http(http) => self.send_decision(http, case, decide.verdict, &id).await,
            Driver::Command(command) => (self.run_decision(command, decide.verdict, &id, gated).await, Vec::new()),
            Driver::Manual(_) => (Ok(()), Vec::new()),
        };
        sent.extend(asked);
        self.decided().insert(known_as, id);
        // What a hub says to a second decision is its own business.
        let taken = if known.is_some() { Ok(()) } else { taken };
        (taken.map(|()| Done::Decided), sent)
    }

    /// Counts the entries that belong to a call, until there are as many as expected or the time is over.
    pub(super) async fn count(
        &self,
        case: &Case,
        count: &EntryCount,
        gated: Option<&Exchange>,
        settle: Duration,
    ) -> Asked<Done> {
        let Some((driver, gated)) = self.approvals.driver.as_ref().zip(gated) else {
            return (
                Err("entries cannot be counted: [approvals] names no driver".to_owned()),
                Vec::new(),
            );
        };
        let needles = Needles::of(gated);
        let ends = Instant::now() + settle;
        let mut sent = Vec::new();
        loop {
            let is_last = Instant::now() >= ends;
            let (listed, asked) = self.list(driver, Some(case)).await;
            sent.extend(asked);
            let found = listed.map(|entries| entries.iter().filter(|entry| needles.fit(entry)).count() as u64);
            // As many as expected say nothing yet: one too many may still come.
            let is_over = !found.as_ref().is_ok_and(|found| *found <= count.expected);
            if is_over || is_last {
                return (found.map(Done::Entries), sent);
            }
            self.pause(PAUSE).await;
        }
    }

    /// The id of the pending entry that belongs to a call: it may take the hub a moment to make it.
    async fn find(&self, driver: &Driver, gated: &Exchange) -> Asked<String> {
        let needles = Needles::of(gated);
        let ends = Instant::now() + self.approvals.wait.min(LONGEST_SEARCH);
        let mut sent = Vec::new();
        loop {
            let (listed, asked) = self.list(driver, None).await;
            sent.extend(asked);
            let entries = match listed {
                Ok(entries) => entries,
                Err(why) => return (Err(why), sent),
            };
            let id_at = match driver {
                Driver::Http(http) => http.id.as_str(),
                Driver::Command(_) | Driver::Manual(_) => "/id",
            };
            let found = needles.best(&entries).map(|entry| id_of(entry, id_at));
            match found {
                Some(Some(id)) => return (Ok(id), sent),
                Some(None) => return (Err(format!("the entry for the call has no id at `{id_at}`")), sent),
                None if Instant::now() >= ends => {
                    let why = "Approvals has no entry for the call".to_owned();
                    return (Err(why), sent);
                }
                None => self.pause(PAUSE).await,
            }
        }
    }

    async fn list(&self, driver: &Driver, case: Option<&Case>) -> Asked<Vec<Value>> {
        match driver {
            Driver::Http(http) => self.send_list(http, case.map_or("approvals", |case| &case.id)).await,
            Driver::Command(command) => (self.run_list(command).await, Vec::new()),
            Driver::Manual(_) => {
                let why = "a person decides approvals here: their entries cannot be counted".to_owned();
                (Err(why), Vec::new())
            }
        }
    }

    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.session.interrupted() => {}
        }
    }

    fn decided(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), String>> {
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest that an entry is looked for: a hub that makes one makes it soon.
const LONGEST_SEARCH: Duration = Duration::from_secs(2);
