//! What kept the calls of a bench from succeeding, by kind.

use std::collections::BTreeMap;
use std::fmt;

use crate::exchange::{Exchange, Fault};
use crate::outcome::Outcome;

/// How many kinds are told apart: a hub may make codes up without end.
const MOST_KINDS: usize = 32;

/// A kind of failure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// No connection could be made.
    NoConnection,
    /// The connection broke before the answer was whole.
    Broken,
    /// No whole answer in the profile's time, or by the end of the bench.
    TimedOut,
    /// What came back is not HTTP.
    NotHttp,
    /// An answer that is no success: the status, and the error's code where it has one.
    Answered {
        /// The status.
        status: u16,
        /// `error.code`.
        code: Option<String>,
    },
    /// Any of more kinds than are told apart.
    Other,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoConnection => f.pad("no connection"),
            Failure::Broken => f.pad("connection broken"),
            Failure::TimedOut => f.pad("timed out"),
            Failure::NotHttp => f.pad("not HTTP"),
            Failure::Answered {
                status,
                code: Some(code),
            } => f.pad(&format!("HTTP {status} {code}")),
            Failure::Answered { status, code: None } => f.pad(&format!("HTTP {status}")),
            Failure::Other => f.pad("other"),
        }
    }
}

impl Failure {
    /// Its name in documents.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Failure::NoConnection => "no_connection",
            Failure::Broken => "broken",
            Failure::TimedOut => "timed_out",
            Failure::NotHttp => "not_http",
            Failure::Answered { .. } => "answered",
            Failure::Other => "other",
        }
    }

    /// What an exchange came to that is no success.
    pub fn of(exchange: &Exchange) -> Self {
        match &exchange.result {
            Err(Fault::Connect(_)) => Failure::NoConnection,
            Err(Fault::TimedOut(_)) => Failure::TimedOut,
            Err(Fault::Protocol(_)) => Failure::NotHttp,
            Err(_) => Failure::Broken,
            Ok(response) => Failure::Answered {
                status: response.status,
                code: match Outcome::of(exchange) {
                    Outcome::Error(code) => Some(code.as_str().chars().take(64).collect()),
                    _ => None,
                },
            },
        }
    }
}

/// How often each kind was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    counts: BTreeMap<Failure, u64>,
}

impl Failures {
    /// Counts some of a kind.
    pub fn count(&mut self, failure: Failure, times: u64) {
        let is_new = !self.counts.contains_key(&failure);
        let kind = if is_new && self.counts.len() >= MOST_KINDS {
            Failure::Other
        } else {
            failure
        };
        *self.counts.entry(kind).or_default() += times;
    }

    /// Takes in all of another count.
    pub fn add(&mut self, other: Failures) {
        other
            .counts
            .into_iter()
            .for_each(|(kind, times)| self.count(kind, times));
    }

    /// Each kind with how often it was met, the most frequent first.
    #[must_use]
    pub fn all(&self) -> Vec<(&Failure, u64)> {
        let mut all: Vec<_> = self.counts.iter().map(|(kind, times)| (kind, *times)).collect();
        all.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_without_end_are_counted_together() {
        let mut failures = Failures::default();
        for number in 0..1000 {
            let code = Some(format!("CODE_{number}"));
            failures.count(Failure::Answered { status: 500, code }, 1);
        }
        failures.count(Failure::TimedOut, 2000);
        let all = failures.all();
        assert!(all.len() <= MOST_KINDS + 1);
        assert_eq!(all.iter().map(|(_, times)| times).sum::<u64>(), 3000);
    }
}
