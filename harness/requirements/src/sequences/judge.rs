//! Judges a sequence: reads its history from the exchanges, and gives a finding for each requirement that it exercises.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::case::{ApprovalVerdict, Done};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::role::Role;
use serde_json::Value;

use super::history::{Group, History, Shown, Unexplained};
use super::model::{Answer, Breach, Class, Event, MOST_CLASSES, Model, breaches};
use super::operation::{Manner, Operation, Sent, Sequence, Slot, Which};
use super::script::{Facts, counted_keys, entries_label, label, look_label, looks, most_entries};
use crate::evidence::Evidence;
use crate::judging::{in_flight_together, is_throttled, observed, without_success};
use crate::observing::count;

/// What a sequence shows of each requirement that it exercises. Nothing where the case is no sequence's.
pub fn judge(evidence: &Evidence<'_>) -> Vec<(RequirementId, Finding)> {
    let Some(facts) = evidence.case.and_then(Facts::of) else {
        return Vec::new();
    };
    let exercised = exercised(&facts.sequence);
    let reading = Reading {
        evidence,
        facts: &facts,
    };
    match reading.findings() {
        Err(finding) => exercised.into_iter().map(|id| (id, finding.clone())).collect(),
        Ok(mut found) => {
            let unsaid = |id: &RequirementId| !found.iter().any(|(own, _)| own == id);
            let held: Vec<_> = exercised
                .into_iter()
                .filter(|id| unsaid(id) && reading.shows(*id))
                .map(|id| (id, Finding::Held))
                .collect();
            found.extend(held);
            found
        }
    }
}

/// The operations of a sequence's case in order, a line each, with what each was answered. Nothing where the case is no sequence's.
pub fn told(evidence: &Evidence<'_>) -> Vec<String> {
    let Some(facts) = evidence.case.and_then(Facts::of) else {
        return Vec::new();
    };
    let sequence = &facts.sequence;
    let line = |(number, group, operation): (usize, usize, &Operation)| {
        let at_once = match sequence.groups[group].len() {
            1 => String::new(),
            many => format!(" (one of {many} at once)"),
        };
        let own = label(number);
        let exchange = evidence.exchanges.iter().find(|exchange| exchange.call.label == own);
        let answer = match (operation, exchange) {
            (Operation::Call(_), Some(exchange)) => format!(" → {}", Outcome::of(exchange)),
            (Operation::Call(_), None) => " → not sent".to_owned(),
            (Operation::Decide(_), _) => String::new(),
        };
        format!("{number}. {}{at_once}{answer}", sequence.line(operation))
    };
    sequence.numbered().map(line).collect()
}

/// The requirements that a sequence exercises on a hub on which its calls work.
pub(super) fn exercised(sequence: &Sequence) -> BTreeSet<RequirementId> {
    let mut exercised = BTreeSet::new();
    let mut add = |area, number| exercised.extend([RequirementId::new(area, number)]);
    let all: Vec<_> = sequence.numbered().collect();
    for (number, group, operation) in &all {
        let Operation::Call(sent) = operation else { continue };
        let earlier = all.iter().filter(|(own, ..)| own < number);
        let calls: Vec<(usize, &Sent)> = earlier
            .clone()
            .filter_map(|(_, group, own)| Some((*group, own.sent()?)))
            .collect();
        let mut decided = earlier.filter_map(|(_, _, own)| match own {
            Operation::Decide(decision) if Some(decision.key) == sent.key => Some(*decision),
            _ => None,
        });
        let decided = decided.next_back();
        let is_under = |own: &Sent| sent.key.is_some() && own.key == sent.key && own.tool == sent.tool;
        let is_executed = |own: &Sent| own.manner.executes();
        let executes = sent.manner.executes();
        match (sent.tool, sent.manner) {
            (Which::Plain, Manner::Dry) => add(Area::Dry, 1),
            (Which::Plain, Manner::NotDry) => add(Area::Dry, 3),
            (Which::Gated, Manner::Dry) => add(Area::Dry, 5),
            (Which::Gated, Manner::Invalid) => add(Area::Apr, 8),
            _ => {}
        }
        for (then, own) in calls.iter().filter(|(_, own)| executes && is_under(own)) {
            let is_same = own.actor == sent.actor && own.input == sent.input;
            match own.manner {
                Manner::Invalid if own.actor == sent.actor => add(Area::Idm, 7),
                Manner::Dry if own.actor == sent.actor => add(Area::Idm, 8),
                Manner::Invalid | Manner::Dry => {}
                _ if sent.tool == Which::Gated => {}
                _ if is_same && then < group => add(Area::Idm, 1),
                _ if is_same => add(Area::Idm, 2),
                _ if own.actor == sent.actor => add(Area::Idm, 3),
                _ if (own.actor == Role::Foreign) != (sent.actor == Role::Foreign) => add(Area::Idm, 5),
                _ => {}
            }
        }
        if sent.tool == Which::Plain && executes {
            let is_equal = |own: &Sent| (own.tool, own.actor, own.input) == (sent.tool, sent.actor, sent.input);
            let mut own = calls.iter().map(|(_, own)| own);
            if own.any(|own| is_executed(own) && is_equal(own) && (own.key.is_none() || own.key != sent.key)) {
                add(Area::Idm, 4);
            }
        }
        if sent.tool == Which::Gated && executes {
            let is_again = |own: &Sent| is_executed(own) && is_under(own) && own.input == sent.input;
            let is_replay = calls.iter().any(|(_, own)| is_again(own));
            match (sent.key, decided) {
                (None, _) => add(Area::Apr, 7),
                (Some(_), None) if is_replay => add(Area::Apr, 4),
                (Some(_), None) => {
                    add(Area::Apr, 1);
                    add(Area::Apr, 2);
                }
                (Some(_), Some(decision)) => match (decision.verdict, decision.input == sent.input) {
                    (ApprovalVerdict::Approve, true) => add(Area::Apr, 3),
                    (ApprovalVerdict::Approve, false) => add(Area::Apr, 6),
                    (ApprovalVerdict::Reject, true) => add(Area::Apr, 5),
                    (ApprovalVerdict::Reject, false) => {}
                },
            }
        }
    }
    exercised
}

