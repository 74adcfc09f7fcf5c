//! What a run says of its baseline: which entries still match, which are stale, and of which it says nothing.

use chrono::NaiveDate;

use super::KnownFailure;

/// A baseline after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedBaseline {
    /// The file's path, as given.
    pub path: String,
    /// The day (UTC) on which it was looked at.
    pub today: NaiveDate,
    /// Its entries, in the file's order.
    pub entries: Vec<JudgedEntry>,
}

impl JudgedBaseline {
    /// The entries that are stale.
    pub fn stale(&self) -> impl Iterator<Item = &JudgedEntry> {
        self.entries
            .iter()
            .filter(|entry| matches!(entry.standing, Standing::Stale(_)))
    }
}

/// An entry after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedEntry {
    /// The entry.
    pub known: KnownFailure,
    /// How many violations of the run it matches, whether it excuses them or not.
    pub matched: u64,
    /// How it stands.
    pub standing: Standing,
}

/// How an entry stands after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It matches violations, and is not expired.
    Matched,
    /// It must be deleted or mended; why.
    Stale(Stale),
    /// The run says nothing of it; why.
    Silent(Silence),
}

/// Why an entry is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    /// Its last day is over.
    Expired,
    /// The requirement was exercised, and held.
    Holds,
    /// The requirement is violated, but by nothing that the entry matches.
    NoViolation,
    /// Its glob matches no tool that the hub lists and the profile admits.
    NoTool,
}

/// Why a run says nothing of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// A person stopped the run.
    Interrupted,
    /// The run did not come to its end.
    EndedEarly,
    /// `--only` or `--skip` left the requirement out.
    NotSelected,
    /// The requirement was not exercised; why, where that is known.
    NotExercised(Option<String>),
    /// The requirement, or a case of it, allowed no verdict; why, where that is known.
    Inconclusive(Option<String>),
    /// `--tools` left out a tool that the entry is about.
    ToolLeftOut(String),
    /// No case of the requirement was about a tool that its glob matches.
    ToolNotTried,
}
