//! What a hub does where the contract promises nothing: recorded for a team to look at, and never judged.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::outcome::{ErrorCode, Outcome};

/// What was observed in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observations {
    /// Which error is answered where a call is wrong in two ways, in the order of the flaws.
    pub precedence: Vec<Precedence>,
    /// What else the contract leaves undecided.
    pub undecided: Vec<Undecided>,
    /// What tools gave at two connectors for the same calls, sorted by tool: in a run of a connector.
    pub equal_results: Vec<ComparedTool>,
    /// The tools of such a run that were not called for that, and why.
    pub uncompared: BTreeMap<String, String>,
}

impl Observations {
    /// Whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.precedence.is_empty()
            && self.undecided.is_empty()
            && self.equal_results.is_empty()
            && self.uncompared.is_empty()
    }
}

/// What a call with two flaws was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precedence {
    /// The flaw that stands first in [`Flaw::ALL`].
    pub first: Flaw,
    /// The other.
    pub second: Flaw,
    /// What the call ended in.
    pub outcome: Outcome,
}

impl Precedence {
    /// The flaw that the answer is about, where it is about one of the two.
    pub fn answered(&self) -> Option<Flaw> {
        [self.first, self.second]
            .into_iter()
            .find(|flaw| flaw.explains(&self.outcome))
    }
}

/// Something that is wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// It has no key.
    NoKey,
    /// Its key is none that the hub has issued.
    UnknownKey,
    /// Its key may not call the tool.
    ForbiddenTool,
    /// There is no such tool.
    UnknownTool,
    /// There is no such connection.
    UnknownConnection,
    /// The connection is inactive.
    InactiveConnection,
    /// The tool's schema rejects the input.
    InvalidInput,
    /// `dry_run` is a text.
    WrongDryRun,
    /// The body is not JSON.
    MalformedBody,
    /// The tool needs approval.
    GatedTool,
}

impl Flaw {
    /// Every flaw, in the order in which they are shown.
    pub const ALL: [Flaw; 10] = [
        Flaw::NoKey,
        Flaw::UnknownKey,
        Flaw::ForbiddenTool,
        Flaw::UnknownTool,
        Flaw::UnknownConnection,
        Flaw::InactiveConnection,
        Flaw::InvalidInput,
        Flaw::WrongDryRun,
        Flaw::MalformedBody,
        Flaw::GatedTool,
    ];

    /// Its name in reports and ids of cases.
    pub const fn name(self) -> &'static str {
        match self {
            Flaw::NoKey => "no_key",
            Flaw::UnknownKey => "unknown_key",
            Flaw::ForbiddenTool => "forbidden_tool",
            Flaw::UnknownTool => "unknown_tool",
            Flaw::UnknownConnection => "unknown_connection",
            Flaw::InactiveConnection => "inactive_connection",
            Flaw::InvalidInput => "invalid_input",
            Flaw::WrongDryRun => "wrong_dry_run",
            Flaw::MalformedBody => "malformed_body",
            Flaw::GatedTool => "gated_tool",
        }
    }

    /// The flaw of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flaw| flaw.name() == name)
    }

    /// Whether a call with this flaw alone could end so.
    fn explains(self, outcome: &Outcome) -> bool {
        let code = match self {
            Flaw::NoKey | Flaw::UnknownKey => ErrorCode::Unauthorized,
            Flaw::ForbiddenTool => ErrorCode::Forbidden,
            Flaw::UnknownTool => ErrorCode::ToolNotFound,
            Flaw::UnknownConnection | Flaw::InactiveConnection => ErrorCode::ConnectionNotFound,
            Flaw::InvalidInput | Flaw::WrongDryRun => ErrorCode::InvalidInput,
            // A framework may refuse it before the API is reached.
            Flaw::MalformedBody if outcome.is_bare_client_error() => return true,
            Flaw::MalformedBody => ErrorCode::InvalidInput,
            Flaw::GatedTool => ErrorCode::ApprovalRequired,
        };
        outcome.is(&code)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Flaw::NoKey => "no key",
            Flaw::UnknownKey => "unknown key",
            Flaw::ForbiddenTool => "forbidden tool",
            Flaw::UnknownTool => "unknown tool",
            Flaw::UnknownConnection => "unknown connection",
            Flaw::InactiveConnection => "inactive connection",
            Flaw::InvalidInput => "invalid input",
            Flaw::WrongDryRun => "dry_run of a wrong type",
            Flaw::MalformedBody => "body that is not JSON",
            Flaw::GatedTool => "gated tool (dry run)",
        })
    }
}

