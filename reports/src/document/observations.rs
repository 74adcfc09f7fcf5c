//! What the hub does where the contract promises nothing.

use std::collections::BTreeMap;

use hubproof_model::observations::{self, Comparison, Flaw, Question};
use serde::{Deserialize, Serialize};

/// What the hub does where the contract promises nothing: recorded, and not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observations {
    /// What calls that are wrong in two ways were answered.
    pub precedence: Vec<Precedence>,
    /// What it does in other cases that the contract leaves undecided.
    pub undecided: Vec<Undecided>,
    /// What tools gave at two connectors for the same calls: in a run of a connector. `hubproof certify` asks for it.
    #[serde(default)]
    pub equal_results: Vec<ComparedTool>,
    /// The tools of such a run that were not called for that, and why.
    #[serde(default)]
    pub uncompared: BTreeMap<String, String>,
}

/// What a call that is wrong in two ways was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precedence {
    /// What is wrong with it.
    pub first: Flaw,
    /// What else.
    pub second: Flaw,
    /// What it ended in: `success`, an error code, or in words what it was answered without an envelope.
    pub outcome: String,
    /// Which of the two it was answered for; none where the answer fits neither.
    pub answered: Option<Flaw>,
}

/// What the hub does in a case that the contract leaves undecided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undecided {
    /// What was tried.
    pub question: Question,
    /// What it ended in, in the words of [`Precedence::outcome`].
    pub outcome: String,
    /// Of a success, whether its data is that of the call before it under the same idempotency key.
    pub replayed: Option<bool>,
}

/// What a tool gave at two connectors for the same calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedTool {
    /// The tool.
    pub tool: String,
    /// The run's own connector.
    pub connector: String,
    /// The other one.
    pub with: String,
    /// Whether the results are equal, but for ids, times and what else is the vendor's own; none where they cannot be compared.
    pub equal: Option<bool>,
    /// The differences, each with its place; or why they cannot be compared.
    pub notes: Vec<String>,
}

impl From<&observations::ComparedTool> for ComparedTool {
    fn from(compared: &observations::ComparedTool) -> Self {
        let (equal, notes) = match &compared.comparison {
            Comparison::Equal => (Some(true), Vec::new()),
            Comparison::Different(differences) => (Some(false), differences.clone()),
            Comparison::Unknown(why) => (None, vec![why.clone()]),
        };
        let [connector, with] = compared.connectors.clone();
        Self {
            tool: compared.tool.clone(),
            connector,
            with,
            equal,
            notes,
        }
    }
}

impl ComparedTool {
    /// What came of it, in words.
    #[must_use]
    pub fn told(&self) -> String {
        let notes = self.notes.join("; ");
        match self.equal {
            Some(true) => format!("the same at {} and {}", self.connector, self.with),
            Some(false) => format!("other results at {} than at {}: {notes}", self.connector, self.with),
            None => format!("not compared with {}: {notes}", self.with),
        }
    }
}

impl Observations {
    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.precedence.is_empty()
            && self.undecided.is_empty()
            && self.equal_results.is_empty()
            && self.uncompared.is_empty()
    }

    /// The reasons for which tools were not compared, each with its tools, in words.
    #[must_use]
    pub fn told_uncompared(&self) -> Vec<String> {
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (tool, why) in &self.uncompared {
            by_reason.entry(why).or_default().push(tool);
        }
        let told = by_reason.iter();
        told.map(|(why, tools)| format!("not compared, since {why}: {}", tools.join(", ")))
            .collect()
    }
}

impl From<&observations::Observations> for Observations {
    fn from(observations: &observations::Observations) -> Self {
        let precedence = observations.precedence.iter().map(|seen| Precedence {
            first: seen.first,
            second: seen.second,
            outcome: seen.outcome.to_string(),
            answered: seen.answered(),
        });
        let undecided = observations.undecided.iter().map(|seen| Undecided {
            question: seen.question,
            outcome: seen.outcome.to_string(),
            replayed: seen.replayed,
        });
        Self {
            precedence: precedence.collect(),
            undecided: undecided.collect(),
            equal_results: observations.equal_results.iter().map(ComparedTool::from).collect(),
            uncompared: observations.uncompared.clone(),
        }
    }
}
