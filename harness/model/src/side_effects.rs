//! What a run did to its target, and what it could not take back.

use crate::role::Role;

/// The side effects of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SideEffects {
    /// The records that the run made, in the order in which they were made or found.
    pub created: Vec<CreatedRecord>,
    /// The entries in Approvals that waited for a decision at the end of the run.
    pub waiting: Vec<WaitingEntry>,
    /// How many executes changed what was there before, by tool key: nothing takes them back.
    pub changed: Vec<(String, u64)>,
    /// What may have been made or changed beside: the hub could not be asked, or gave no answer.
    pub unknown: Vec<UnknownEffects>,
}

/// Calls of a tool of which neither an answer nor a read told what they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEffects {
    /// The tool.
    pub tool: String,
    /// The connection that was called, where it is known.
    pub connection: Option<String>,
    /// Whose key called it.
    pub role: Role,
    /// How many calls.
    pub calls: u64,
    /// Why nothing told, in words.
    pub why: String,
}

/// A record that a run made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedRecord {
    /// The tool that made it.
    pub tool: String,
    /// Its id; `None` where no answer and no read told it.
    pub id: Option<String>,
    /// The connection behind which it is, where it is known.
    pub connection: Option<String>,
    /// Whose key made it.
    pub role: Role,
    /// The case that made it; `None` where only a read at the end showed it.
    pub case: Option<String>,
    /// What became of it.
    pub fate: Fate,
}

/// An entry in Approvals that a call of the run got, and that nobody had decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEntry {
    /// Its id.
    pub id: String,
    /// What became of it: `Removed` where it was rejected.
    pub fate: Fate,
}

/// What became of something that a run made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was removed, or an entry rejected.
    Removed,
    /// It is still there; why, in words.
    Left(String),
}

impl SideEffects {
    /// The records that are still there.
    pub fn left(&self) -> impl Iterator<Item = (&CreatedRecord, &str)> {
        self.created.iter().filter_map(|record| match &record.fate {
            Fate::Left(why) => Some((record, why.as_str())),
            Fate::Removed => None,
        })
    }
}
