//! What became of the known failures.

use hubproof_model::baseline::{self, JudgedBaseline, JudgedEntry, KnownFailure, Stale, ToolGlob};
use hubproof_model::requirement::RequirementId;
use serde::{Deserialize, Serialize};

use super::time::Day;
use crate::known;

/// The baseline after the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The file, as given.
    pub path: String,
    /// The day on which it was looked at.
    pub day: Day,
    /// Its entries, in the file's order.
    pub entries: Vec<Entry>,
}

/// An entry after the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The requirement.
    pub requirement: RequirementId,
    /// The rest of the entry.
    pub known: Known,
    /// How many violations it matches, whether it excuses them or not.
    pub matched: u64,
    /// How it stands.
    pub standing: Standing,
    /// Whether it must be deleted or mended.
    pub stale: bool,
    /// The same in words, and what to do about it.
    pub message: String,
}

/// An excuse: an entry of a baseline but for its requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The glob of the tools that it is about; none for every violation of the requirement.
    pub tool: Option<String>,
    /// Why the failure is lived with.
    pub reason: String,
    /// Who sees to it.
    pub owner: String,
    /// The last day on which it is excused.
    pub expires: Day,
}

/// How an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It excuses violations.
    Matched,
    /// Its last day is over.
    Expired,
    /// The requirement holds.
    Holds,
    /// The requirement is violated, but by nothing that it matches.
    NoViolation,
    /// Its glob matches no tool that the hub lists and the profile admits.
    NoTool,
    /// The run says nothing of it.
    Silent,
}

impl Standing {
    /// Whether the entry must be deleted or mended.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        match self {
            Standing::Matched | Standing::Silent => false,
            Standing::Expired | Standing::Holds | Standing::NoViolation | Standing::NoTool => true,
        }
    }
}

impl Baseline {
    /// The entries that must be deleted or mended.
    pub fn stale(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.standing.is_stale())
    }
}

impl Entry {
    /// What it is about, such as `EXE-02 on itsm.*`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.known.tool {
            Some(tool) => format!("{} on {tool}", self.requirement),
            None => self.requirement.to_string(),
        }
    }
}

impl From<&JudgedBaseline> for Baseline {
    fn from(baseline: &JudgedBaseline) -> Self {
        Self {
            path: baseline.path.clone(),
            day: Day(baseline.today),
            entries: baseline.entries.iter().map(Entry::from).collect(),
        }
    }
}

impl From<&JudgedEntry> for Entry {
    fn from(entry: &JudgedEntry) -> Self {
        let standing = match &entry.standing {
            baseline::Standing::Matched => Standing::Matched,
            baseline::Standing::Stale(Stale::Expired) => Standing::Expired,
            baseline::Standing::Stale(Stale::Holds) => Standing::Holds,
            baseline::Standing::Stale(Stale::NoViolation) => Standing::NoViolation,
            baseline::Standing::Stale(Stale::NoTool) => Standing::NoTool,
            baseline::Standing::Silent(_) => Standing::Silent,
        };
        Self {
            requirement: entry.known.requirement,
            known: Known::from(&entry.known),
            matched: entry.matched,
            standing,
            stale: standing.is_stale(),
            message: known::message(entry),
        }
    }
}

impl From<&KnownFailure> for Known {
    fn from(known: &KnownFailure) -> Self {
        Self {
            tool: known.tool.as_ref().map(ToolGlob::as_str).map(str::to_owned),
            reason: known.reason.clone(),
            owner: known.owner.clone(),
            expires: Day(known.expires),
        }
    }
}
