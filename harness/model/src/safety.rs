//! How far a run may go on a target, and how far a call goes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The lowest rate that can be asked for, in requests a second: one in 17 minutes.
pub const LEAST_RATE: f64 = 0.001;
/// The highest rate that can be asked for, in requests a second: what no machine sends.
pub const MOST_RATE: f64 = 1_000_000.0;

/// The risk level of a tool, as the hub declares it (CAT-07).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Safe to call freely.
    Read,
    /// Creates or modifies.
    Write,
    /// Deletes, irreversible.
    Destructive,
    /// Elevated.
    Admin,
    /// Anything else that the hub says, or nothing at all: treated as destructive.
    #[serde(untagged)]
    Unknown(String),
}

impl Risk {
    /// Reads the contract's spelling; anything else is unknown.
    pub fn parse(text: &str) -> Self {
        match text {
            "read" => Risk::Read,
            "write" => Risk::Write,
            "destructive" => Risk::Destructive,
            "admin" => Risk::Admin,
            other => Risk::Unknown(other.to_owned()),
        }
    }

    /// Whether an execute of the tool may change state.
    pub fn is_state_changing(&self) -> bool {
        !matches!(self, Risk::Read)
    }

    /// The level that a run must be allowed before it executes such a tool for real.
    pub fn required_allow(&self) -> Allow {
        match self {
            Risk::Read => Allow::Read,
            Risk::Write => Allow::Write,
            Risk::Destructive | Risk::Unknown(_) => Allow::Destructive,
            Risk::Admin => Allow::Admin,
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Risk::Read => "read",
            Risk::Write => "write",
            Risk::Destructive => "destructive",
            Risk::Admin => "admin",
            Risk::Unknown(_) => "unknown",
        })
    }
}

/// How far a run may go (`--allow`). Ordered: each level includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Allow {
    /// State-changing tools get no execute at all.
    Read,
    /// They also get calls that a sound hub does not execute: invalid input, bad keys, dry runs. A broken hub may.
    Probe,
    /// Tools of risk `write` are executed.
    Write,
    /// Tools of risk `destructive`, and of unknown risk, are executed.
    Destructive,
    /// Tools of risk `admin` are executed.
    Admin,
}

impl Allow {
    /// Every level, from the most careful.
    pub const ALL: [Allow; 5] = [
        Allow::Read,
        Allow::Probe,
        Allow::Write,
        Allow::Destructive,
        Allow::Admin,
    ];

    /// The spelling on the command line and in the profile.
    pub const fn name(self) -> &'static str {
        match self {
            Allow::Read => "read",
            Allow::Probe => "probe",
            Allow::Write => "write",
            Allow::Destructive => "destructive",
            Allow::Admin => "admin",
        }
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a level: use read, probe, write, destructive or admin")]
pub struct InvalidAllow(pub String);

impl FromStr for Allow {
    type Err = InvalidAllow;

    fn from_str(text: &str) -> Result<Self, InvalidAllow> {
        Allow::ALL
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| InvalidAllow(text.to_owned()))
    }
}
