//! Gets approvals decided, and finds their entries, by the driver that the profile names.

mod command;
mod entries;
mod http;
mod manual;
#[cfg(test)]
mod tests;
mod withdrawal;

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hubproof_model::approval::{Approvals, Driver};
use hubproof_model::case::{ApprovalVerdict, Case, Decide, Done, EntryCount, EntryLook};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_requirements::judging::observed;
use serde_json::Value;
use tokio::time::Instant;

use self::entries::{Needles, id_of};
use self::withdrawal::waits;
use crate::throttle::ThrottledSession;

/// The time between the first two looks at the entries; it doubles from one to the next.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest time between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// The longest that an entry is looked for: a hub that makes one makes it soon.
const LONGEST_SEARCH: Duration = Duration::from_secs(2);

/// Decides for the run.
pub(super) struct Approver<'s> {
    pub(super) session: &'s ThrottledSession<'s>,
    pub(super) approvals: &'s Approvals,
    pub(super) settle: Duration,
    /// The longest that a decision may take.
    pub(super) wait: Duration,
    pub(super) events: &'s (dyn Fn(Event) + Sync),
    pub(super) known: &'s Known,
}

/// What is known from one step to the next.
#[derive(Default)]
pub(super) struct Known {
    /// The ids of the entries that were decided, by case and the label of the call: a second decision finds no pending one.
    decided: Mutex<HashMap<(String, String), String>>,
    /// How often a program was ended that hung.
    hangs: AtomicUsize,
}

/// What came of asking a driver, and the requests that it took.
pub(super) type Asked<T> = (Result<T, String>, Vec<Exchange>);

