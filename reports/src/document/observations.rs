//! What the hub does where the contract promises nothing.

use hubproof_model::observations::{self, Flaw, Question};
use serde::{Deserialize, Serialize};

/// What the hub does where the contract promises nothing: recorded, and not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observations {
    /// What calls that are wrong in two ways were answered.
    pub precedence: Vec<Precedence>,
    /// What it does in other cases that the contract leaves undecided.
    pub undecided: Vec<Undecided>,
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

impl Observations {
    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.precedence.is_empty() && self.undecided.is_empty()
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
        }
    }
}
