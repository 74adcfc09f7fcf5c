//! What a certificate says: what was proved, of what, how strongly, when.

use std::collections::BTreeMap;

use hubproof_model::requirement::RequirementId;
use hubproof_model::safety::{Allow, Risk};
use hubproof_reports::document::time::Moment;
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::set::SetName;
use crate::subject::Subject;

/// A certificate, before it is signed and after it was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    /// What the operator says was tested: an image, a commit. Perhaps nothing.
    pub subjects: Vec<Subject>,
    /// The canonical catalogue of tools that the run saw.
    pub catalogue: Sha256,
    /// The version of hubproof.
    pub suite: String,
    /// The set of requirements that it stands for.
    pub set: SetDescriptor,
    /// The set's digest.
    pub set_digest: Sha256,
    /// Where the hub was.
    pub target: Target,
    /// The digest of the profile's text, where there is one.
    pub profile: Option<Sha256>,
    /// The connector, where it is of one.
    pub connector: Option<Connector>,
    /// The run that showed it.
    pub run: Run,
    /// The digest of its `report.json`.
    pub report: Sha256,
    /// Where the evidence can be had, if the operator says so.
    pub url: Option<String>,
    /// The requirements that hold: all that the set asks of such a run, and those beyond it.
    pub passed: Vec<RequirementId>,
    /// The requirements that warn: violated SHOULDs of the set, and whatever is violated beyond it.
    pub warned: Vec<RequirementId>,
}

/// Which set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetDescriptor {
    /// The revision of the contract.
    pub revision: String,
    /// The set's name.
    pub set: SetName,
}

/// Where the hub was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its base URL.
    pub url: String,
    /// Whether it is the reference hub that hubproof carries, and with which defects.
    pub bundled: Bundled,
}

/// Whether a hub is the bundled one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundled {
    /// Whether it is.
    pub bundled: bool,
    /// The defects that it was started with.
    pub defects: Vec<String>,
}

/// A connector, and the connections that are of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Its name, as the hub's definitions have it.
    pub connector: String,
    /// The ids of its connections, as the profile has them.
    pub connections: Vec<String>,
    /// The tools whose results are equal to another connector's, and which that is. Empty where none could be compared.
    pub equal: BTreeMap<String, String>,
    /// The others that the run might execute, and why they were not compared.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uncompared: BTreeMap<String, String>,
}

/// The run behind a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Run {
    /// Decides every generated input and order.
    pub seed: u64,
    /// How many generated inputs a tool was to get on each of the valid and the invalid side.
    pub cases: u64,
    /// How far the run might go.
    pub allow: Allow,
    /// When it began.
    pub started_at: Moment,
    /// When it ended: the certificate's age counts from then.
    pub finished_at: Moment,
    /// How many requests it sent.
    pub requests: u64,
    /// How many findings the verdicts rest on.
    pub findings: u64,
    /// How many tools the hub has.
    pub catalogue_tools: u64,
    /// The tools that it took in, with their risk levels in the hub's words; empty where it says nothing.
    pub tools: BTreeMap<String, String>,
}

/// How far a run went, and on which tools: what a set asks depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// How far it might go.
    pub allow: Allow,
    /// The tools that it took in, with their risks.
    pub tools: BTreeMap<String, Risk>,
}

impl Scope {
    /// The tools that the run might execute.
    pub fn permitted(&self) -> impl Iterator<Item = &str> {
        let permitted = self
            .tools
            .iter()
            .filter(|(_, risk)| risk.required_allow() <= self.allow);
        permitted.map(|(key, _)| key.as_str())
    }

    /// Whether it might execute a tool that changes state.
    #[must_use]
    pub fn has_state_changing(&self) -> bool {
        let mut tools = self.tools.values();
        tools.any(|risk| risk.is_state_changing() && risk.required_allow() <= self.allow)
    }
}

impl Run {
    /// How far it went, and on which tools.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let tools = self.tools.iter();
        Scope {
            allow: self.allow,
            tools: tools.map(|(key, risk)| (key.clone(), Risk::parse(risk))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_might_execute_is_told_by_risk_and_level() {
        let scope = |allow| Scope {
            allow,
            tools: [("a", "read"), ("b", "write"), ("c", ""), ("d", "admin")]
                .map(|(key, risk)| (key.to_owned(), Risk::parse(risk)))
                .into(),
        };
        let permitted = |allow| scope(allow).permitted().map(str::to_owned).collect::<Vec<_>>().concat();
        let of_all = Allow::ALL.map(permitted);
        assert_eq!(of_all, ["a", "a", "ab", "abc", "abcd"]);
        assert_eq!(
            Allow::ALL.map(|allow| scope(allow).has_state_changing()),
            [false, false, true, true, true]
        );
    }
}