impl Approver<'_> {
    /// Takes a decision on a call that was answered that it needs one.
    pub(super) async fn decide(&self, case: &Case, decide: &Decide, gated: Option<&Exchange>) -> Asked<Done> {
        let (driver, gated) = match self.ready(&decide.of, gated) {
            Ok(ready) => ready,
            Err(why) => return (Err(why), Vec::new()),
        };
        if let Driver::Manual(manual) = driver {
            return self.ask_person(manual, case, decide.verdict, gated).await;
        }
        let known = self.known.id(case, &decide.of);
        let is_second = known.is_some();
        let (id, mut sent) = match known {
            Some(id) => (Ok(id), Vec::new()),
            None => {
                let (found, sent) = self.find(driver, case, gated).await;
                (found.map(|(id, _)| id), sent)
            }
        };
        let id = match id {
            Ok(id) => id,
            Err(why) => return (Err(why), sent),
        };
        let (taken, asked) = self.take(driver, case, decide.verdict, &id, Some(gated)).await;
        sent.extend(asked);
        // What a hub says to a second decision is its own business.
        if let (Err(why), false) = (taken, is_second) {
            return (Err(why), sent);
        }
        if !is_second {
            sent.extend(self.await_decision(driver, case, &id).await);
        }
        self.known.note(case, &decide.of, id);
        (Ok(Done::Decided), sent)
    }

    /// Has a decision taken on an entry. Programs are told of the call that got it.
    async fn take(
        &self,
        driver: &Driver,
        case: &Case,
        verdict: ApprovalVerdict,
        id: &str,
        gated: Option<&Exchange>,
    ) -> Asked<()> {
        match (driver, gated) {
            (Driver::Http(http), _) => self.send_decision(http, case, verdict, id).await,
            (Driver::Command(command), Some(gated)) => {
                (self.run_decision(command, verdict, id, gated).await, Vec::new())
            }
            (Driver::Command(_), None) => (Err("no call of the run is known to have got it".to_owned()), Vec::new()),
            (Driver::Manual(_), _) => (Err("a person decides approvals here".to_owned()), Vec::new()),
        }
    }

    /// Lists the entries again and again, until `look` has seen enough: it is told what was listed, and after how long.
    async fn watch<T>(
        &self,
        driver: &Driver,
        case: &Case,
        mut look: impl FnMut(Result<Vec<Value>, String>, Duration) -> Option<T>,
    ) -> (T, Vec<Exchange>) {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut sent = Vec::new();
        loop {
            let waited = began.elapsed();
            let (listed, asked) = self.list(driver, case).await;
            sent.extend(asked);
            if let Some(seen) = look(listed, waited) {
                return (seen, sent);
            }
            self.pause(&mut pause).await;
        }
    }

    /// The longest that something is looked for in the list which is to show there.
    fn patience(&self) -> Duration {
        self.wait.min(LONGEST_SEARCH)
    }

    /// Waits until the decision shows in the list, where it does: a hub may take it in first and act on it later.
    async fn await_decision(&self, driver: &Driver, case: &Case, id: &str) -> Vec<Exchange> {
        let is_still_waiting = |entry: &Value| id_of(entry, id_at(driver)).as_deref() == Some(id) && waits(entry);
        let watched = self.watch(driver, case, |listed, waited| {
            let is_taken = !listed.is_ok_and(|entries| entries.iter().any(is_still_waiting));
            (is_taken || waited >= self.patience()).then_some(())
        });
        watched.await.1
    }

    /// Counts the entries that belong to a call, until there are more than expected or the time is over.
    pub(super) async fn count(&self, case: &Case, count: &EntryCount, gated: Option<&Exchange>) -> Asked<Done> {
        let (driver, gated) = match self.answered(&count.of, gated) {
            Ok(ready) => ready,
            Err(why) => return (Err(why), Vec::new()),
        };
        let needles = Needles::of(gated);
        self.watch(driver, case, |listed, waited| {
            let found = listed.map(|entries| needles.belonging(&entries, id_at(driver)).len() as u64);
            // As many as expected say nothing yet: one too many may still come. Too few may be on their way.
            let patience = match &found {
                Ok(found) if *found < count.least => self.settle.max(self.patience()),
                Ok(found) if *found <= count.expected => self.settle,
                _ => Duration::ZERO,
            };
            (waited >= patience).then(|| found.map(Done::Entries))
        })
        .await
    }

    /// Shows the pending entry that belongs to a call.
    pub(super) async fn show(&self, case: &Case, look: &EntryLook, gated: Option<&Exchange>) -> Asked<Done> {
        let (driver, gated) = match self.answered(&look.of, gated) {
            Ok(ready) => ready,
            Err(why) => return (Err(why), Vec::new()),
        };
        let (found, sent) = self.find(driver, case, gated).await;
        (found.map(|(id, shown)| Done::Entry { id, shown }), sent)
    }

    /// The driver, and a call on which it can decide something.
    fn ready<'e>(&self, of: &str, gated: Option<&'e Exchange>) -> Result<(&Driver, &'e Exchange), String> {
        let (driver, gated) = self.answered(of, gated)?;
        match Outcome::of(gated).is(&ErrorCode::ApprovalRequired) {
            true => Ok((driver, gated)),
            false => Err(format!(
                "there is nothing to decide: the {of} call was answered {}",
                observed(gated)
            )),
        }
    }

    /// The driver, and a call that was answered.
    fn answered<'e>(&self, of: &str, gated: Option<&'e Exchange>) -> Result<(&Driver, &'e Exchange), String> {
        let driver = self.approvals.driver.as_ref();
        let driver = driver.ok_or("nobody decides approvals here: name a driver in [approvals]")?;
        let gated = gated.filter(|gated| gated.response().is_some());
        Ok((driver, gated.ok_or_else(|| format!("the {of} call has no answer"))?))
    }

    /// The pending entry that belongs to a call, and its id: it may take the hub a moment to make it.
    async fn find(&self, driver: &Driver, case: &Case, gated: &Exchange) -> Asked<(String, Value)> {
        let needles = Needles::of(gated);
        let id_at = id_at(driver);
        self.watch(driver, case, |listed, waited| {
            let entries = match listed {
                Ok(entries) => entries,
                Err(why) => return Some(Err(why)),
            };
            match needles.best(&entries, id_at) {
                Some(entry) => {
                    let without = || format!("the entry for the call has no id at `{id_at}`: see [approvals]");
                    let found = id_of(entry, id_at).map(|id| (id, entry.clone()));
                    Some(found.ok_or_else(without))
                }
                None => (waited >= self.patience())
                    .then(|| Err("Approvals lists no entry that holds the call's idempotency key or input".to_owned())),
            }
        })
        .await
    }

    async fn list(&self, driver: &Driver, case: &Case) -> Asked<Vec<Value>> {
        match driver {
            Driver::Http(http) => self.send_list(http, case).await,
            Driver::Command(command) => (self.run_list(command).await, Vec::new()),
            Driver::Manual(_) => {
                let why = "a person decides approvals here, and entries cannot be listed: driver \"http\" or \
                           \"command\" in [approvals] shows them"
                    .to_owned();
                (Err(why), Vec::new())
            }
        }
    }

    /// Waits, but no longer than the session goes on; the next wait is twice as long.
    async fn pause(&self, pause: &mut Duration) {
        tokio::select! {
            () = tokio::time::sleep(*pause) => {}
            () = self.session.interrupted() => {}
        }
        *pause = (*pause * 2).min(LONGEST_PAUSE);
    }
}

impl Known {
    fn id(&self, case: &Case, call: &str) -> Option<String> {
        self.ids().get(&(case.id.clone(), call.to_owned())).cloned()
    }

    fn note(&self, case: &Case, call: &str, id: String) {
        self.ids().insert((case.id.clone(), call.to_owned()), id);
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), String>> {
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an entry has its id.
fn id_at(driver: &Driver) -> &str {
    match driver {
        Driver::Http(http) => &http.id,
        Driver::Command(_) | Driver::Manual(_) => "/id",
    }
}
