//! A requirement: what it asks, who says so, and what came of it.

use hubproof_model::judgment::Verdict;
use maud::{Markup, html};

use super::badge::badge;
use super::prose::prose;
use super::room::Room;
use super::violation::{self, Shown};
use crate::clusters::{self, Cluster};
use crate::document::requirement::RequirementReport;
use crate::figures::{count, counted};
use crate::printable::visible;
use crate::standing::Standing;

/// How many violations of a cluster are on the page at most, and how many of its tools are named.
const MOST_OF_CLUSTER: usize = 50;
const MOST_TOOLS: usize = 200;

/// A requirement, open where it is broken.
pub(super) fn entry(requirement: &RequirementReport, standing: Standing, room: &mut Room) -> Markup {
    let is_open = matches!(standing, Standing::Broken | Standing::Warning);
    html! {
        details.requirement id=(requirement.id) data-standing=(standing.name()) data-area=(requirement.id.area.code())
            data-words=(words(requirement)) open[is_open] {
            summary {
                (badge(standing)) " "
                strong { (requirement.id) } " "
                span.level { (requirement.level) } " "
                (prose(&requirement.title)) " "
                span.muted { (weight(requirement)) }
            }
            blockquote { (prose(&requirement.statement)) }
            @if !requirement.why.is_empty() { p { (prose(&requirement.why)) } }
            p.muted { "Source: " (visible(&requirement.source)) " (" (requirement.basis) ")" }
            // A violated requirement's reason is its first violation, which stands below.
            @if let Some(reason) = requirement.reason.as_deref().filter(|_| requirement.verdict != Verdict::Violated) {
                p { strong { (reason_label(requirement.verdict)) } " " (prose(reason)) }
            }
            @if let Some(undecided) = &requirement.undecided {
                p { strong { "Some cases allowed no verdict:" } " " (prose(undecided)) }
            }
            (grants(&requirement.grants))
            (violations(requirement, room))
        }
    }
}

/// What the search looks in, in lower case.
fn words(requirement: &RequirementReport) -> String {
    let tools = requirement.violated_tools.keys().take(MOST_TOOLS);
    let parts = [
        requirement.id.to_string(),
        requirement.title.clone(),
        requirement.statement.clone(),
    ];
    let parts: Vec<_> = parts.into_iter().chain(tools.cloned()).collect();
    visible(&parts.join(" ").to_lowercase()).into_owned()
}

fn weight(requirement: &RequirementReport) -> String {
    match requirement.verdict {
        Verdict::Violated => {
            let cases = counted(requirement.cases, "case");
            format!("{} in {cases}", counted(requirement.violation_count, "violation"))
        }
        Verdict::Held => counted(requirement.cases, "case"),
        Verdict::NotExercised | Verdict::Inconclusive => String::new(),
    }
}

fn reason_label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "Not shown:",
        Verdict::Violated | Verdict::NotExercised | Verdict::Inconclusive => "Why:",
    }
}

/// What would exercise it.
pub(super) fn grants(grants: &[String]) -> Markup {
    html! {
        @if !grants.is_empty() {
            p { "To show it, set:" }
            ul.grants { @for grant in grants { li { code { (visible(grant)) } } } }
        }
    }
}

fn violations(requirement: &RequirementReport, room: &mut Room) -> Markup {
    let clusters = clusters::of(requirement);
    let told = requirement.shown(usize::MAX);
    html! {
        @for (index, cluster) in clusters.iter().enumerate() {
            @let first: Shown = if index == 0 { violation::first } else { violation::first_of_kind };
            (of_cluster(cluster, clusters.len() > 1, first, room))
        }
        @if requirement.violation_count > told {
            p.muted { "… and " (count(requirement.violation_count - told)) " of these, which the run counted and did not keep" }
        }
    }
}

fn of_cluster(cluster: &Cluster<'_>, is_one_of_several: bool, first: Shown, room: &mut Room) -> Markup {
    let (shown, hidden) = cluster
        .violations
        .split_at(cluster.violations.len().min(MOST_OF_CLUSTER));
    let tools = &cluster.kind.tools;
    html! {
        section.cluster {
            h4 {
                (prose(&cluster.kind.summary)) " "
                @if cluster.kind.count > 1 || is_one_of_several { span.count { (count(cluster.kind.count)) "×" } }
            }
            @if tools.len() > 1 {
                details.tools {
                    summary { "in " (counted(tools.len() as u64, "tool")) }
                    p { @for tool in tools.iter().take(MOST_TOOLS) { code { (visible(tool)) } " " } }
                    @if tools.len() > MOST_TOOLS { p.muted { "… and " (count((tools.len() - MOST_TOOLS) as u64)) " more" } }
                }
            }
            @for (index, own) in shown.iter().enumerate() {
                @if index == 0 { (first(own, room)) } @else { (violation::further(own, room)) }
            }
            @if !hidden.is_empty() {
                p.muted { "… and " (count(hidden.len() as u64)) " more like these: see report.json" }
            }
        }
    }
}
