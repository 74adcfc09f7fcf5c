//! Reads a baseline from TOML: every key is known, every value checked, and every mistake has its place.

use chrono::NaiveDate;
use toml::de::{DeTable, DeValue};

use super::{Baseline, KnownFailure, ToolGlob};
use crate::document::DocumentError;
use crate::document::node::{Node, Section, Source};
use crate::requirement::RequirementId;

const TABLES: [&str; 1] = ["known"];
const KEYS: [&str; 5] = ["requirement", "tool", "reason", "owner", "expires"];

/// Finds the requirement that an id names, or says in words why there is none.
type Requirements<'a> = &'a dyn Fn(&str) -> Result<RequirementId, String>;

impl Baseline {
    /// Reads a baseline as it stands on a day (UTC); `path` is what it is called in reports.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(
        text: &str,
        path: impl Into<String>,
        today: NaiveDate,
        requirements: Requirements<'_>,
    ) -> Result<Self, DocumentError> {
        let document = DeTable::parse(text)?;
        let source = Source {
            text,
            // A reason may be about variables; none is filled in.
            variables: &|_| None,
            opening: "[[known]]",
        };
        let root = Section::root(source, &document).only(&TABLES)?;
        Ok(Self {
            path: path.into(),
            today,
            entries: root
                .read("known", |node| entries(&node, requirements))?
                .unwrap_or_default(),
        })
    }
}

fn entries(node: &Node<'_>, requirements: Requirements<'_>) -> Result<Vec<KnownFailure>, DocumentError> {
    let list = match node.value() {
        DeValue::Table(_) => {
            let fault = node.expected("a list of tables");
            return Err(fault.with_help("begin each known failure with [[known]]"));
        }
        _ => node.list("a list of tables that each begin with [[known]]")?,
    };
    list.iter().map(|entry| known_failure(entry, requirements)).collect()
}

fn known_failure(node: &Node<'_>, requirements: Requirements<'_>) -> Result<KnownFailure, DocumentError> {
    let section = node
        .section("a table with requirement, reason, owner and expires")?
        .only(&KEYS)?;
    Ok(KnownFailure {
        requirement: section.require("requirement", |node| {
            let id = node.literal("a requirement's id such as \"IDM-02\"")?;
            requirements(id).map_err(|fault| node.fault(fault))
        })?,
        tool: section.read("tool", |node| {
            let glob = node.literal("a glob such as \"itsm.*\"")?;
            ToolGlob::new(glob).map_err(|fault| node.fault(fault))
        })?,
        reason: section.require("reason", |node| {
            node.literal("the reason why the failure is lived with")
                .map(str::to_owned)
        })?,
        owner: section.require("owner", |node| {
            node.literal("a person or a team that sees to the failure")
                .map(str::to_owned)
        })?,
        expires: section.require("expires", |node| date(&node))?,
    })
}

fn date(node: &Node<'_>) -> Result<NaiveDate, DocumentError> {
    let expected = "a date such as 2027-01-31";
    let fault = || node.expected(expected);
    match node.value() {
        DeValue::Datetime(value) if value.time.is_none() => {
            let date = value.date.as_ref().and_then(|date| {
                let (year, month, day) = (i32::from(date.year), u32::from(date.month), u32::from(date.day));
                NaiveDate::from_ymd_opt(year, month, day)
            });
            date.ok_or_else(fault)
        }
        DeValue::Datetime(_) => Err(node.fault(format_args!("expected {expected}, without a time of day"))),
        DeValue::String(_) => Err(fault().with_help("write the date without quotes")),
        _ => Err(fault()),
    }
}
