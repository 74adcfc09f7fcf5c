//! The evidence of a violated requirement, folded.

use super::text::{block, prose};
use crate::clusters::{self, Cluster};
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;
use crate::figures::{count, counted};
use crate::known::excuse;
use crate::printable::shortened;
use crate::smallest::{search, shortened as shortened_sequence};

/// How many kinds of violations are shown with their evidence, and how many of a kind's tools are named.
const MOST_KINDS: usize = 3;
const MOST_TOOLS: usize = 10;
/// The most characters of a fact, of a text in a line, and of a line to run.
const FACT: usize = 1_000;
const LINE: usize = 300;
const RUN_LINE: usize = 2_000;

/// All of it behind a line.
pub(super) fn folded(requirement: &RequirementReport) -> String {
    let tools = match requirement.violated_tools.len() {
        0 => String::new(),
        tools => format!(" by {}", counted(tools as u64, "tool")),
    };
    let violations = counted(requirement.violation_count, "violation");
    let known = match requirement.known_count {
        known if known > 0 && requirement.is_broken() => format!(", {} of them known", count(known)),
        _ => String::new(),
    };
    // Between the tags of a line stands nothing but what hubproof says itself: no Markdown is read there.
    let mut folded = format!(
        "<details><summary>{}: {violations}{tools}{known}</summary>\n\n{}\n\nSource: {} ({})\n\n",
        requirement.id,
        prose(&shortened(&requirement.statement, FACT)),
        prose(&shortened(&requirement.source, LINE)),
        requirement.basis
    );
    let clusters = clusters::of(requirement);
    for cluster in clusters.iter().take(MOST_KINDS) {
        folded.push_str(&kind(cluster));
    }
    if clusters.len() > MOST_KINDS {
        let more = count((clusters.len() - MOST_KINDS) as u64);
        folded.push_str(&format!("… and {more} of other kinds: see `report.json`.\n\n"));
    }
    folded + "</details>\n"
}

fn kind(cluster: &Cluster<'_>) -> String {
    let summary = prose(&shortened(&cluster.kind.summary, LINE));
    let Some(first) = cluster.violations.first() else {
        return format!("{} × {summary} (counted, and not kept)\n\n", count(cluster.kind.count));
    };
    let line = first.reproduce.run.as_str();
    let again = match line.chars().count() {
        0..=RUN_LINE => block("sh", &[line]),
        _ => "The line that shows it again is in `report.json`.\n".to_owned(),
    };
    format!(
        "{} × {summary}\n\n{}\n{again}\n",
        count(cluster.kind.count),
        block("text", &facts(cluster, first))
    )
}

fn facts(cluster: &Cluster<'_>, first: &Violation) -> Vec<String> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, text: &str| facts.push(format!("{label:<9} {}", shortened(text, FACT)));
    let tools = &cluster.kind.tools;
    for tool in tools.iter().take(MOST_TOOLS) {
        fact("tool", &shortened(tool, LINE));
    }
    if tools.len() > MOST_TOOLS {
        fact("", &format!("… and {} more", count((tools.len() - MOST_TOOLS) as u64)));
    }
    fact("case", &first.case);
    fact("expected", &first.expected);
    fact("observed", &first.observed);
    if let Some(assertion) = &first.assertion {
        let (at, schema) = (&assertion.instance_pointer, &assertion.schema_pointer);
        fact(
            "assertion",
            &format!("{} at \"{at}\" (schema \"{schema}\")", assertion.keyword),
        );
    }
    if let Some(smallest) = &first.smallest {
        let (input, is_cut) = smallest.input.line();
        fact("input", &if is_cut { format!("{input} …") } else { input });
        fact("", &search(smallest));
    }
    if let Some(sequence) = &first.sequence {
        fact("sequence", &shortened_sequence(sequence));
        for operation in &sequence.operations {
            fact("", operation);
        }
    }
    if let Some(known) = &first.known {
        fact("known", &excuse(known));
    }
    facts
}
