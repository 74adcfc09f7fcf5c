//! The abstract hub: what may have happened in an operation that was answered like this, and which rule each wrong outcome breaks.

use hubproof_model::case::ApprovalVerdict;
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::role::Role;

use super::operation::{Decision, Manner, Operation, Sent, Which};

mod approvals;
pub(super) mod breaches;
mod keys;

pub(super) use self::breaches::{Breach, is_rule};

/// What an operation was answered, as far as the model tells answers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Answer {
    /// Success, with data of this class: equal data are of one class.
    Success(Class),
    /// APPROVAL_REQUIRED.
    Asks,
    /// FORBIDDEN.
    Forbidden,
    /// Any other refusal.
    Refused,
    /// The decision was taken.
    Decided,
}

/// A class of equal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Class {
    /// Its number, below [`MOST_CLASSES`].
    pub(super) number: u8,
    /// Whether the data name the record that was made: then no two executions give the same.
    pub(super) names_record: bool,
}

/// How many classes of data one history may have.
pub(super) const MOST_CLASSES: u8 = 64;

/// A set of classes, by number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Classes(u64);

impl Classes {
    fn of(class: Class) -> Self {
        Self(1 << (class.number % MOST_CLASSES))
    }

    fn has(self, class: Class) -> bool {
        self.0 & Self::of(class).0 != 0
    }

    fn add(&mut self, class: Class) {
        self.0 |= Self::of(class).0;
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// An operation of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) operation: Operation,
    pub(super) answer: Answer,
    /// The group in which it went out.
    pub(super) group: u8,
    /// Where its effect is counted.
    pub(super) slot: usize,
    /// Whether another call of its group is under the same key of the same workspace.
    pub(super) has_rival: bool,
    /// Whether the actor was seen to get on with the tool: a success, or for the gated one that it asks.
    pub(super) works: bool,
}

/// What hubs may do differently, and what is known of the tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Model {
    /// Whether idempotency keys belong to the API key, not to its workspace.
    pub(super) keys_by_actor: bool,
    /// Whether real successes of the plain tool, and of the gated one, name the record that they made.
    pub(super) names_records: [bool; 2],
}

/// The abstract hub at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Effects so far, by slot.
    pub(super) effects: Vec<u8>,
    scopes: Vec<(Scope, Use)>,
    /// The data of real successes.
    told: Classes,
    /// The data of dry runs.
    rehearsed: Classes,
    /// Whether anything was approved.
    is_approved: bool,
    /// The breaches so far, sorted: a hub that breaks a rule breaks it again, which is no further breach.
    pub(super) broken: Vec<Breach>,
}

/// An idempotency key, apart from those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Scope {
    /// The first of those who share it.
    holder: Role,
    key: u8,
}

/// What has become of an idempotency key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Use {
    /// The data of dry runs under it.
    rehearsed: Classes,
    was_rehearsed: bool,
    was_invalid: bool,
    /// Whether a call under it was refused wrongly: what follows from that is no second breach.
    is_spoilt: bool,
    /// The calls that executed under it, the first first.
    records: Vec<Record>,
    /// The gated calls that asked under it.
    entries: Vec<Entry>,
}

/// A call that executed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Record {
    /// Whose key sent it, the approver's where a decision executed it.
    actor: Role,
    tool: Which,
    input: u8,
    /// What it may be answered with again; nothing where it executed and nobody was told.
    data: Classes,
    group: u8,
    /// Whether duplicates came at once with it.
    had_rival: bool,
}

/// A gated call that asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Entry {
    input: u8,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Standing {
    Waits,
    Approved,
    Rejected,
}

/// What may have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happening {
    pub(super) after: State,
    /// What was wrong with it, for the first time.
    pub(super) breach: Option<Breach>,
}

impl State {
    /// A hub that nothing was sent to, with so many places where effects are counted.
    pub(super) fn new(slots: usize) -> Self {
        Self {
            effects: vec![0; slots],
            ..Self::default()
        }
    }

