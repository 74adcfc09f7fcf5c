//! What a run did not show, by why: green must not be taken for more than it proves.

use std::collections::BTreeMap;

use hubproof_model::judgment::Verdict;

use crate::document::Report;
use crate::document::requirement::RequirementReport;

/// Requirements that were not exercised for one and the same reason.
#[derive(Debug)]
pub(crate) struct Unexercised<'r> {
    /// The profile lines or flags that would exercise them; none where nothing here would.
    pub(crate) grants: &'r [String],
    /// Why they were not.
    pub(crate) reason: &'r str,
    /// The requirements, in the order of the report.
    pub(crate) requirements: Vec<&'r RequirementReport>,
}

/// The requirements that were not exercised, by what would exercise them and why they were not.
pub(crate) fn of(report: &Report) -> Vec<Unexercised<'_>> {
    let mut groups: BTreeMap<(&[String], &str), Vec<&RequirementReport>> = BTreeMap::new();
    let unexercised = report.requirements.iter();
    for own in unexercised.filter(|own| own.verdict == Verdict::NotExercised) {
        let reason = own.reason.as_deref().unwrap_or("nothing in the run exercised it");
        groups.entry((&own.grants, reason)).or_default().push(own);
    }
    let groups = groups.into_iter();
    groups
        .map(|((grants, reason), requirements)| Unexercised {
            grants,
            reason,
            requirements,
        })
        .collect()
}
