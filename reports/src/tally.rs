//! How many requirements came to which verdict.

use hubproof_model::judgment::Verdict;
use hubproof_model::record::RequirementResult;
use serde::Serialize;

/// Requirements by verdict.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) held: u64,
    pub(crate) violated: u64,
    pub(crate) not_exercised: u64,
    pub(crate) inconclusive: u64,
}

impl Tally {
    pub(crate) fn of<'a>(results: impl IntoIterator<Item = &'a RequirementResult>) -> Self {
        let mut tally = Self::default();
        for result in results {
            *match result.verdict {
                Verdict::Held => &mut tally.held,
                Verdict::Violated => &mut tally.violated,
                Verdict::NotExercised => &mut tally.not_exercised,
                Verdict::Inconclusive => &mut tally.inconclusive,
            } += 1;
        }
        tally
    }
}
