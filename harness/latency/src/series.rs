//! Which latencies are recorded together: those of one place and one kind of outcome.

use std::fmt;

/// What was called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `GET /tools`.
    Listing,
    /// `GET /tools/{tool}`.
    Definition,
    /// `POST /tools/{tool}/execute` of this tool.
    Execute(String),
    /// Anything else: approvals, unknown routes.
    Other,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Place::Listing => "listing",
            Place::Definition => "definition",
            Place::Execute(tool) => tool,
            Place::Other => "other",
        })
    }
}

/// How it came out. Latencies of unlike kinds are never mixed: a refusal is quick, a replay saves the vendor's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A success that the hub worked for.
    Success,
    /// A success under an idempotency key that had succeeded before.
    Replay,
    /// A refusal (4xx, RATE_LIMITED apart).
    ClientError,
    /// RATE_LIMITED.
    Throttled,
    /// The hub or the vendor failed (5xx), or its answer was none that an execute has: a redirect, a page, a body without end.
    ServerError,
    /// No whole answer came: the time until that was known.
    NoAnswer,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 6] = [
        Kind::Success,
        Kind::Replay,
        Kind::ClientError,
        Kind::Throttled,
        Kind::ServerError,
        Kind::NoAnswer,
    ];

    /// Whether the hub did what was asked.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Kind::Success | Kind::Replay)
    }

    /// Its name in reports and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Success => "success",
            Kind::Replay => "replay",
            Kind::ClientError => "client_error",
            Kind::Throttled => "throttled",
            Kind::ServerError => "server_error",
            Kind::NoAnswer => "no_answer",
        }
    }
}

/// A place and a kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// What was called.
    pub place: Place,
    /// How it came out.
    pub kind: Kind,
}

impl Series {
    /// Its tag in a log, under what was measured: `service/success/itsm.tickets.list`.
    #[must_use]
    pub fn tag(&self, measured: &str) -> String {
        format!("{measured}/{}/{}", self.kind.name(), self.place)
    }
}
