//! Violations that are alike but for their tool and their numbers: one bug, most likely.

use std::collections::HashMap;

use hubproof_model::kind::pattern;

use crate::document::kind::Kind;
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;

/// Violations that are alike.
pub(crate) struct Cluster<'r> {
    /// All that there were.
    pub(crate) kind: &'r Kind,
    /// Those that the report holds, in its order.
    pub(crate) violations: Vec<&'r Violation>,
}

/// The clusters of a requirement's violations, the largest first.
pub(crate) fn of(requirement: &RequirementReport) -> Vec<Cluster<'_>> {
    let kinds = requirement.kinds.iter();
    let mut clusters: Vec<_> = kinds
        .map(|kind| Cluster {
            kind,
            violations: Vec::new(),
        })
        .collect();
    let places: HashMap<&str, usize> = (0..)
        .zip(&requirement.kinds)
        .map(|(place, kind)| (kind.pattern.as_str(), place))
        .collect();
    for violation in &requirement.violations {
        let place = places.get(pattern_of(violation).as_str());
        if let Some(cluster) = place.and_then(|place| clusters.get_mut(*place)) {
            cluster.violations.push(violation);
        }
    }
    clusters
}

/// What a violation's kind has in common.
pub(crate) fn pattern_of(violation: &Violation) -> String {
    pattern(violation.tool.as_deref(), &violation.summary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    #[test]
    fn every_violation_stands_with_its_kind() {
        for report in canned::all_reports() {
            for requirement in &report.requirements {
                let clusters = of(requirement);
                let held: usize = clusters.iter().map(|cluster| cluster.violations.len()).sum();
                assert_eq!(held, requirement.violations.len(), "{}", requirement.id);
                let counted: u64 = clusters.iter().map(|cluster| cluster.kind.count).sum();
                assert_eq!(counted, requirement.violation_count, "{}", requirement.id);
            }
        }
    }
}
