//! Violations that are alike but for their tool and their numbers: one bug, most likely.

use std::collections::{BTreeSet, HashMap};

use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;

/// Violations that are alike.
pub(crate) struct Cluster<'r> {
    /// What they have in common, `…` where they differ.
    pub(crate) summary: String,
    /// The violations, in the order of the report.
    pub(crate) violations: Vec<&'r Violation>,
}

impl Cluster<'_> {
    /// How many violations there were, folded ones too.
    pub(crate) fn count(&self) -> u64 {
        let alike = |violation: &&Violation| violation.alike.saturating_add(1);
        self.violations.iter().map(alike).fold(0, u64::saturating_add)
    }

    /// The tools that they are about.
    pub(crate) fn tools(&self) -> BTreeSet<&str> {
        self.violations
            .iter()
            .filter_map(|violation| violation.tool.as_deref())
            .collect()
    }
}

/// The clusters of a requirement's violations, the largest first.
pub(crate) fn of(requirement: &RequirementReport) -> Vec<Cluster<'_>> {
    let mut clusters: Vec<(String, Cluster<'_>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for violation in &requirement.violations {
        let sign = sign(violation);
        let place = *places.entry(sign.clone()).or_insert(clusters.len());
        match clusters.get_mut(place) {
            Some((_, cluster)) => cluster.violations.push(violation),
            None => {
                let cluster = Cluster {
                    summary: violation.summary.clone(),
                    violations: vec![violation],
                };
                clusters.push((sign, cluster));
            }
        }
    }
    let mut clusters: Vec<_> = clusters
        .into_iter()
        .map(|(sign, mut cluster)| {
            if cluster.violations.iter().any(|own| own.summary != cluster.summary) {
                cluster.summary = sign;
            }
            cluster
        })
        .collect();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.count()));
    clusters
}

/// The summary without what differs between tools and tries: the tool's key, and digits.
pub(crate) fn sign(violation: &Violation) -> String {
    let summary = match violation.tool.as_deref().filter(|tool| !tool.is_empty()) {
        Some(tool) => violation.summary.replace(tool, "…"),
        None => violation.summary.clone(),
    };
    let mut sign = String::with_capacity(summary.len());
    for character in summary.chars() {
        match character {
            '0'..='9' if sign.ends_with('…') => {}
            '0'..='9' => sign.push('…'),
            other => sign.push(other),
        }
    }
    sign
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    fn violation(tool: Option<&str>, summary: &str, alike: u64) -> Violation {
        let report = canned::report(&canned::complete());
        let any = report
            .requirements
            .iter()
            .find_map(|own| own.violations.first())
            .unwrap();
        Violation {
            tool: tool.map(str::to_owned),
            summary: summary.to_owned(),
            alike,
            ..any.clone()
        }
    }

    #[test]
    fn alike_ones_are_told_by_what_differs_in_tool_and_number_alone() {
        let report = canned::report(&canned::complete());
        let requirement = RequirementReport {
            violations: vec![
                violation(Some("a.b.c"), "a.b.c was executed", 0),
                violation(Some("d.e.f"), "answered 200 after 12 ms", 3),
                violation(Some("x.y.z"), "x.y.z was executed", 0),
                violation(None, "answered 500 after 7 ms", 1),
            ],
            ..report.requirements[0].clone()
        };
        let told: Vec<_> = of(&requirement)
            .iter()
            .map(|cluster| (cluster.summary.clone(), cluster.count(), cluster.tools().len()))
            .collect();
        assert_eq!(
            told,
            [
                ("answered … after … ms".to_owned(), 6, 1),
                ("… was executed".to_owned(), 2, 2),
            ]
        );
    }
}
