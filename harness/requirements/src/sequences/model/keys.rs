//! Executes of the tool that needs no approval: with an idempotency key, and without.

use super::breaches::{self, Breach};
use super::{Answer, Class, Classes, Happenings, Model, Record, Scope, State, Use};
use crate::sequences::operation::{Manner, Sent};

impl Model {
    /// A call executes by itself, or is the replay of one that did.
    pub(super) fn execute(&self, found: &mut Happenings<'_>, sent: &Sent) {
        let Some(scope) = self.scope(sent) else {
            return self.execute_unkeyed(found, sent);
        };
        let unused = Use::default();
        let used = found.before.of(scope).unwrap_or(&unused);
        match used.record(sent) {
            Some(record) => replay(found, sent, scope, record, used.is_spoilt),
            None if used.is_of_another(sent) => other(found, sent, scope),
            None => self.execute_first(found, sent, scope, used),
        }
    }

    /// A call without a key executes, whatever came before (IDM-04).
    fn execute_unkeyed(&self, found: &mut Happenings<'_>, sent: &Sent) {
        let event = found.event;
        match event.answer {
            Answer::Success(class) => {
                let told = |state: &mut State| state.told.add(class);
                if self.is_fresh(found.before, sent, class) {
                    found.add(1, None, told);
                    found.add(2, Some(breaches::ACTS_TWICE), told);
                } else {
                    found.add(0, merged(sent, class), told);
                }
            }
            _ => {
                let has_acted = found.before.effects.get(event.slot).is_some_and(|effects| *effects > 0);
                match refusal(event.works, sent, has_acted) {
                    Some(breach) => found.add(0, Some(breach), |_| {}),
                    None => found.nothing(),
                }
                found.add(1, Some(breaches::REFUSED_ACTS), |_| {});
            }
        }
    }

    /// The first call under a key executes.
    fn execute_first(&self, found: &mut Happenings<'_>, sent: &Sent, scope: Scope, used: &Use) {
        let event = found.event;
        let mut elsewhere = found.before.elsewhere(scope);
        let is_used_elsewhere = elsewhere.any(|used| !used.records.is_empty());
        match event.answer {
            Answer::Success(class) => {
                let done = |state: &mut State| {
                    state.told.add(class);
                    record(state, scope, sent, class, event.group, event.has_rival);
                };
                if self.is_fresh(found.before, sent, class) {
                    found.add(1, None, done);
                    found.add(2, Some(breaches::ACTS_TWICE), done);
                    return;
                }
                let mut elsewhere = found.before.elsewhere(scope);
                let is_of = |used: &Use| used.records.iter().any(|record| record.data.has(class));
                let breach = if elsewhere.any(is_of) {
                    Some(breaches::OTHER_WORKSPACE_REPLAYED)
                } else if used.rehearsed.has(class) {
                    Some(breaches::KEY_SPENT_BY_DRY_RUN)
                } else {
                    merged(sent, class)
                };
                found.add(0, breach, done);
            }
            _ => {
                let spoilt = |state: &mut State| state.of_mut(scope).is_spoilt = true;
                // In a group, whatever is in flight may have had the key.
                let is_open = event.has_rival || used.is_spoilt || !event.works;
                let has_acted = found.before.effects.get(event.slot).is_some_and(|effects| *effects > 0);
                let breach = if used.was_rehearsed {
                    Some(breaches::KEY_SPENT_BY_DRY_RUN)
                } else if used.was_invalid {
                    Some(breaches::KEY_SPENT_BY_INVALID)
                } else if is_used_elsewhere {
                    Some(breaches::OTHER_WORKSPACE_REFUSED)
                } else {
                    refusal(event.works, sent, has_acted)
                };
                match breach.filter(|_| !is_open) {
                    Some(breach) => found.add(0, Some(breach), spoilt),
                    None => found.nothing(),
                }
                found.add(1, Some(breaches::REFUSED_ACTS), |_| {});
            }
        }
    }
}

