//! Withdraws what still waits: at its end a run rejects the entries of its own calls, so that no approver finds them later.

use hubproof_model::case::{ApprovalVerdict, Case};
use hubproof_model::exchange::Exchange;
use hubproof_model::side_effects::{Fate, WaitingEntry};
use serde_json::Value;

use super::entries::{Needles, id_of, named_in};
use super::{Approver, id_at};

/// The members in which entries tell whether they wait, and what they say once they do not.
const STANDINGS: [&str; 2] = ["status", "state"];
const PENDING: [&str; 4] = ["pending", "waiting", "open", "requested"];

impl Approver<'_> {
    /// Rejects the waiting entries that are the run's own. `gated` are the calls that may have got them: programs are told of which.
    pub(in crate::script) async fn withdraw(
        &self,
        case: &Case,
        gated: &[&Exchange],
        is_own: &dyn Fn(&Value) -> bool,
    ) -> (Vec<WaitingEntry>, Vec<Exchange>) {
        let driver = self.approvals.driver.as_ref();
        let Some(driver) = driver.filter(|driver| driver.lists_entries()) else {
            let why = match driver {
                Some(_) => "a person decides approvals here, and the run asks for no more than it proves",
                None => "nobody decides approvals here: name a driver in [approvals]",
            };
            return (unlisted(gated, why), Vec::new());
        };
        let (listed, mut sent) = self.list(driver, case).await;
        let listed = match listed {
            Ok(listed) => listed,
            Err(why) => return (unlisted(gated, &why), sent),
        };
        let mut waiting = Vec::new();
        for entry in listed {
            if !is_own(&entry) || !waits(&entry) {
                continue;
            }
            let Some(id) = id_of(&entry, id_at(driver)) else {
                continue;
            };
            let entries = std::slice::from_ref(&entry);
            let mut calls = gated.iter().copied();
            let call = calls.find(|call| Needles::of(call).best(entries, id_at(driver)).is_some());
            let (taken, asked) = self.take(driver, case, ApprovalVerdict::Reject, &id, call).await;
            sent.extend(asked);
            waiting.push(WaitingEntry {
                id,
                fate: taken.map_or_else(Fate::Left, |()| Fate::Removed),
            });
        }
        (waiting, sent)
    }
}

/// The entries that calls got, as far as their answers tell, where nothing lists them.
fn unlisted(gated: &[&Exchange], why: &str) -> Vec<WaitingEntry> {
    let mut waiting: Vec<WaitingEntry> = Vec::new();
    for call in gated {
        let key = || {
            call.call
                .idempotency_key()
                .map(|key| format!("of idempotency key {key}"))
        };
        let tool = || format!("of a call of {}", call.call.tool().unwrap_or_default());
        let id = named_in(call).into_iter().next().or_else(key).unwrap_or_else(tool);
        if waiting.iter().all(|known| known.id != id) {
            let fate = Fate::Left(why.to_owned());
            waiting.push(WaitingEntry { id, fate });
        }
    }
    waiting
}

/// Whether an entry may wait still: one that does not tell is taken to.
pub(super) fn waits(entry: &Value) -> bool {
    let mut told = STANDINGS.iter().filter_map(|name| entry.get(name)?.as_str());
    told.all(|standing| PENDING.contains(&standing.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_that_was_decided_does_not_wait() {
        for entry in [json!({"id": 1}), json!({"status": "pending"}), json!({"state": "OPEN"})] {
            assert!(waits(&entry), "{entry}");
        }
        for entry in [json!({"status": "approved"}), json!({"state": "executed"})] {
            assert!(!waits(&entry), "{entry}");
        }
    }
}
