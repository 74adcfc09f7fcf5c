//! What a requirement is: its id, level, basis, sentence, and what it needs of a target.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::role::Role;
use crate::safety::Allow;

/// The revision of the contract that the registry implements.
pub const CONTRACT_REVISION: &str = "1";

/// A chapter of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Authentication and permission.
    Auth,
    /// The response envelope.
    Env,
    /// Listing and definitions.
    Cat,
    /// Executing tools.
    Exe,
    /// Idempotency.
    Idm,
    /// Dry runs.
    Dry,
    /// Approvals.
    Apr,
    /// Rate limits.
    Rtl,
    /// The vendor behind a connection.
    Ups,
    /// Latency.
    Lat,
    /// The same tools over MCP.
    Mcp,
}

impl Area {
    /// Every area, in the contract's order.
    pub const ALL: [Area; 11] = [
        Area::Auth,
        Area::Env,
        Area::Cat,
        Area::Exe,
        Area::Idm,
        Area::Dry,
        Area::Apr,
        Area::Rtl,
        Area::Ups,
        Area::Lat,
        Area::Mcp,
    ];

    /// The three letters that open the area's requirement ids.
    pub const fn code(self) -> &'static str {
        match self {
            Area::Auth => "AUTH",
            Area::Env => "ENV",
            Area::Cat => "CAT",
            Area::Exe => "EXE",
            Area::Idm => "IDM",
            Area::Dry => "DRY",
            Area::Apr => "APR",
            Area::Rtl => "RTL",
            Area::Ups => "UPS",
            Area::Lat => "LAT",
            Area::Mcp => "MCP",
        }
    }

    /// The area's heading in the contract.
    pub const fn title(self) -> &'static str {
        match self {
            Area::Auth => "Authentication and permission",
            Area::Env => "Envelope",
            Area::Cat => "Listing and definitions",
            Area::Exe => "Executing",
            Area::Idm => "Idempotency",
            Area::Dry => "Dry runs",
            Area::Apr => "Approvals",
            Area::Rtl => "Rate limits",
            Area::Ups => "The vendor behind a connection",
            Area::Lat => "Latency",
            Area::Mcp => "The same tools over MCP",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Area {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Area::ALL
            .into_iter()
            .find(|area| area.code().eq_ignore_ascii_case(text))
            .ok_or_else(|| InvalidId(text.to_owned()))
    }
}

/// A requirement's number in the contract, such as `AUTH-01`. Stable: never reused, never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequirementId {
    /// The chapter.
    pub area: Area,
    /// The number within the chapter, from 1.
    pub number: u8,
}