/// A replay is answered with the first data, and acts no more (IDM-01, IDM-02).
fn replay(found: &mut Happenings<'_>, sent: &Sent, scope: Scope, record: &Record, is_spoilt: bool) {
    let event = found.event;
    let at_once = record.group == event.group;
    match event.answer {
        Answer::Success(class) => {
            let also = |state: &mut State| {
                state.told.add(class);
                again(state, scope, sent, class);
            };
            let is_same = record.data.is_empty() || record.data.has(class);
            let differs = match (at_once, sent.manner) {
                (true, _) => breaches::DUPLICATE_DIFFERS,
                (false, Manner::NotDry) if !class.names_record => breaches::NOT_DRY_REHEARSED,
                (false, _) => breaches::REPLAY_DIFFERS,
            };
            found.add(0, (!is_same).then_some(differs), also);
            found.add(1, Some(acts_again(at_once)), also);
        }
        _ => {
            // Another API key under a used idempotency key may be refused: nobody's promise.
            let is_open = at_once || is_spoilt || !event.works || sent.actor != record.actor;
            let breach = match sent.manner {
                Manner::NotDry => breaches::NOT_DRY_REFUSED,
                _ if record.had_rival => breaches::DUPLICATE_SPOILS,
                _ => breaches::REPLAY_REFUSED,
            };
            found.add(0, (!is_open).then_some(breach), |state| {
                state.of_mut(scope).is_spoilt |= !is_open;
            });
            found.add(1, Some(acts_again(at_once)), |_| {});
        }
    }
}

fn acts_again(at_once: bool) -> Breach {
    match at_once {
        true => breaches::DUPLICATE_ACTS,
        false => breaches::REPLAY_ACTS,
    }
}

/// Another input under a used key is refused (IDM-03).
fn other(found: &mut Happenings<'_>, sent: &Sent, scope: Scope) {
    let event = found.event;
    match event.answer {
        Answer::Success(class) => {
            let told = |state: &mut State| state.told.add(class);
            found.add(0, Some(breaches::OTHER_REPLAYED), told);
            found.add(1, Some(breaches::OTHER_ACTS), |state| {
                told(state);
                record(state, scope, sent, class, event.group, event.has_rival);
            });
        }
        _ => {
            found.nothing();
            found.add(1, Some(breaches::OTHER_ACTS), |_| {});
        }
    }
}

/// Notes an execution under a key.
pub(super) fn record(state: &mut State, scope: Scope, sent: &Sent, class: Class, group: u8, had_rival: bool) {
    state.of_mut(scope).records.push(Record {
        actor: sent.actor,
        tool: sent.tool,
        input: sent.input,
        data: Classes::of(class),
        group,
        had_rival,
    });
}

/// Notes what an execution may be answered with, too.
pub(super) fn again(state: &mut State, scope: Scope, sent: &Sent, class: Class) {
    let records = state.of_mut(scope).records.iter_mut();
    for record in records.filter(|record| (record.tool, record.input) == (sent.tool, sent.input)) {
        record.data.add(class);
    }
}

/// What is broken by a call of its own that is answered with what cannot be its own, if it can be told.
fn merged(sent: &Sent, class: Class) -> Option<Breach> {
    match (class.names_record, sent.manner) {
        (true, _) => Some(breaches::MERGED),
        (false, Manner::NotDry) => Some(breaches::NOT_DRY_REHEARSED),
        (false, _) => None,
    }
}

/// What is broken by the refusal of a call of its own, if anything: only one that works otherwise says something.
fn refusal(works: bool, sent: &Sent, has_acted: bool) -> Option<Breach> {
    match sent.manner {
        _ if !works => None,
        Manner::NotDry => Some(breaches::NOT_DRY_REFUSED),
        _ if has_acted => Some(breaches::NOT_EXECUTED),
        _ => None,
    }
}
