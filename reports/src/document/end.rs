//! How a run ended, what it was gated by, and the exit code that came of it.

use hubproof_model::gate::FailOn;
use hubproof_model::record::RunEnd;
use hubproof_model::requirement::RequirementId;
use serde::{Deserialize, Serialize};

use crate::figures::span;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// In which way.
    pub kind: EndKind,
    /// Why it ended before its time, in words; none where it is complete.
    pub message: Option<String>,
}

/// In which way a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    /// Everything planned was sent and judged.
    Complete,
    /// A person stopped it.
    Interrupted,
    /// The time limit ended it.
    TimeLimit,
    /// The target cannot be tested.
    TargetUnusable,
    /// The harness itself failed.
    HarnessFault,
}

impl EndKind {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EndKind::Complete => "complete",
            EndKind::Interrupted => "interrupted",
            EndKind::TimeLimit => "time_limit",
            EndKind::TargetUnusable => "target_unusable",
            EndKind::HarnessFault => "harness_fault",
        }
    }

    /// As a heading, such as `target unusable`.
    #[must_use]
    pub fn heading(self) -> String {
        self.name().replace('_', " ")
    }
}

impl From<&RunEnd> for End {
    fn from(end: &RunEnd) -> Self {
        let (kind, message) = match end {
            RunEnd::Complete => (EndKind::Complete, None),
            RunEnd::Interrupted(why) => (EndKind::Interrupted, Some(why.clone())),
            RunEnd::TimeLimit(limit) => {
                let message = format!("the time limit of {} ended the run", span(*limit));
                (EndKind::TimeLimit, Some(message))
            }
            RunEnd::TargetUnusable(why) => (EndKind::TargetUnusable, Some(why.clone())),
            RunEnd::HarnessFault(why) => (EndKind::HarnessFault, Some(why.clone())),
        };
        Self { kind, message }
    }
}

/// What decided whether the run passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// From which level on a violation fails the run (`--fail-on`).
    pub fail_on: FailOn,
    /// What must have been exercised (`--require`).
    pub require: Vec<RequirementId>,
}

/// The exit code of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// The code.
    pub code: u8,
    /// What it means here, in a line.
    pub meaning: String,
}

impl Exit {
    /// That of a report whose exit is yet to be decided.
    pub const UNDECIDED: Exit = Exit {
        code: 4,
        meaning: String::new(),
    };
    /// Every exercised gating requirement holds, but for what is known.
    pub const PROVED: u8 = 0;
    /// A gating requirement is violated.
    pub const VIOLATED: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_written_by_their_names() {
        for kind in [EndKind::Complete, EndKind::TimeLimit, EndKind::HarnessFault] {
            assert_eq!(serde_json::json!(kind), kind.name());
        }
    }
}