    fn of(&self, scope: Scope) -> Option<&Use> {
        self.scopes.iter().find(|(own, _)| *own == scope).map(|(_, used)| used)
    }

    fn of_mut(&mut self, scope: Scope) -> &mut Use {
        let at = self.scopes.partition_point(|(own, _)| *own < scope);
        if self.scopes.get(at).is_none_or(|(own, _)| *own != scope) {
            self.scopes.insert(at, (scope, Use::default()));
        }
        &mut self.scopes[at].1
    }

    /// The data of executions under the key in other workspaces.
    fn elsewhere(&self, scope: Scope) -> impl Iterator<Item = &Use> {
        let is_other =
            move |own: &Scope| own.key == scope.key && (own.holder == Role::Foreign) != (scope.holder == Role::Foreign);
        self.scopes
            .iter()
            .filter(move |(own, _)| is_other(own))
            .map(|(_, used)| used)
    }
}

impl Use {
    fn record(&self, sent: &Sent) -> Option<&Record> {
        self.records
            .iter()
            .find(|record| (record.tool, record.input) == (sent.tool, sent.input))
    }

    /// Whether another call has executed under the key.
    fn is_of_another(&self, sent: &Sent) -> bool {
        self.records
            .iter()
            .any(|record| (record.tool, record.input) != (sent.tool, sent.input))
    }

    fn entry(&self, input: u8) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.input == input)
    }

    fn is_unused(&self) -> bool {
        self.records.is_empty() && self.entries.is_empty()
    }
}

/// Collects what may have happened in one event.
struct Happenings<'s> {
    before: &'s State,
    event: &'s Event,
    found: Vec<Happening>,
}

impl Happenings<'_> {
    /// So many effects, what `change` makes of the hub, and perhaps a breach.
    fn add(&mut self, effects: u8, breach: Option<Breach>, change: impl FnOnce(&mut State)) {
        let mut after = self.before.clone();
        if let Some(own) = after.effects.get_mut(self.event.slot) {
            *own += effects;
        }
        change(&mut after);
        let breach = breach.filter(|breach| match after.broken.binary_search(breach) {
            Ok(_) => false,
            Err(at) => {
                after.broken.insert(at, *breach);
                true
            }
        });
        self.found.push(Happening { after, breach });
    }

    /// Nothing happened.
    fn nothing(&mut self) {
        self.add(0, None, |_| {});
    }
}

impl Model {
    /// What may have happened in an event: first what a sound hub does, then what breaks a rule.
    pub(super) fn happenings(&self, before: &State, event: &Event) -> Vec<Happening> {
        let mut found = Happenings {
            before,
            event,
            found: Vec::new(),
        };
        match &event.operation {
            Operation::Decide(decision) => self.decide(&mut found, decision),
            Operation::Call(sent) => match (sent.manner, sent.tool) {
                (Manner::Invalid, _) => self.refuse(&mut found, sent),
                (Manner::Dry, _) => self.rehearse(&mut found, sent),
                (Manner::Real | Manner::NotDry, Which::Plain) => self.execute(&mut found, sent),
                (Manner::Real | Manner::NotDry, Which::Gated) => self.ask(&mut found, sent),
            },
        }
        found.found
    }

    fn scope(&self, sent: &Sent) -> Option<Scope> {
        let key = sent.key?;
        let holder = match sent.actor {
            Role::Foreign => Role::Foreign,
            actor if self.keys_by_actor => actor,
            _ => Role::Primary,
        };
        Some(Scope { holder, key })
    }

    /// Whether an execution of its own can have given this data.
    fn is_fresh(&self, before: &State, sent: &Sent, class: Class) -> bool {
        match class.names_record {
            true => !before.told.has(class) && !before.rehearsed.has(class),
            // Where executions name their records, a dry run's answer is no execution's, nor is what names none where the call says
            // that it is no dry run.
            false if sent.manner == Manner::NotDry => !self.names_records(sent),
            false => !(self.names_records(sent) && before.rehearsed.has(class)),
        }
    }

    /// Whether real successes of the tool name the record that they made.
    fn names_records(&self, sent: &Sent) -> bool {
        self.names_records[usize::from(sent.tool == Which::Gated)]
    }