/// What the hub answered where the contract leaves the answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// What was tried.
    pub question: Question,
    /// What the call ended in.
    pub outcome: Outcome,
    /// Of a success, whether its data is that of the call before it; `None` where there is none before it.
    pub replayed: Option<bool>,
}

/// What the contract does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// The body has a member that the reference does not know.
    UnknownMember,
    /// A dry run has the idempotency key of a call before it.
    DryRunUnderUsedKey,
    /// The call before it, once more under its idempotency key, but with the workspace's second API key.
    UsedKeyFromSecondApiKey,
    /// The call before it, once more under its idempotency key, but on another connection.
    UsedKeyOnOtherConnection,
}

impl Question {
    /// Every question, in the order in which they are shown.
    pub const ALL: [Question; 4] = [
        Question::UnknownMember,
        Question::DryRunUnderUsedKey,
        Question::UsedKeyFromSecondApiKey,
        Question::UsedKeyOnOtherConnection,
    ];

    /// Its name in reports and ids of cases.
    pub const fn name(self) -> &'static str {
        match self {
            Question::UnknownMember => "unknown_member",
            Question::DryRunUnderUsedKey => "dry_run_under_used_key",
            Question::UsedKeyFromSecondApiKey => "used_key_from_second_api_key",
            Question::UsedKeyOnOtherConnection => "used_key_on_other_connection",
        }
    }

    /// The question of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.name() == name)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Question::UnknownMember => "a body with a member that the reference does not know",
            Question::DryRunUnderUsedKey => "a dry run under a used idempotency key",
            Question::UsedKeyFromSecondApiKey => "a used idempotency key from the workspace's second API key",
            Question::UsedKeyOnOtherConnection => "a used idempotency key on another connection",
        })
    }
}

/// What a tool gave at two connectors for the same calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedTool {
    /// The tool.
    pub tool: String,
    /// The connectors: the run's own, and the other.
    pub connectors: [String; 2],
    /// What came of it.
    pub comparison: Comparison,
}

/// What comes of comparing two connectors' results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// They are equal, but for ids, times and what else is the vendor's own.
    Equal,
    /// They differ: each difference with its place, in words.
    Different(Vec<String>),
    /// They cannot be compared; why, in words.
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(first: Flaw, second: Flaw, outcome: Outcome) -> Option<Flaw> {
        Precedence { first, second, outcome }.answered()
    }

    #[test]
    fn an_answer_is_about_the_flaw_whose_code_it_has() {
        let code = Outcome::Error;
        let both = [Flaw::UnknownTool, Flaw::MalformedBody];
        let of_both = |outcome| answered(both[0], both[1], outcome);
        assert_eq!(of_both(code(ErrorCode::ToolNotFound)), Some(Flaw::UnknownTool));
        assert_eq!(of_both(code(ErrorCode::InvalidInput)), Some(Flaw::MalformedBody));
        assert_eq!(of_both(Outcome::Bare(415)), Some(Flaw::MalformedBody));
        assert_eq!(of_both(Outcome::Bare(500)), None);
        assert_eq!(of_both(Outcome::Success), None);
        let gated = answered(Flaw::NoKey, Flaw::GatedTool, code(ErrorCode::ApprovalRequired));
        assert_eq!(gated, Some(Flaw::GatedTool));
    }

    #[test]
    fn names_are_read_again() {
        for flaw in Flaw::ALL {
            assert_eq!(Flaw::of_name(flaw.name()), Some(flaw));
            assert_eq!(serde_json::json!(flaw), flaw.name());
        }
        for question in Question::ALL {
            assert_eq!(Question::of_name(question.name()), Some(question));
            assert_eq!(serde_json::json!(question), question.name());
        }
        assert_eq!((Flaw::of_name("no key"), Question::of_name("")), (None, None));
    }
}
