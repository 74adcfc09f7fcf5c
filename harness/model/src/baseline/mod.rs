//! The failures of a hub that its team knows of and lives with until a day (`--baseline`).

mod judged;
mod read;
mod tool_glob;

use std::fmt;

use chrono::NaiveDate;

use crate::requirement::RequirementId;

pub use judged::{JudgedBaseline, JudgedEntry, Silence, Stale, Standing};
pub use tool_glob::{InvalidGlob, ToolGlob};

/// The known failures of a hub, as they stand on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The file's path, as given.
    pub path: String,
    /// The day (UTC) on which it is looked at.
    pub today: NaiveDate,
    /// Its entries, in the file's order.
    pub entries: Vec<KnownFailure>,
}

impl Baseline {
    /// The entry that excuses a violation of a requirement: the first that matches it and is not expired.
    pub fn excuse(&self, id: RequirementId, tool: Option<&str>) -> Option<&KnownFailure> {
        let mut matching = self.entries.iter().filter(|entry| entry.matches(id, tool));
        matching.find(|entry| !entry.is_expired(self.today))
    }

    /// The entries that nobody has said yet why and whose they are.
    pub fn unexplained(&self) -> impl Iterator<Item = &KnownFailure> {
        self.entries.iter().filter(|entry| entry.is_unexplained())
    }
}

/// An entry of a baseline (`[[known]]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFailure {
    /// What is violated.
    pub requirement: RequirementId,
    /// On which tools; `None` for every violation of the requirement, also those about no tool.
    pub tool: Option<ToolGlob>,
    /// Why it is lived with.
    pub reason: String,
    /// Who sees to it.
    pub owner: String,
    /// The last day (UTC) on which it is excused.
    pub expires: NaiveDate,
}

impl KnownFailure {
    /// What stands in the place of a reason or an owner that nobody has given yet.
    pub const TODO: &str = "TODO";

    /// Whether a violation of this requirement, about this tool if one, is meant.
    pub fn matches(&self, id: RequirementId, tool: Option<&str>) -> bool {
        let covers = |glob: &ToolGlob| tool.is_some_and(|tool| glob.is_match(tool));
        self.requirement == id && self.tool.as_ref().is_none_or(covers)
    }

    /// Whether it excuses nothing any more.
    pub fn is_expired(&self, today: NaiveDate) -> bool {
        today > self.expires
    }

    fn is_unexplained(&self) -> bool {
        [&self.reason, &self.owner]
            .iter()
            .any(|text| text.starts_with(Self::TODO))
    }
}

/// What it is about: `EXE-02 on itsm.*`.
impl fmt::Display for KnownFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tool {
            Some(tool) => write!(f, "{} on {tool}", self.requirement),
            None => self.requirement.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Area;

    const ID: RequirementId = RequirementId::new(Area::Exe, 2);

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2027, 1, number).unwrap()
    }

    fn entry(tool: Option<&str>, reason: &str, expires: u32) -> KnownFailure {
        KnownFailure {
            requirement: ID,
            tool: tool.map(|tool| ToolGlob::new(tool).unwrap()),
            reason: reason.to_owned(),
            owner: "itsm".to_owned(),
            expires: day(expires),
        }
    }

    fn reason_on(today: u32, id: RequirementId, tool: Option<&str>) -> Option<String> {
        let baseline = Baseline {
            path: String::new(),
            today: day(today),
            entries: vec![
                entry(Some("itsm.*"), "first", 10),
                entry(Some("itsm.tickets.*"), "second", 20),
                entry(Some("crm.*"), "crm", 20),
            ],
        };
        baseline.excuse(id, tool).map(|entry| entry.reason.clone())
    }

    #[test]
    fn the_first_entry_that_matches_and_is_not_expired_excuses() {
        let ticket = Some("itsm.tickets.get");
        assert_eq!(reason_on(10, ID, ticket).as_deref(), Some("first"));
        assert_eq!(reason_on(11, ID, ticket).as_deref(), Some("second"));
        assert_eq!(reason_on(21, ID, ticket), None);
        assert_eq!(reason_on(11, ID, Some("itsm.users.get")), None);
        assert_eq!(reason_on(1, ID, Some("crm.deals.get")).as_deref(), Some("crm"));
        assert_eq!(reason_on(1, ID, None), None);
        assert_eq!(reason_on(1, RequirementId::new(Area::Exe, 3), ticket), None);
    }

    #[test]
    fn an_entry_without_a_tool_means_every_violation() {
        let entry = entry(None, "all", 10);
        assert!(entry.matches(ID, None) && entry.matches(ID, Some("itsm.tickets.get")));
        assert!(!entry.matches(RequirementId::new(Area::Exe, 3), None));
    }

    #[test]
    fn an_entry_is_unexplained_until_both_its_reason_and_its_owner_are_given() {
        let mut todo = entry(None, "TODO: say why", 10);
        assert!(todo.is_unexplained());
        todo.reason = "a vendor's bug".to_owned();
        assert!(!todo.is_unexplained());
        todo.owner = "TODO".to_owned();
        assert!(todo.is_unexplained());
    }
}
