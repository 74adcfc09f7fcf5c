//! A check that sequences exercise, too.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::Requirement;

use super::judge::judge;
use super::model::is_rule;
use super::script::{cases, is_sequence};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::site::Site;

/// A check with the run's sequences beside its own cases: of these it says what they show of its requirement. One whose requirement no
/// sequence can violate is as it was.
pub(crate) struct Sequenced(pub(crate) &'static dyn Check);

impl Check for Sequenced {
    fn requirement(&self) -> &'static Requirement {
        self.0.requirement()
    }

    fn scope(&self) -> Scope {
        self.0.scope()
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut planned = self.0.plan(site)?;
        if is_rule(self.requirement().id) {
            planned.extend(cases(site, self.requirement().id));
        }
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