    /// An invalid call is refused, and leaves its key as it was (IDM-07).
    fn refuse(&self, found: &mut Happenings<'_>, sent: &Sent) {
        let scope = self.scope(sent);
        let note = |state: &mut State| {
            if let Some(scope) = scope {
                state.of_mut(scope).was_invalid = true;
            }
        };
        match found.event.answer {
            Answer::Asks if sent.tool == Which::Gated => found.add(0, Some(breaches::INVALID_ASKS), note),
            // That an invalid call is executed is no rule of sequences (EXE-02).
            Answer::Success(_) => {
                found.add(1, None, note);
                found.add(0, None, note);
            }
            _ => {
                found.add(0, None, note);
                found.add(1, Some(breaches::REFUSED_ACTS), note);
            }
        }
    }

    /// A dry run succeeds, acts on nothing (DRY-01), and leaves its key as it was (IDM-08). Under a used key it may be answered in any
    /// way.
    fn rehearse(&self, found: &mut Happenings<'_>, sent: &Sent) {
        let (event, scope) = (found.event, self.scope(sent));
        let used = scope.and_then(|scope| found.before.of(scope));
        let is_open = event.has_rival || used.is_some_and(|used| !used.is_unused() || used.is_spoilt);
        let was_invalid = used.is_some_and(|used| used.was_invalid);
        let is_gated = sent.tool == Which::Gated;
        let note = |state: &mut State| {
            if let Answer::Success(class) = event.answer {
                state.rehearsed.add(class);
            }
            if let Some(scope) = scope {
                let used = state.of_mut(scope);
                used.was_rehearsed = true;
                if let Answer::Success(class) = event.answer {
                    used.rehearsed.add(class);
                }
            }
        };
        match event.answer {
            Answer::Success(_) => found.add(0, None, note),
            Answer::Asks if is_gated => found.add(0, None, note),
            _ if is_open || !event.works => found.add(0, None, note),
            _ if was_invalid => found.add(0, Some(breaches::KEY_SPENT_BY_INVALID), note),
            _ if is_gated => found.add(0, Some(breaches::GATED_DRY_RUN_REFUSED), note),
            _ => found.add(0, Some(breaches::DRY_RUN_REFUSED), note),
        }
        let acts = match is_gated {
            true => breaches::GATED_DRY_RUN_ACTS,
            false => breaches::DRY_RUN_ACTS,
        };
        found.add(1, Some(acts), note);
    }
}

/// A requirement's id.
const fn id(area: Area, number: u8) -> RequirementId {
    RequirementId::new(area, number)
}

/// What a verdict makes of an entry.
fn standing(verdict: ApprovalVerdict) -> Standing {
    match verdict {
        ApprovalVerdict::Approve => Standing::Approved,
        ApprovalVerdict::Reject => Standing::Rejected,
    }
}

impl Model {
    /// A decision changes how its call stands. A hub may execute an approved call at once, and tell of it at the replay.
    fn decide(&self, found: &mut Happenings<'_>, decision: &Decision) {
        let scope = Scope {
            holder: Role::Primary,
            key: decision.key,
        };
        let group = found.event.group;
        let decided = |state: &mut State| {
            let standing = standing(decision.verdict);
            state.is_approved |= standing == Standing::Approved;
            let used = state.of_mut(scope);
            match used.entries.iter_mut().find(|entry| entry.input == decision.input) {
                Some(entry) => entry.standing = standing,
                None => used.entries.push(Entry {
                    input: decision.input,
                    standing,
                }),
            }
        };
        found.add(0, None, decided);
        let acted = |state: &mut State| {
            decided(state);
            state.of_mut(scope).records.push(Record {
                actor: Role::Approver,
                tool: Which::Gated,
                input: decision.input,
                data: Classes::default(),
                group,
                had_rival: false,
            });
        };
        let breach = (decision.verdict == ApprovalVerdict::Reject).then_some(breaches::REJECTION_ACTS);
        found.add(1, breach, acted);
    }
}
