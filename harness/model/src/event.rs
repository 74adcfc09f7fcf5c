//! What happens in a run, as it happens. Progress displays read it; verdicts come from the run record.

use std::fmt;
use std::time::Duration;

use crate::judgment::Verdict;
use crate::requirement::RequirementId;
use crate::role::Role;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Discovery has begun.
    Discovering {
        /// The base URL.
        target: String,
    },
    /// Discovery is done.
    Discovered {
        /// How many tools were found.
        tools: usize,
    },
    /// The profile says what the hub contradicts; the run goes on without it.
    Mistaken {
        /// The place in the profile, and what is wrong there.
        text: String,
    },
    /// The plan stands.
    Planned {
        /// How many cases will be sent.
        cases: usize,
        /// How many requirements they exercise.
        requirements: usize,
    },
    /// A case has gone out.
    CaseStarted {
        /// Its id.
        case: String,
    },
    /// A case was answered and judged.
    CaseFinished {
        /// Its id.
        case: String,
        /// The requirements that it was seen to break.
        violated: Vec<RequirementId>,
        /// How many calls it sent.
        calls: usize,
    },
    /// Calls of a key wait for the target. Said once a window.
    Throttled {
        /// Whose calls; `None` for those without a key.
        role: Option<Role>,
        /// For how long.
        wait: Duration,
        /// Why.
        why: Throttling,
    },
    /// A limit was exhausted on purpose; the run waits for its reset.
    AwaitingReset {
        /// For how long.
        wait: std::time::Duration,
    },
    /// Someone has to decide on a call that waits for approval.
    AwaitingApproval {
        /// What, on which call, and where, in words.
        text: String,
        /// The longest that the run waits.
        wait: std::time::Duration,
    },
    /// What the run made is being removed.
    CleaningUp {
        /// How many records.
        records: usize,
    },
    /// The smallest input that shows a violation is looked for.
    Shrinking {
        /// What is violated.
        id: RequirementId,
        /// On which tool, if one.
        tool: Option<String>,
    },
    /// The shortest sequence of operations that shows a violation is looked for.
    Shortening {
        /// What is violated.
        id: RequirementId,
        /// On which tool, if one.
        tool: Option<String>,
    },
    /// A requirement has its verdict.
    Judged {
        /// Which.
        id: RequirementId,
        /// The verdict.
        verdict: Verdict,
    },
    /// The run was told to stop.
    Interrupted,
}

/// Why calls wait for the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Throttling {
    /// It answered 429.
    Refused,
    /// Its headers tell that no more calls are left than are in flight.
    NearlySpent {
        /// How many are left.
        remaining: f64,
    },
}

impl fmt::Display for Throttling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Throttling::Refused => f.write_str("the limit is reached"),
            Throttling::NearlySpent { remaining } => write!(f, "{remaining} calls are left of the limit"),
        }
    }
}
