//! Which latencies are recorded together: those of one place and one kind of outcome.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::histogram::Histogram;

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
    /// The hub or the vendor failed (5xx).
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

/// A histogram for each series that was met.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    by_series: BTreeMap<Series, Histogram>,
}

impl Recorder {
    /// Takes in one latency.
    pub fn record(&mut self, series: &Series, latency: Duration) {
        match self.by_series.get_mut(series) {
            Some(histogram) => histogram.record(latency),
            None => self.by_series.entry(series.clone()).or_default().record(latency),
        }
    }

    /// Takes in all of another one, without loss.
    pub fn add(&mut self, other: &Recorder) {
        for (series, histogram) in &other.by_series {
            self.by_series.entry(series.clone()).or_default().add(histogram);
        }
    }

    /// The histograms, sorted by series.
    pub fn all(&self) -> impl Iterator<Item = (&Series, &Histogram)> {
        self.by_series.iter()
    }

    /// All of one kind together.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Histogram {
        let mut sum = Histogram::default();
        let own = self.by_series.iter().filter(|(series, _)| series.kind == kind);
        own.for_each(|(_, histogram)| sum.add(histogram));
        sum
    }
}
