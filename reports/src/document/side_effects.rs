//! What the run did to the target, and what it could not take back.

use hubproof_model::role::Role;
use hubproof_model::side_effects;
use serde::{Deserialize, Serialize};

/// What the run did to the target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideEffects {
    /// The records that it made, in the order in which they were made or found.
    pub created: Vec<Created>,
    /// The entries in Approvals that its calls got, and that waited for a decision at its end.
    pub waiting: Vec<Waiting>,
    /// Executes that changed what was there before: nothing takes them back.
    pub changed: Vec<Changed>,
    /// Calls of which neither an answer nor a read at the end told what they did.
    pub unknown: Vec<Unknown>,
}

/// A record that the run made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Created {
    /// The tool that made it.
    pub tool: String,
    /// Its id, if anything told it.
    pub id: Option<String>,
    /// The connection behind which it is, if anything told it.
    pub connection: Option<String>,
    /// The role of the key that made it.
    pub role: Role,
    /// The case that made it; none where only a read at the end showed it.
    pub case: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// Why it is left, where it is.
    pub reason: Option<String>,
}

/// An entry in Approvals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// What became of it: removed where it was rejected.
    pub fate: Fate,
    /// Why it waits still, where it does.
    pub reason: Option<String>,
}

/// Executes of a tool that changed what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The tool.
    pub tool: String,
    /// How many.
    pub executes: u64,
}

/// Calls of which nothing told what they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// The tool.
    pub tool: String,
    /// The connection that was called, if anything told it.
    pub connection: Option<String>,
    /// The role of the key that called it.
    pub role: Role,
    /// How many.
    pub calls: u64,
    /// Why nothing told.
    pub reason: String,
}

/// What became of something that the run made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was taken back.
    Removed,
    /// It is still there.
    Left,
}

impl SideEffects {
    /// The records that are left, each with why.
    pub fn left(&self) -> impl Iterator<Item = (&Created, &str)> {
        let left = self.created.iter().filter(|record| record.fate == Fate::Left);
        left.map(|record| (record, record.reason.as_deref().unwrap_or_default()))
    }
}

impl From<&side_effects::SideEffects> for SideEffects {
    fn from(effects: &side_effects::SideEffects) -> Self {
        let created = effects.created.iter().map(|record| {
            let (fate, reason) = fate(&record.fate);
            Created {
                tool: record.tool.clone(),
                id: record.id.clone(),
                connection: record.connection.clone(),
                role: record.role,
                case: record.case.clone(),
                fate,
                reason,
            }
        });
        let waiting = effects.waiting.iter().map(|entry| {
            let (fate, reason) = fate(&entry.fate);
            Waiting {
                id: entry.id.clone(),
                fate,
                reason,
            }
        });
        let changed = effects.changed.iter().map(|(tool, executes)| Changed {
            tool: tool.clone(),
            executes: *executes,
        });
        let unknown = effects.unknown.iter().map(|unknown| Unknown {
            tool: unknown.tool.clone(),
            connection: unknown.connection.clone(),
            role: unknown.role,
            calls: unknown.calls,
            reason: unknown.why.clone(),
        });
        Self {
            created: created.collect(),
            waiting: waiting.collect(),
            changed: changed.collect(),
            unknown: unknown.collect(),
        }
    }
}

fn fate(fate: &side_effects::Fate) -> (Fate, Option<String>) {
    match fate {
        side_effects::Fate::Removed => (Fate::Removed, None),
        side_effects::Fate::Left(why) => (Fate::Left, Some(why.clone())),
    }
}
