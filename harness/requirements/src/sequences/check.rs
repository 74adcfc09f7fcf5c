//! A check that sequences exercise, too.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::Requirement;

use super::judge::judge;
use super::script::{cases, is_sequence};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::site::Site;

/// A check of scope `Case`, with the run's sequences beside its own cases: of these it says what they show of its requirement.
pub(crate) struct Sequenced<C>(pub(crate) C);

impl<C: Check> Check for Sequenced<C> {
    fn requirement(&self) -> &'static Requirement {
        self.0.requirement()
    }

    fn scope(&self) -> Scope {
        self.0.scope()
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut planned = self.0.plan(site)?;
        planned.extend(cases(site, self.requirement().id));
        Ok(planned)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        if !evidence.case.is_some_and(is_sequence) {
            return self.0.judge(evidence);
        }
        let found = judge(evidence).into_iter();
        let own = found.filter(|(id, _)| *id == self.requirement().id);
        own.map(|(_, finding)| finding).collect()
    }

    fn smaller(&self, site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
        match is_sequence(case) {
            true => None,
            false => self.0.smaller(site, case, label),
        }
    }
}
