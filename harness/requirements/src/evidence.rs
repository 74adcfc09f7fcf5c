//! What a judge is given.

use hubproof_model::case::{Case, Deed, Done};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::surface::Surface;

use crate::schemas::Schemas;

/// The exchanges to judge, and what is known of the target.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// What discovery found.
    pub surface: &'a Surface,
    /// The schemas of the run.
    pub schemas: &'a Schemas,
    /// The case that the exchanges belong to; `None` where they are the whole log.
    pub case: Option<&'a Case>,
    /// The exchanges, in the order of sending.
    pub exchanges: Vec<&'a Exchange>,
    /// What came of the case's steps that are no calls, in their order.
    pub deeds: &'a [Deed],
}

impl<'a> Evidence<'a> {
    /// What was done in the step of this label.
    ///
    /// # Errors
    /// A finding that nothing was exercised, and why: what keeps a step from being done is not the hub's doing.
    pub fn done(&self, label: &str) -> Result<&'a Done, Finding> {
        let deed = self
            .deeds
            .iter()
            .find(|deed| deed.label == label)
            .ok_or_else(|| Finding::Inconclusive(format!("the {label} step was not done")))?;
        let unexercised = |why: &String| Finding::NotExercised(Unexercised::NotApplicable(why.clone()));
        deed.outcome.as_ref().map_err(unexercised)
    }

    /// The answered exchange of this label in the case.
    ///
    /// # Errors
    /// An inconclusive finding where it was not sent, or not answered.
    pub fn answered(&self, label: &str) -> Result<&'a Exchange, Finding> {
        let exchange = self
            .exchanges
            .iter()
            .find(|exchange| exchange.call.label == label)
            .ok_or_else(|| Finding::Inconclusive(format!("the {label} call was not sent")))?;
        match &exchange.result {
            Ok(_) => Ok(exchange),
            Err(fault) => Err(Finding::Inconclusive(format!(
                "the {label} call has no answer: {fault}"
            ))),
        }
    }
}
