//! A small sound hub in the model's own terms, written apart from the model: what it answers must always be explained.

use std::collections::HashMap;

use hubproof_model::case::ApprovalVerdict;
use hubproof_model::role::Role;

use crate::sequences::history::{Group, History};
use crate::sequences::model::{Answer, Class, Event, Model};
use crate::sequences::operation::{Manner, Operation, Sent, Sequence, Slot, Which};

/// What sound hubs do differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways {
    /// Idempotency keys belong to the API key.
    pub(super) keys_by_actor: bool,
    /// Another API key under a used idempotency key is refused.
    pub(super) refuses_other_actors: bool,
    /// Another input of a gated call under a key may wait by itself; else it is refused.
    pub(super) other_inputs_wait: bool,
    /// Approved calls execute when they are approved.
    pub(super) executes_on_approval: bool,
    /// A dry run under a used key is refused.
    pub(super) refuses_used_dry_runs: bool,
    /// How many of the latest effects no look shows yet.
    pub(super) shows_late: u64,
}

type Key = (Role, u8);

#[derive(Default)]
struct Hub {
    made: u8,
    rehearsed: u8,
    effects: HashMap<Slot, u64>,
    records: HashMap<Key, (Sent, Class)>,
    waiting: HashMap<(Key, u8), Option<ApprovalVerdict>>,
}

impl Hub {
    fn act(&mut self, slot: Slot) -> Class {
        self.made += 1;
        *self.effects.entry(slot).or_default() += 1;
        Class {
            number: 32 + self.made % 32,
            names_record: true,
        }
    }

    fn answer(&mut self, operation: &Operation, ways: Ways) -> Answer {
        match operation {
            Operation::Decide(decision) => {
                let key = (Role::Primary, decision.key);
                self.waiting.insert((key, decision.input), Some(decision.verdict));
                if ways.executes_on_approval && decision.verdict == ApprovalVerdict::Approve {
                    let class = self.act(operation.slot());
                    let sent = Sent {
                        actor: Role::Primary,
                        tool: Which::Gated,
                        input: decision.input,
                        key: Some(decision.key),
                        manner: Manner::Real,
                    };
                    self.records.insert(key, (sent, class));
                }
                Answer::Decided
            }
            Operation::Call(sent) => self.call(sent, operation.slot(), ways),
        }
    }

    fn call(&mut self, sent: &Sent, slot: Slot, ways: Ways) -> Answer {
        let holder = match sent.actor {
            Role::Foreign => Role::Foreign,
            actor if ways.keys_by_actor => actor,
            _ => Role::Primary,
        };
        let key = sent.key.map(|key| (holder, key));
        let record = key.and_then(|key| self.records.get(&key).copied());
        match sent.manner {
            Manner::Invalid => Answer::Refused,
            Manner::Dry if record.is_some() && ways.refuses_used_dry_runs => Answer::Refused,
            Manner::Dry => {
                self.rehearsed = (self.rehearsed + 1) % 2;
                Answer::Success(Class {
                    number: self.rehearsed,
                    names_record: false,
                })
            }
            Manner::Real | Manner::NotDry => match (key, record) {
                (Some(_), Some((own, _))) if ways.refuses_other_actors && own.actor != sent.actor => Answer::Refused,
                (Some(_), Some((own, class))) if own.input == sent.input => Answer::Success(class),
                (Some(_), Some(_)) => Answer::Refused,
                (Some(key), None) if sent.tool == Which::Gated => self.gated(key, sent, slot, ways),
                (None, _) if sent.tool == Which::Gated => Answer::Asks,
                (Some(key), None) => {
                    let class = self.act(slot);
                    self.records.insert(key, (*sent, class));
                    Answer::Success(class)
                }
                (None, _) => Answer::Success(self.act(slot)),
            },
        }
    }

    fn gated(&mut self, key: Key, sent: &Sent, slot: Slot, ways: Ways) -> Answer {
        let has_other = self
            .waiting
            .keys()
            .any(|(own, input)| *own == key && *input != sent.input);
        match self.waiting.get(&(key, sent.input)) {
            Some(Some(ApprovalVerdict::Approve)) => {
                let class = self.act(slot);
                self.records.insert(key, (*sent, class));
                Answer::Success(class)
            }
            Some(Some(ApprovalVerdict::Reject)) => Answer::Forbidden,
            Some(None) => Answer::Asks,
            None if has_other && !ways.other_inputs_wait => Answer::Refused,
            None => {
                self.waiting.insert((key, sent.input), None);
                Answer::Asks
            }
        }
    }
}

/// The history that the hub leaves when it takes the calls of each group in this order: `order` gives a number for each operation, and the
/// lowest goes first.
pub(super) fn history(sequence: &Sequence, order: &[u16], ways: Ways) -> History {
    let mut hub = Hub::default();
    let slots = sequence.slots();
    let mut number = 0;
    let mut groups: Vec<Group> = Vec::new();
    for (index, operations) in sequence.groups.iter().enumerate() {
        let mut turns: Vec<_> = (0..operations.len())
            .map(|at| (order.get(number + at).copied().unwrap_or_default(), at))
            .collect();
        number += operations.len();
        turns.sort_unstable();
        let mut answers = vec![Answer::Refused; operations.len()];
        for (_, at) in turns {
            answers[at] = hub.answer(&operations[at], ways);
        }
        let event = |(operation, answer): (&Operation, Answer)| Event {
            operation: *operation,
            answer,
            group: index as u8,
            slot: slots.iter().position(|slot| *slot == operation.slot()).unwrap(),
            has_rival: rivals(operations, operation),
            works: true,
        };
        let shown = |slot: &Slot| {
            hub.effects
                .get(slot)
                .copied()
                .unwrap_or_default()
                .saturating_sub(ways.shows_late)
        };
        groups.push(Group {
            events: operations.iter().zip(answers).map(event).collect(),
            looks: slots.iter().map(shown).enumerate().collect(),
        });
    }
    History {
        groups,
        slots: slots.len(),
    }
}

fn rivals(group: &[Operation], operation: &Operation) -> bool {
    let is_foreign = |operation: &Operation| operation.slot().is_foreign;
    let alike = group.iter().filter(|other| {
        operation.key().is_some()
            && other.key() == operation.key()
            && other.slot().tool == operation.slot().tool
            && is_foreign(other) == is_foreign(operation)
    });
    alike.count() > 1
}

/// The models that judges try.
pub(super) fn models() -> [Model; 2] {
    [false, true].map(|keys_by_actor| Model {
        keys_by_actor,
        names_records: [true; 2],
    })
}
