//! What is tried and recorded beside the requirements where the contract promises nothing (contract: "How requirements are judged").
//! Its cases belong to no requirement, and nothing judges their exchanges.

mod equal_results;
mod precedence;
mod undecided;

use std::collections::BTreeMap;

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::observations::Observations;
use hubproof_model::surface::Surface;

use crate::site::Site;

/// The cases that show it on this site.
pub fn plan(site: &Site<'_>) -> Vec<Case> {
    let mut cases = precedence::plan(site);
    cases.extend(undecided::plan(site));
    cases.extend(equal_results::plan(site));
    cases
}

/// Whether an exchange belongs to such a case.
pub fn is_observation(exchange: &Exchange) -> bool {
    [precedence::PREFIX, undecided::PREFIX, equal_results::PREFIX]
        .iter()
        .any(|prefix| exchange.case.starts_with(prefix))
}

/// Whether a case may call on connections whose vendor is played, sound, for other cases.
pub fn may_call_played(case: &str) -> bool {
    case.starts_with(equal_results::PREFIX)
}

/// In a run of a connector on this site, the tools whose results it compares with no other connector's, and why.
pub fn uncompared(site: &Site<'_>) -> BTreeMap<String, String> {
    equal_results::uncompared(site)
}

/// What the exchanges of a run show. Those of other cases, and those without an answer, show nothing.
pub fn read<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>, surface: &Surface) -> Observations {
    let exchanges: Vec<_> = exchanges
        .into_iter()
        .filter(|exchange| is_observation(exchange))
        .collect();
    Observations {
        precedence: precedence::read(&exchanges),
        undecided: undecided::read(&exchanges),
        equal_results: equal_results::read(&exchanges, surface),
        uncompared: BTreeMap::new(),
    }
}
