//! The seam between the engine and a requirement.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::Requirement;

use crate::evidence::Evidence;
use crate::site::Site;

/// A requirement with the code that exercises it.
pub trait Check: Sync {
    /// What people read about it.
    fn requirement(&self) -> &'static Requirement;

    /// What a judge of it looks at.
    fn scope(&self) -> Scope {
        Scope::Case
    }

    /// The cases that exercise it on this site, in a stable order that the site's seed decides. Sends nothing. The needs that
    /// the requirement declares are already granted when this is called.
    ///
    /// # Errors
    /// Why the site offers nothing to exercise it on.
    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised>;

    /// What the evidence shows: one finding for each thing judged. A pure function, so that recorded exchanges test it and an
    /// old run can be judged again.
    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding>;

    /// The case with the input of the call of this label one step smaller, the smallest first: what may still break the requirement
    /// in the same way. Sends nothing; whether it does is judged of each as of a planned case. The ids are the case's own.
    /// `None` where the requirement is not about generated inputs.
    fn smaller(&self, site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
        let _ = (site, case, label);
        None
    }
}

/// What a judge looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The exchanges of one planned case: `judge` is called for each case.
    Case,
    /// Every exchange of the run, those of discovery and of other requirements' cases too: `judge` is called once, at the end.
    /// The planned cases only make sure that there is something to look at.
    Log,
}
