//! How many requirements came to which verdict.

use hubproof_model::judgment::Verdict;
use serde::{Deserialize, Serialize};

/// Requirements by verdict.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Exercised, and no case broke it.
    pub held: u64,
    /// A case broke it.
    pub violated: u64,
    /// No case could be sent.
    pub not_exercised: u64,
    /// No case broke it, and at least one allowed no verdict.
    pub inconclusive: u64,
}

impl FromIterator<Verdict> for Tally {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            *match verdict {
                Verdict::Held => &mut tally.held,
                Verdict::Violated => &mut tally.violated,
                Verdict::NotExercised => &mut tally.not_exercised,
                Verdict::Inconclusive => &mut tally.inconclusive,
            } += 1;
        }
        tally
    }
}
