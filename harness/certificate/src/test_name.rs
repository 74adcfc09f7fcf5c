//! The tests that a statement names: requirements of the contract, and what a set asks beyond them.

use std::fmt;
use std::str::FromStr;

use hubproof_model::requirement::RequirementId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A test of a set that is no requirement of the contract, and so has a name instead of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnTest {
    /// The same calls of a tool have equal results at the connector and at another one of its domain.
    EqualResults,
}

impl OwnTest {
    /// Its spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            OwnTest::EqualResults => "equal-results",
        }
    }
}

/// A test of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestName {
    /// A requirement.
    Requirement(RequirementId),
    /// What is none.
    Own(OwnTest),
}

impl From<RequirementId> for TestName {
    fn from(id: RequirementId) -> Self {
        Self::Requirement(id)
    }
}

impl TestName {
    /// The requirement that it is.
    #[must_use]
    pub const fn requirement(self) -> Option<RequirementId> {
        match self {
            Self::Requirement(id) => Some(id),
            Self::Own(_) => None,
        }
    }
}

impl fmt::Display for TestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requirement(id) => id.fmt(f),
            Self::Own(own) => f.pad(own.name()),
        }
    }
}

impl FromStr for TestName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text == OwnTest::EqualResults.name() {
            true => Ok(Self::Own(OwnTest::EqualResults)),
            false => {
                let id = text.parse().map(Self::Requirement);
                id.map_err(|_| format!("`{text}` is no test that this version knows"))
            }
        }
    }
}

impl Serialize for TestName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TestName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["IDM-02", "equal-results"] {
            let read: TestName = name.parse().unwrap();
            assert_eq!(read.to_string(), name);
            assert_eq!(serde_json::json!(read), name);
        }
        assert!("equal_results".parse::<TestName>().is_err());
        assert_eq!(serde_json::json!(OwnTest::EqualResults), OwnTest::EqualResults.name());
    }
}