/// The evidence of a sequence's case.
struct Reading<'e> {
    evidence: &'e Evidence<'e>,
    facts: &'e Facts,
}

impl<'e> Reading<'e> {
    fn sequence(&self) -> &'e Sequence {
        &self.facts.sequence
    }

    /// The violations that it shows.
    ///
    /// # Errors
    /// What keeps it from showing anything.
    fn findings(&self) -> Result<Vec<(RequirementId, Finding)>, Finding> {
        let answers = self.answers()?;
        let history = self.history(&answers)?;
        self.effects_show(&answers, &history)?;
        let models = [false, true].map(|keys_by_actor| Model {
            keys_by_actor,
            names_records: self.names_records(&answers),
        });
        let shown = history.explained(&models).map_err(|why| {
            Finding::Inconclusive(match why {
                Unexplained::NoOrder => "no order of the operations explains what was answered and seen".to_owned(),
                Unexplained::TooMany => "too many orders of the operations would have to be tried".to_owned(),
            })
        })?;
        let mut found: BTreeMap<RequirementId, Finding> = BTreeMap::new();
        for (breach, at) in shown {
            // A gated call that executes unasked has no approval either (APR-01, APR-07).
            let beside = (breach == breaches::UNASKED).then_some(breaches::UNAPPROVED);
            for breach in std::iter::once(breach).chain(beside) {
                found
                    .entry(breach.id)
                    .or_insert_with(|| Finding::Violated(self.violation(&(breach, at))));
            }
        }
        for (breach, violation) in self.entries(&answers)? {
            found.entry(breach.id).or_insert(Finding::Violated(violation));
        }
        Ok(found.into_iter().collect())
    }

    /// The exchange of an operation that is a call.
    fn exchange(&self, number: usize) -> Result<&'e Exchange, Finding> {
        self.evidence.answered(&label(number))
    }

    /// What each operation was answered, by its number.
    fn answers(&self) -> Result<BTreeMap<usize, Answer>, Finding> {
        let mut classes: Vec<&Value> = Vec::new();
        let mut answers = BTreeMap::new();
        for (number, _, operation) in self.sequence().numbered() {
            let Operation::Call(sent) = operation else {
                self.evidence.done(&label(number))?;
                answers.insert(number, Answer::Decided);
                continue;
            };
            let exchange = self.exchange(number)?;
            let status = exchange.response().map_or(0, |response| response.status);
            let answer = match Outcome::of(exchange) {
                _ if is_throttled(exchange) => {
                    return Err(Finding::Inconclusive(format!("operation {number} was throttled")));
                }
                Outcome::Success => {
                    let data = exchange
                        .json()
                        .and_then(|body| body.get("data"))
                        .unwrap_or(&Value::Null);
                    let at = classes.iter().position(|known| *known == data).unwrap_or(classes.len());
                    if at == classes.len() {
                        classes.push(data);
                    }
                    Answer::Success(Class {
                        number: at as u8,
                        names_record: self.names_record(sent.tool, data),
                    })
                }
                Outcome::Error(ErrorCode::UpstreamError) => return Err(without_success(exchange)),
                Outcome::Error(ErrorCode::ApprovalRequired) if sent.tool == Which::Plain => {
                    return Err(without_success(exchange));
                }
                Outcome::Error(ErrorCode::ApprovalRequired) => Answer::Asks,
                Outcome::Error(ErrorCode::Forbidden) => Answer::Forbidden,
                Outcome::Error(_) | Outcome::Bare(_) if (400..500).contains(&status) => Answer::Refused,
                _ => {
                    let why = format!("operation {number} failed: {}", observed(exchange));
                    return Err(Finding::Inconclusive(why));
                }
            };
            answers.insert(number, answer);
        }
        match classes.len() <= usize::from(MOST_CLASSES) {
            true => Ok(answers),
            false => Err(Finding::Inconclusive("too many different answers".to_owned())),
        }
    }

    fn names_record(&self, tool: Which, data: &Value) -> bool {
        let mut names_at = self.facts.names_at.iter().filter(|(own, _)| *own == tool);
        names_at.any(|(_, at)| data.pointer(at).is_some_and(|id| !id.is_null()))
    }

    /// Whether real successes of each tool name the record that they made.
    fn names_records(&self, answers: &BTreeMap<usize, Answer>) -> [bool; 2] {
        [Which::Plain, Which::Gated].map(|tool| {
            let is_real = |operation: &Operation| {
                let sent = operation.sent();
                sent.is_some_and(|sent| sent.tool == tool && sent.manner == Manner::Real)
            };
            let numbered = self.sequence().numbered();
            let real = numbered.filter(|(_, _, operation)| is_real(operation));
            let mut named = real.filter_map(|(number, ..)| match answers.get(&number) {
                Some(Answer::Success(class)) => Some(class.names_record),
                _ => None,
            });
            named.any(|names| names)
        })
    }

    fn history(&self, answers: &BTreeMap<usize, Answer>) -> Result<History, Finding> {
        let sequence = self.sequence();
        let slots = sequence.slots();
        let slot_of = |slot: Slot| slots.iter().position(|own| *own == slot).unwrap_or_default();
        let mut number = 0;
        let mut groups = Vec::new();
        for (index, operations) in sequence.groups.iter().enumerate() {
            let mut group = Group::default();
            for operation in operations {
                number += 1;
                let Some(answer) = answers.get(&number) else { continue };
                group.events.push(Event {
                    operation: *operation,
                    answer: *answer,
                    group: index as u8,
                    slot: slot_of(operation.slot()),
                    has_rival: has_rival(operations, operation),
                    works: self.works(answers, operation),
                });
            }
            for slot in looks(sequence, index) {
                if let Some(seen) = self.look(index, slot)? {
                    group.looks.push((slot_of(slot), seen));
                }
            }
            groups.push(group);
        }
        Ok(History {
            groups,
            slots: slots.len(),
        })
    }

    /// The effects that a look shows; `None` where it cannot be had, of another workspace's.
    fn look(&self, group: usize, slot: Slot) -> Result<Option<u64>, Finding> {
        let own = look_label(self.sequence(), group, slot);
        let reads: Vec<_> = self.reads(&own).collect();
        let marker = self.facts.marker(slot).unwrap_or_default();
        match count(&reads, marker) {
            Ok(seen) => Ok(Some(seen)),
            Err(_) if slot.is_foreign => Ok(None),
            Err(why) => Err(Finding::Inconclusive(why)),
        }
    }

    fn reads(&self, label: &str) -> impl Iterator<Item = &'e Exchange> {
        let exchanges = self.evidence.exchanges.iter();
        exchanges.filter(move |exchange| exchange.call.label == label).copied()
    }

    /// Whether the actor was seen to get on with the tool.
    fn works(&self, answers: &BTreeMap<usize, Answer>, operation: &Operation) -> bool {
        let Some(own) = operation.sent() else { return true };
        let is_alike = |sent: &Sent| (sent.actor, sent.tool) == (own.actor, own.tool) && sent.manner == Manner::Real;
        let mut numbered = self.sequence().numbered();
        numbered.any(|(number, _, operation)| {
            let is_alike = operation.sent().is_some_and(is_alike);
            let answer = answers.get(&number);
            is_alike
                && match own.tool {
                    Which::Plain => matches!(answer, Some(Answer::Success(_))),
                    Which::Gated => matches!(answer, Some(Answer::Success(_) | Answer::Asks)),
                }
        })
    }

    /// Whether effects of the plain tool showed at all, where it succeeded.
    fn effects_show(&self, answers: &BTreeMap<usize, Answer>, history: &History) -> Result<(), Finding> {
        let slots = self.sequence().slots();
        let is_plain = |slot: &usize| slots.get(*slot).is_some_and(|slot| slot.tool == Which::Plain);
        let mut looks = history.groups.iter().flat_map(|group| &group.looks);
        let is_seen = looks.any(|(slot, seen)| is_plain(slot) && *seen > 0);
        let mut numbered = self.sequence().numbered();
        let has_succeeded = numbered.any(|(number, _, operation)| {
            let executes = |sent: &Sent| sent.tool == Which::Plain && sent.manner == Manner::Real;
            operation.sent().is_some_and(executes) && matches!(answers.get(&number), Some(Answer::Success(_)))
        });
        match has_succeeded && !is_seen {
            false => Ok(()),
            true => {
                let tool = &self.sequence().plain;
                let why = format!(
                    "the effect of {tool} did not show where it was looked for: say in [effects.\"{tool}\"] how it shows, or in \
                     [target] settle how long it takes"
                );
                Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
            }
        }
    }

    /// Whether the sequence shows something of a requirement that it does not break: what it says of effects stands beside one that was
    /// seen.
    fn shows(&self, id: RequirementId) -> bool {
        let is_seen = |is_it: &dyn Fn(&Slot) -> bool| {
            let slots = self.sequence().slots().into_iter().filter(|slot| is_it(slot));
            let last = self.sequence().groups.len().saturating_sub(1);
            slots
                .into_iter()
                .any(|slot| matches!(self.look(last, slot), Ok(Some(seen)) if seen > 0))
        };
        match id {
            RequirementId {
                area: Area::Apr,
                number: 3,
            } => is_seen(&|slot| slot.tool == Which::Gated) && self.raced(|group, sent| self.is_approved(group, sent)),
            RequirementId {
                area: Area::Idm,
                number: 2,
            } => is_seen(&|slot| slot.tool == Which::Plain) && self.raced(|_, sent| sent.tool == Which::Plain),
            RequirementId { area: Area::Apr, .. }
            | RequirementId {
                area: Area::Dry,
                number: 5,
            } => is_seen(&|slot| slot.tool == Which::Gated),
            RequirementId {
                area: Area::Idm,
                number: 5,
            } => is_seen(&|slot| slot.is_foreign),
            _ => is_seen(&|slot| slot.tool == Which::Plain && !slot.is_foreign),
        }
    }

    /// Whether two duplicates of a group that are so were in flight together: what is promised of concurrent calls, no others show.
    fn raced(&self, is_so: impl Fn(usize, &Sent) -> bool) -> bool {
        let sent = |(number, group, operation): (usize, usize, &Operation)| {
            let sent = operation.sent().copied()?;
            let is_one = sent.key.is_some() && sent.manner.executes() && is_so(group, &sent);
            is_one.then_some((number, (group, sent.actor, sent.tool, sent.input, sent.key)))
        };
        let mut duplicates: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (number, alike) in self.sequence().numbered().filter_map(sent) {
            duplicates.entry(alike).or_default().extend(self.exchange(number).ok());
        }
        duplicates.values().any(|calls| in_flight_together(calls).is_ok())
    }

    /// Whether the call was approved before its group.
    fn is_approved(&self, group: usize, sent: &Sent) -> bool {
        let earlier = self.sequence().groups.iter().take(group).flatten();
        let approves = |operation: &Operation| {
            matches!(operation, Operation::Decide(decision) if decision.verdict == ApprovalVerdict::Approve
                && (Some(decision.key), decision.input) == (sent.key, sent.input))
        };
        sent.tool == Which::Gated && earlier.into_iter().any(approves)
    }

    fn violation(&self, (breach, (group, at)): &Shown) -> Violation {
        let sequence = self.sequence();
        let before: usize = sequence.groups.iter().take(*group).map(Vec::len).sum();
        let number = before + at + 1;
        let operation = &sequence.groups[*group][*at];
        let answer = match self.exchange(number) {
            Ok(exchange) => format!(" → {}", observed(exchange)),
            Err(_) => String::new(),
        };
        let seen = match self.look(*group, operation.slot()) {
            Ok(Some(1)) => format!("; after it, 1 effect of {}", operation.slot()),
            Ok(Some(seen)) => format!("; after it, {seen} effects of {}", operation.slot()),
            Ok(None) | Err(_) => String::new(),
        };
        Violation {
            tool: sequence.tool(operation.slot().tool).map(str::to_owned),
            summary: breach.summary.to_owned(),
            expected: breach.expected.to_owned(),
            observed: format!("operation {number}, {}{answer}{seen}", sequence.line(operation)),
            exchanges: self.exchanges_until(*group),
            assertion: None,
        }
    }

    /// The numbers of the exchanges up to the looks after a group.
    fn exchanges_until(&self, group: usize) -> Vec<u64> {
        let sequence = self.sequence();
        let mut labels = BTreeSet::new();
        let numbered = sequence.numbered().filter(|(_, own, _)| *own <= group);
        labels.extend(numbered.map(|(number, ..)| label(number)));
        for own in 0..=group {
            labels.extend(
                looks(sequence, own)
                    .into_iter()
                    .map(|slot| look_label(sequence, own, slot)),
            );
        }
        let exchanges = self.evidence.exchanges.iter();
        let shown = exchanges.filter(|exchange| labels.contains(&exchange.call.label));
        shown.map(|exchange| exchange.number).collect()
    }

    /// What the entries in Approvals break.
    fn entries(&self, answers: &BTreeMap<usize, Answer>) -> Result<Vec<(Breach, Violation)>, Finding> {
        let sequence = self.sequence();
        let mut found = Vec::new();
        for (key, of) in counted_keys(sequence) {
            let Ok(Done::Entries(entries)) = self.evidence.done(&entries_label(key)) else {
                continue;
            };
            let alike = |manner: Manner| {
                let own = sequence.numbered().find(|(number, ..)| *number == of);
                let input = own.map(|(_, _, operation)| operation.slot().input);
                let mut sent = sequence.groups.iter().flatten().filter_map(Operation::sent);
                sent.any(|sent| {
                    sent.tool == Which::Gated
                        && sent.manner == manner
                        && (sent.key == Some(key) || Some(sent.input) == input)
                })
            };
            let has_asked = sequence.numbered().any(|(number, _, operation)| {
                let is_own = |sent: &Sent| sent.tool == Which::Gated && sent.key == Some(key) && sent.manner.executes();
                operation.sent().is_some_and(is_own) && answers.get(&number) == Some(&Answer::Asks)
            });
            let is_decided = sequence.decides(key);
            // What was refused waits for nobody.
            let may_wait = |number: usize| answers.get(&number) != Some(&Answer::Refused);
            let most = most_entries(sequence, of, may_wait);
            let breach = match (alike(Manner::Dry), alike(Manner::Invalid)) {
                // A list may leave decided entries out.
                _ if *entries == 0 && has_asked && !is_decided => breaches::NO_ENTRY,
                _ if *entries <= most => continue,
                (false, false) => breaches::SECOND_ENTRY,
                (true, false) if most == 0 => breaches::DRY_RUN_ENTRY,
                (false, true) if most == 0 => breaches::INVALID_ENTRY,
                // Which of the calls made it cannot be told.
                _ => continue,
            };
            let violation = Violation {
                tool: sequence.gated.clone(),
                summary: breach.summary.to_owned(),
                expected: breach.expected.to_owned(),
                observed: format!("{entries} entries for the calls like operation {of}, where at most {most} may be"),
                exchanges: self.exchanges_until(sequence.groups.len().saturating_sub(1)),
                assertion: None,
            };
            found.push((breach, violation));
        }
        Ok(found)
    }
}

/// Whether another call of the group is under the same key of the same workspace: each may find the other in flight.
fn has_rival(group: &[Operation], operation: &Operation) -> bool {
    let is_alike = |other: &&Operation| match (other.sent(), operation.sent()) {
        (Some(other), Some(own)) => {
            own.key.is_some()
                && (other.tool, other.key) == (own.tool, own.key)
                && (other.actor == Role::Foreign) == (own.actor == Role::Foreign)
        }
        _ => false,
    };
    group.iter().filter(is_alike).count() > 1
}
