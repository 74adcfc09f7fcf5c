//! Calls of the tool that needs approval.

use super::breaches::{self, Breach};
use super::keys::{again, record};
use super::{Answer, Class, Entry, Happenings, Model, Record, Scope, Standing, State, Use};
use crate::sequences::operation::Sent;

impl Model {
    /// A gated call asks; once approved, it executes once.
    pub(super) fn ask(&self, found: &mut Happenings<'_>, sent: &Sent) {
        let Some(scope) = self.scope(sent) else {
            return ask_unkeyed(found);
        };
        let unused = Use::default();
        let used = found.before.of(scope).unwrap_or(&unused);
        match (used.record(sent), used.entry(sent.input).map(|entry| entry.standing)) {
            (_, Some(Standing::Rejected)) => rejected(found, sent, scope),
            (Some(record), _) => replay(found, sent, scope, record),
            (None, Some(Standing::Approved)) => self.approved(found, sent, scope),
            (None, Some(Standing::Waits)) => waiting(found, sent, scope),
            (None, None) => self.first(found, sent, scope, used),
        }
    }

    /// The first call of an input under a key asks. Where the key belongs to another call, it may be refused.
    fn first(&self, found: &mut Happenings<'_>, sent: &Sent, scope: Scope, used: &Use) {
        let event = found.event;
        let other_approved = used.entries.iter().any(|entry| entry.standing == Standing::Approved);
        let unasked = match (other_approved, found.before.is_approved) {
            (true, _) => breaches::OTHER_APPROVED,
            (false, true) => breaches::UNAPPROVED,
            (false, false) => breaches::UNASKED,
        };
        match event.answer {
            Answer::Asks => {
                found.add(0, None, |state| wait(state, scope, sent));
                found.add(1, Some(breaches::ASKS_AND_ACTS), |state| wait(state, scope, sent));
            }
            Answer::Success(class) => {
                let is_replay = used.records.iter().any(|record| record.data.has(class));
                let without_effect = match (is_replay, used.rehearsed.has(class)) {
                    (true, _) => breaches::OTHER_REPLAYED,
                    (false, true) => breaches::KEY_SPENT_BY_DRY_RUN,
                    (false, false) => unasked,
                };
                let done = |state: &mut State| executed(state, scope, sent, class, event.group, event.has_rival);
                found.add(0, Some(without_effect), done);
                found.add(1, Some(unasked), done);
            }
            _ => {
                let is_open = !used.is_unused() || event.has_rival || used.is_spoilt || !event.works;
                let breach = if used.was_rehearsed {
                    breaches::KEY_SPENT_BY_DRY_RUN
                } else if used.was_invalid {
                    breaches::KEY_SPENT_BY_INVALID
                } else {
                    breaches::NOT_ASKED
                };
                found.add(0, (!is_open).then_some(breach), |state| {
                    state.of_mut(scope).is_spoilt |= !is_open;
                });
                found.add(1, Some(unasked), |_| {});
            }
        }
    }

    /// The replay of an approved call executes (APR-03).
    fn approved(&self, found: &mut Happenings<'_>, sent: &Sent, scope: Scope) {
        let event = found.event;
        match event.answer {
            Answer::Success(class) => {
                let done = |state: &mut State| executed(state, scope, sent, class, event.group, event.has_rival);
                if self.is_fresh(found.before, sent, class) {
                    found.add(1, None, done);
                    found.add(2, Some(breaches::APPROVED_ACTS_AGAIN), done);
                } else {
                    let rehearsed = found.before.of(scope).is_some_and(|used| used.rehearsed.has(class));
                    let breach = match (rehearsed, class.names_record) {
                        (true, _) => Some(breaches::KEY_SPENT_BY_DRY_RUN),
                        (false, true) => Some(breaches::APPROVED_NOT_EXECUTED),
                        (false, false) => None,
                    };
                    found.add(0, breach, done);
                }
            }
            _ => {
                let is_open = |used: &Use| used.is_spoilt || used.is_of_another(sent);
                let is_open = event.has_rival || found.before.of(scope).is_some_and(is_open);
                found.add(0, (!is_open).then_some(breaches::APPROVED_NOT_EXECUTED), |state| {
                    state.of_mut(scope).is_spoilt |= !is_open;
                });
                found.add(1, Some(breaches::APPROVED_NOT_EXECUTED), |_| {});
            }
        }
    }
}

