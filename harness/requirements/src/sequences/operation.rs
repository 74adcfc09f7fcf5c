//! The operations of a sequence, and what they are called in reports.

use std::fmt;

use hubproof_model::case::ApprovalVerdict;
use hubproof_model::role::Role;
use serde::{Deserialize, Serialize};

/// Operations of several actors, in groups: the calls of a group go out at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sequence {
    /// The tool that needs no approval.
    pub(crate) plain: String,
    /// The tool that needs one.
    pub(crate) gated: Option<String>,
    pub(crate) groups: Vec<Vec<Operation>>,
}

/// What one actor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// Executes a tool.
    Call(Sent),
    /// An approver decides on the call of this key and input.
    Decide(Decision),
}

/// An execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Whose key sends it: primary, secondary or foreign.
    pub(crate) actor: Role,
    pub(crate) tool: Which,
    /// The number of the input, from 0: each has a marker of its own.
    pub(crate) input: u8,
    /// The number of the idempotency key, from 0.
    pub(crate) key: Option<u8>,
    pub(crate) manner: Manner,
}

/// A decision on a gated call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Decision {
    pub(crate) verdict: ApprovalVerdict,
    pub(crate) key: u8,
    pub(crate) input: u8,
}

/// Which of a sequence's tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    Plain,
    Gated,
}

/// How a call is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Manner {
    /// To execute, with no word of dry runs.
    Real,
    /// To execute, with `dry_run: false`.
    NotDry,
    /// As a dry run.
    Dry,
    /// To be refused: its input breaks the tool's schema.
    Invalid,
}

impl Manner {
    /// Whether a sound hub executes it.
    pub(crate) fn executes(self) -> bool {
        matches!(self, Manner::Real | Manner::NotDry)
    }
}

/// Where effects are counted: those of one input, in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    pub(crate) tool: Which,
    pub(crate) input: u8,
    pub(crate) is_foreign: bool,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = if self.tool == Which::Gated { "gated " } else { "" };
        let place = if self.is_foreign { " of the other workspace" } else { "" };
        write!(f, "{tool}input {}{place}", self.input + 1)
    }
}

impl Operation {
    /// Where its effect shows.
    pub(crate) fn slot(&self) -> Slot {
        let (tool, input, actor) = match self {
            Operation::Call(sent) => (sent.tool, sent.input, sent.actor),
            Operation::Decide(decision) => (Which::Gated, decision.input, Role::Approver),
        };
        Slot {
            tool,
            input,
            is_foreign: actor == Role::Foreign,
        }
    }

    /// The idempotency key that it is about.
    pub(crate) fn key(&self) -> Option<u8> {
        match self {
            Operation::Call(sent) => sent.key,
            Operation::Decide(decision) => Some(decision.key),
        }
    }

    /// The call, if it is one.
    pub(crate) fn sent(&self) -> Option<&Sent> {
        match self {
            Operation::Call(sent) => Some(sent),
            Operation::Decide(_) => None,
        }
    }
}

/// An idempotency key as reports call it.
pub(crate) fn letter(key: u8) -> char {
    char::from(b'A' + key % 26)
}

impl Sequence {
    /// Whether a gated call under this key is decided.
    pub(super) fn decides(&self, key: u8) -> bool {
        let mut operations = self.groups.iter().flatten();
        operations.any(|own| matches!(own, Operation::Decide(decision) if decision.key == key))
    }

    /// How many operations it has.
    pub fn operations(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// Whether any of its operations go out at once: what they show may depend on chance.
    pub fn races(&self) -> bool {
        self.groups.iter().any(|group| group.len() > 1)
    }

    /// Its operations with their numbers, from 1, and the index of their group.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, usize, &Operation)> {
        let grouped = self.groups.iter().enumerate();
        let operations = grouped.flat_map(|(group, operations)| operations.iter().map(move |own| (group, own)));
        operations.enumerate().map(|(at, (group, own))| (at + 1, group, own))
    }

    /// The places at which its effects show, sorted.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<_> = self.groups.iter().flatten().map(Operation::slot).collect();
        slots.sort();
        slots.dedup();
        slots
    }

    /// The key of one of its tools.
    pub(crate) fn tool(&self, which: Which) -> Option<&str> {
        match which {
            Which::Plain => Some(&self.plain),
            Which::Gated => self.gated.as_deref(),
        }
    }

    /// The number of the call that a decision is about: the latest before it of this key and input that asks.
    pub(crate) fn asked(&self, decision: &Decision, before: usize) -> Option<usize> {
        let asks = |sent: &Sent| {
            sent.tool == Which::Gated
                && sent.manner.executes()
                && (sent.key, sent.input) == (Some(decision.key), decision.input)
        };
        let earlier = self.numbered().filter(|(number, ..)| *number < before);
        let asking = earlier.filter(|(_, _, operation)| operation.sent().is_some_and(asks));
        asking.map(|(number, ..)| number).last()
    }

    /// Whether each decision has a call to decide on, is the only one on it, and stands alone in its group.
    pub(crate) fn is_whole(&self) -> bool {
        let mut decided = Vec::new();
        self.numbered().all(|(number, group, operation)| match operation {
            Operation::Call(_) => true,
            Operation::Decide(decision) => {
                let is_first = !decided.contains(&decision.key);
                decided.push(decision.key);
                is_first && self.groups[group].len() == 1 && self.asked(decision, number).is_some()
            }
        })
    }

    /// An operation in words.
    pub(crate) fn line(&self, operation: &Operation) -> String {
        match operation {
            Operation::Decide(decision) => {
                let verb = match decision.verdict {
                    ApprovalVerdict::Approve => "approves",
                    ApprovalVerdict::Reject => "rejects",
                };
                let key = letter(decision.key);
                format!("approver {verb} the call with key {key}, input {}", decision.input + 1)
            }
            Operation::Call(sent) => {
                let tool = self.tool(sent.tool).unwrap_or("a gated tool");
                let verb = match sent.manner {
                    Manner::Real | Manner::NotDry => "executes",
                    Manner::Dry => "dry-runs",
                    Manner::Invalid => "executes",
                };
                let key = match sent.key {
                    Some(key) => format!("with key {}", letter(key)),
                    None => "without a key".to_owned(),
                };
                let note = match sent.manner {
                    Manner::NotDry => " and dry_run false",
                    Manner::Invalid => ", made invalid",
                    Manner::Real | Manner::Dry => "",
                };
                format!("{} {verb} {tool} {key}, input {}{note}", sent.actor, sent.input + 1)
            }
        }
    }
}
