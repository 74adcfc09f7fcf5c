//! The frozen sets of requirements that certificates stand for, one of each name for each revision of the contract.
//!
//! A set is data in `fixtures/certification`. Once published it is never changed: a requirement that comes later runs, and does not
//! count. So each has its digest pinned here, and a test compares the two.

use std::fmt;
use std::str::FromStr;

use hubproof_model::requirement::{Level, RequirementId};
use hubproof_model::safety::Allow;
use serde::{Deserialize, Serialize};

use crate::certificate::Scope;
use crate::digest::Sha256;
use crate::strict_json;
use crate::test_name::OwnTest;

/// The name of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetName {
    /// What every hub can show with its primary key and read tools.
    HubCore,
    /// Everything that a run exercises.
    HubFull,
    /// What a run shows of a single connector's tools.
    Connector,
}

impl SetName {
    /// Every name, from the least that a set asks.
    pub const ALL: [SetName; 3] = [SetName::HubCore, SetName::HubFull, SetName::Connector];

    /// Its spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            SetName::HubCore => "hub-core",
            SetName::HubFull => "hub-full",
            SetName::Connector => "connector",
        }
    }

    /// What it asks, in a line.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            SetName::HubCore => "What every hub can show with its primary key and read tools",
            SetName::HubFull => "Everything that a run exercises",
            SetName::Connector => "What a run shows of a single connector's tools (--connector)",
        }
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|own| own.name() == text)
            .ok_or_else(|| format!("`{text}` is no set: use hub-core, hub-full or connector"))
    }
}

/// A frozen set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementSet {
    /// The revision of the contract that it is of.
    pub revision: String,
    /// Its name.
    pub name: SetName,
    /// What it asks, in the contract's order.
    pub requirements: Vec<Asked>,
    /// What it asks beyond the contract's requirements.
    pub tests: Vec<OwnTest>,
    /// The digest of its file.
    pub digest: Sha256,
}

/// What a set asks of one requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The requirement.
    pub id: RequirementId,
    /// Its level in this revision.
    pub level: Level,
    /// Whether its cases must have called each tool that the run might execute.
    #[serde(default)]
    pub each_tool: bool,
    /// The level of `--allow` from which on it is asked, of runs that took in a state-changing tool; none for always.
    #[serde(default)]
    pub from: Option<Allow>,
}

/// The file of a set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    revision: String,
    set: SetName,
    requirements: Vec<Asked>,
    #[serde(default)]
    tests: Vec<OwnTest>,
}

/// A published set with its digest.
struct Published {
    text: &'static str,
    sha256: &'static str,
}

/// Every set that was ever published.
const PUBLISHED: [Published; 3] = [
    Published {
        text: include_str!("../../../fixtures/certification/1/hub-core.json"),
        sha256: "0a5e2c95045020ce7e482c3d3c62592ae2777d5a83eb997bd53f27e7557b68b7",
    },
    Published {
        text: include_str!("../../../fixtures/certification/1/hub-full.json"),
        sha256: "05942f892446e63c29448b2fd7b04931880980abf96b3648fabc62670214f0f2",
    },
    Published {
        text: include_str!("../../../fixtures/certification/1/connector.json"),
        sha256: "27dca931a3954803d2edcb3ff17598b9d7a58ff9eb972987f54310d3506bc50f",
    },
];

/// Why there is no set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetFault {
    /// A set that this version does not know.
    #[error("this hubproof knows no set `{name}` of revision {revision} of the contract: use a newer one")]
    Unknown {
        /// The name.
        name: SetName,
        /// The revision.
        revision: String,
    },
    /// The file of a set is damaged.
    #[error("the set is damaged: {0}")]
    Damaged(String),
}

impl RequirementSet {
    /// The set of this name for this revision of the contract.
    ///
    /// # Errors
    /// There is none, or it is damaged.
    pub fn published(name: SetName, revision: &str) -> Result<Self, SetFault> {
        for published in &PUBLISHED {
            let set = Self::read(published.text)?;
            if (set.name, set.revision.as_str()) == (name, revision) {
                return match set.digest.to_string() == published.sha256 {
                    true => Ok(set),
                    false => Err(SetFault::Damaged(format!("{name} of revision {revision} was changed"))),
                };
            }
        }
        Err(SetFault::Unknown {
            name,
            revision: revision.to_owned(),
        })
    }

    fn read(text: &str) -> Result<Self, SetFault> {
        let written: Written = strict_json::read(text.as_bytes()).map_err(SetFault::Damaged)?;
        Ok(Self {
            revision: written.revision,
            name: written.set,
            requirements: written.requirements,
            tests: written.tests,
            digest: Sha256::of(text),
        })
    }

    /// What it asks of a run of this scope.
    pub fn asks<'s>(&'s self, scope: &'s Scope) -> impl Iterator<Item = &'s Asked> {
        self.requirements.iter().filter(|asked| {
            asked
                .from
                .is_none_or(|from| scope.allow >= from && scope.has_state_changing())
        })
    }

    /// Whether it has a requirement, asked or not.
    #[must_use]
    pub fn has(&self, id: RequirementId) -> bool {
        self.requirements.iter().any(|asked| asked.id == id)
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::requirement::CONTRACT_REVISION;

    use super::*;

    #[test]
    fn the_sets_of_the_contract_are_there_and_unchanged() {
        for name in SetName::ALL {
            let text = PUBLISHED
                .iter()
                .find(|own| own.text.contains(&format!("\"set\": \"{name}\"")));
            assert_eq!(
                Sha256::of(text.unwrap().text).to_string(),
                text.unwrap().sha256,
                "{name}"
            );
            let set = RequirementSet::published(name, CONTRACT_REVISION).unwrap();
            let ids: Vec<_> = set.requirements.iter().map(|asked| asked.id).collect();
            let mut once = ids.clone();
            once.dedup();
            assert!(!ids.is_empty() && once == ids && ids.is_sorted(), "{name}: {ids:?}");
            assert_eq!(name.name().parse(), Ok(name));
        }
    }

    #[test]
    fn the_greater_set_asks_for_all_that_the_lesser_does() {
        let set = |name| RequirementSet::published(name, CONTRACT_REVISION).unwrap();
        let full = set(SetName::HubFull);
        for lesser in [set(SetName::HubCore), set(SetName::Connector)] {
            assert!(
                lesser.requirements.iter().all(|asked| full.has(asked.id)),
                "{}",
                lesser.name
            );
            assert!(lesser.requirements.len() < full.requirements.len());
        }
    }

    #[test]
    fn another_revision_is_told() {
        let fault = RequirementSet::published(SetName::HubCore, "99").unwrap_err();
        assert!(fault.to_string().contains("revision 99"), "{fault}");
    }
}