/// Without a key there is no call to come back to: it asks, and never executes (APR-07).
fn ask_unkeyed(found: &mut Happenings<'_>) {
    let event = found.event;
    match event.answer {
        Answer::Asks => {
            found.nothing();
            found.add(1, Some(breaches::ASKS_AND_ACTS), |_| {});
        }
        Answer::Success(class) => {
            let told = |state: &mut State| state.told.add(class);
            found.add(1, Some(breaches::UNAPPROVED), told);
            found.add(0, Some(breaches::UNAPPROVED), told);
        }
        _ => {
            found.add(0, event.works.then_some(breaches::NOT_ASKED), |_| {});
            found.add(1, Some(breaches::UNAPPROVED), |_| {});
        }
    }
}

/// A replay before the decision asks again (APR-04).
fn waiting(found: &mut Happenings<'_>, sent: &Sent, scope: Scope) {
    let event = found.event;
    match event.answer {
        Answer::Asks => {
            found.nothing();
            found.add(1, Some(breaches::ASKS_AND_ACTS), |_| {});
        }
        Answer::Success(class) => {
            let done = |state: &mut State| executed(state, scope, sent, class, event.group, event.has_rival);
            found.add(1, Some(breaches::UNAPPROVED), done);
            found.add(0, Some(breaches::WAITING_NOT_ASKED), done);
        }
        _ => {
            // Of calls that come at once, one may be told that the other is on its way; where another input has executed under the key
            // meanwhile, the key is that one's (IDM-03).
            let is_open = event.has_rival || found.before.of(scope).is_some_and(|used| used.is_of_another(sent));
            let breach: Option<Breach> = (!is_open).then_some(breaches::WAITING_NOT_ASKED);
            found.add(0, breach, |_| {});
            found.add(1, Some(breaches::UNAPPROVED), |_| {});
        }
    }
}

/// A rejected call never executes (APR-05).
fn rejected(found: &mut Happenings<'_>, sent: &Sent, scope: Scope) {
    let event = found.event;
    match event.answer {
        Answer::Asks | Answer::Forbidden => {
            found.nothing();
            found.add(1, Some(breaches::REJECTED_ACTS), |_| {});
        }
        Answer::Success(class) => {
            let done = |state: &mut State| executed(state, scope, sent, class, event.group, event.has_rival);
            found.add(1, Some(breaches::REJECTED_ACTS), done);
            found.add(0, Some(breaches::REJECTED_ACTS), done);
        }
        _ => {
            found.add(0, Some(breaches::REJECTED_ANSWERED), |_| {});
            found.add(1, Some(breaches::REJECTED_ACTS), |_| {});
        }
    }
}

/// The replay of an approved call that has executed gives its data, and acts no more (APR-03, IDM-01).
fn replay(found: &mut Happenings<'_>, sent: &Sent, scope: Scope, record: &Record) {
    let event = found.event;
    let at_once = record.group == event.group;
    match event.answer {
        Answer::Success(class) => {
            let also = |state: &mut State| {
                state.told.add(class);
                again(state, scope, sent, class);
            };
            let is_same = record.data.is_empty() || record.data.has(class);
            let differs = if at_once {
                breaches::APPROVED_ACTS_AGAIN
            } else {
                breaches::REPLAY_DIFFERS
            };
            found.add(0, (!is_same).then_some(differs), also);
            found.add(1, Some(breaches::APPROVED_ACTS_AGAIN), also);
        }
        _ => {
            let spoilt = found.before.of(scope).is_some_and(|used| used.is_spoilt);
            let is_open = at_once || spoilt;
            found.add(0, (!is_open).then_some(breaches::REPLAY_REFUSED), |state| {
                state.of_mut(scope).is_spoilt |= !is_open;
            });
            found.add(1, Some(breaches::APPROVED_ACTS_AGAIN), |_| {});
        }
    }
}

fn wait(state: &mut State, scope: Scope, sent: &Sent) {
    let entries = &mut state.of_mut(scope).entries;
    if !entries.iter().any(|entry| entry.input == sent.input) {
        entries.push(Entry {
            input: sent.input,
            standing: Standing::Waits,
        });
    }
}

fn executed(state: &mut State, scope: Scope, sent: &Sent, class: Class, group: u8, had_rival: bool) {
    state.told.add(class);
    record(state, scope, sent, class, group, had_rival);
}
