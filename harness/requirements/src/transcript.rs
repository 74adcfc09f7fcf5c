//! A recorded piece of evidence: what a judge saw once, kept in a file so that it can be judged again.

use hubproof_model::case::{Case, Deed};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Finding;
use hubproof_model::requirement::RequirementId;
use hubproof_model::surface::Surface;
use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::schemas::Schemas;

/// A file of `fixtures/exchanges`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transcript {
    /// The requirement whose judge saw it.
    pub requirement: RequirementId,
    /// The defect of the reference hub that it was recorded from; `None` for the clean hub.
    pub defect: Option<String>,
    /// What was known of the target, as far as the judge needs it.
    pub surface: Surface,
    /// The case; `None` for a judge that looks at the log.
    pub case: Option<Case>,
    /// The exchanges, in the order of sending.
    pub exchanges: Vec<Exchange>,
    /// What came of the case's steps that are no calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deeds: Vec<Deed>,
}

impl Transcript {
    /// What the check's judge finds in it.
    pub fn judge(&self, check: &dyn Check) -> Vec<Finding> {
        let schemas = Schemas::of(&self.surface);
        check.judge(&Evidence {
            surface: &self.surface,
            schemas: &schemas,
            case: self.case.as_ref(),
            exchanges: self.exchanges.iter().collect(),
            deeds: &self.deeds,
        })
    }

    /// Whether the judge finds the requirement held in it: at least one finding, and all of them held.
    pub fn shows_held(&self, check: &dyn Check) -> bool {
        let findings = self.judge(check);
        !findings.is_empty() && findings.iter().all(|finding| *finding == Finding::Held)
    }

    /// Whether the judge finds the requirement violated in it.
    pub fn shows_violated(&self, check: &dyn Check) -> bool {
        self.judge(check)
            .iter()
            .any(|finding| matches!(finding, Finding::Violated(_)))
    }
}
