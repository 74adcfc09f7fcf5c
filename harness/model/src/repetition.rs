//! What makes the exchanges of a violation again: calls alone, or nothing but a run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;

/// What makes the exchanges of a violation again.
#[derive(Debug, Clone)]
pub enum Repetition {
    /// Calls. Those of a round go out at once, and each round when the one before has ended. What was executed before them in the case is
    /// among them, since they may be about what it made.
    Rounds(Vec<Vec<Exchange>>),
    /// A run alone, and why.
    Run(RunAlone),
}

impl Repetition {
    /// These calls one after the other.
    pub fn in_order(exchanges: &[Exchange]) -> Self {
        Self::Rounds(exchanges.iter().map(|exchange| vec![exchange.clone()]).collect())
    }
}

/// Why calls alone do not show a violation again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAlone {
    /// It showed in the course of a drawn sequence.
    Sequence,
    /// The vendor behind the hub did something.
    Vendor,
    /// An approver was asked, or decided.
    Approver,
    /// A limit was exhausted, or its reset awaited.
    Limit,
    /// A call holds what an earlier one was answered.
    Answer,
}

impl fmt::Display for RunAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RunAlone::Sequence => "it shows in the course of a sequence whose calls hang on each other's answers",
            RunAlone::Vendor => "it shows while the vendor behind the hub fails, and the run plays that vendor",
            RunAlone::Approver => "it shows in what an approver sees or decides between its calls",
            RunAlone::Limit => "it shows once a limit is exhausted, or at its reset",
            RunAlone::Answer => "its calls hold what earlier ones are answered, such as the id of a record",
        })
    }
}