impl RequirementId {
    /// The id of a requirement in `area`.
    pub const fn new(area: Area, number: u8) -> Self {
        Self { area, number }
    }
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad` honours the width that tables ask for.
        f.pad(&format!("{}-{:02}", self.area.code(), self.number))
    }
}

/// A text that is no requirement id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a requirement id: write an area and a number, such as AUTH-01")]
pub struct InvalidId(pub String);

impl FromStr for RequirementId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.to_owned());
        let (area, number) = text.split_once('-').ok_or_else(invalid)?;
        Ok(Self {
            area: area.parse().map_err(|_| invalid())?,
            number: number.parse().map_err(|_| invalid())?,
        })
    }
}

impl Serialize for RequirementId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// In files it has one spelling: what people type may have others.
impl<'de> Deserialize<'de> for RequirementId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let id: Self = text.parse().map_err(serde::de::Error::custom)?;
        match id.to_string() == text {
            true => Ok(id),
            false => Err(serde::de::Error::custom(InvalidId(text))),
        }
    }
}

/// How strongly the contract asks (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A violation fails the run.
    Must,
    /// A violation is a warning, and fails only with `--fail-on should`.
    Should,
    /// An observation.
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        })
    }
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The REST API reference.
    Ref,
    /// The product's other public pages.
    Docs,
    /// An RFC or IETF draft.
    Http,
    /// Not written down, but a hub without it loses data, leaks or misleads its clients.
    Safe,
    /// The target's own profile.
    Profile,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Basis::Ref => "ref",
            Basis::Docs => "docs",
            Basis::Http => "http",
            Basis::Safe => "safe",
            Basis::Profile => "profile",
        })
    }
}

/// What must be granted, by profile or flag, before a requirement can be exercised at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// An API key of this role.
    Key(Role),
    /// A tool that the restricted key may not call.
    ForbiddenTool,
    /// The id of a connection that exists and is inactive, or a domain without an active connection.
    InactiveConnection,
    /// The id of a connection that belongs to the foreign key's workspace.
    ForeignConnection,
    /// A domain with an explicit connection id that works.
    ExplicitConnection,
    /// A state-changing tool whose effect can be seen, through a read tool.
    Effect,
    /// A tool whose calls need approval.
    GatedTool,
    /// Someone who decides on approvals.
    ApprovalDriver,
    /// An objective for a tool that a bench calls.
    Objective,
    /// A measurement of the same target to compare with.
    Baseline,
    /// A connection whose vendor the harness plays.
    Upstream,
    /// A run that may go this far.
    Allow(Allow),
}

/// A line of `hub.toml` below the heading of its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileLine {
    /// The table, without brackets.
    pub table: &'static str,
    /// The key, quoted where TOML wants it.
    pub key: String,
    /// The value, with samples for what only the user knows.
    pub value: String,
}

impl fmt::Display for ProfileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {} = {}", self.table, self.key, self.value)
    }
}

impl Need {
    /// The line of `hub.toml` that grants it; `None` where a flag does.
    pub fn profile_line(self) -> Option<ProfileLine> {
        let line = |table, key: &str, value: &str| {
            Some(ProfileLine {
                table,
                key: key.to_owned(),
                value: value.to_owned(),
            })
        };
        let connection = "{ domain = \"itsm\", id = \"conn_123\" }";
        match self {
            Need::Key(role) => line(
                "keys",
                role.name(),
                &format!("\"${{HUB_KEY_{}}}\"", role.name().to_uppercase()),
            ),
            Need::ForbiddenTool => line("keys", "restricted_tool", "\"domain.resource.action\""),
            Need::InactiveConnection => line("connections", "inactive", connection),
            Need::ForeignConnection => line("connections", "foreign", connection),
            Need::ExplicitConnection => line("connections.explicit", "itsm", "[\"conn_123\"]"),
            Need::Effect => line(
                "effects",
                "\"domain.resource.create\"",
                "{ marker = \"/title\", read = { tool = \"domain.resource.list\", input = { query = \"<marker>\" } } }",
            ),
            Need::GatedTool => line("approvals", "gated", "[\"domain.resource.action\"]"),
            Need::ApprovalDriver => line("approvals", "driver", "\"http\""),
            Need::Objective => line("slo", "read", "{ p99 = \"300ms\", error_rate = \"0.1%\" }"),
            Need::Upstream => line(
                "upstream",
                "conn_123",
                "{ domain = \"itsm\", vendor = \"servicenow\", listen = \"127.0.0.1:9911\" }",
            ),
            Need::Baseline | Need::Allow(_) => None,
        }
    }

    /// The line of `hub.toml` with its table's heading before it, or the flag, that grants it.
    pub fn grant(self) -> String {
        match self {
            Need::Allow(level) => format!("--allow {level}"),
            Need::Baseline => "--compare bench.json".to_owned(),
            other => other.profile_line().map(|line| line.to_string()).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Key(role) => write!(f, "a {role} key"),
            Need::ForbiddenTool => f.write_str("a tool that the restricted key may not call"),
            Need::InactiveConnection => f.write_str("an inactive connection, or a domain with none"),
            Need::ForeignConnection => f.write_str("a connection of the foreign workspace"),
            Need::ExplicitConnection => f.write_str("a connection to name explicitly"),
            Need::Effect => f.write_str("a state-changing tool whose effect can be seen"),
            Need::GatedTool => f.write_str("a tool whose calls need approval"),
            Need::ApprovalDriver => f.write_str("someone who decides on approvals"),
            Need::Objective => f.write_str("an objective for what is measured"),
            Need::Baseline => f.write_str("an earlier measurement of the target to compare with"),
            Need::Upstream => f.write_str("a connection whose vendor the run may play"),
            Need::Allow(level) => write!(f, "a run that is allowed to go as far as `{level}`"),
        }
    }
}

/// Everything that people read about a requirement. A `const` beside the code that probes and judges it; documents, listings
/// and test names are generated from it.
#[derive(Debug, Clone, Copy)]
pub struct Requirement {
    /// The stable number.
    pub id: RequirementId,
    /// How strongly the contract asks.
    pub level: Level,
    /// Who says so.
    pub basis: Basis,
    /// The section of the source, for a hub's team to look up.
    pub source: &'static str,
    /// A few words, used in listings and test names.
    pub title: &'static str,
    /// One sentence about a hub that carries the level's keyword.
    pub statement: &'static str,
    /// What goes wrong for a hub's clients when it is broken.
    pub rationale: &'static str,
    /// How it is probed and judged, in a sentence or two.
    pub method: &'static str,
    /// What a hub's developers change where it is broken.
    pub mend: &'static str,
    /// What the target's profile must grant before anything can be sent.
    pub needs: &'static [Need],
    /// The furthest that its calls go on the target.
    pub reach: Allow,
    /// The suite version that first judged it.
    pub since: &'static str,
}
