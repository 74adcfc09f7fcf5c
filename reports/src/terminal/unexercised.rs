//! What was not shown, and what to set to show it.

use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunRecord};

use super::page::Page;
use super::style::Style;
use super::{name, of_verdict};

/// Each line that grants something with the requirements it opens, then those that nothing here opens.
pub(super) fn write(page: &mut Page, record: &RunRecord, verbose: bool) {
    let (granted, other): (Vec<_>, Vec<_>) =
        of_verdict(record, Verdict::NotExercised).partition(|result| !result.grants.is_empty());
    if granted.is_empty() && other.is_empty() {
        return;
    }
    page.gap();
    page.prose(0, Style::Warning, "Not exercised");
    for (grant, ids) in by_grant(&granted) {
        page.headed(2, Style::Plain, "set", Style::Bold, grant);
        page.prose(6, Style::Plain, &format!("for {}", ids.join(", ")));
    }
    if verbose {
        for result in &granted {
            reasoned(page, result);
        }
    }
    for result in other {
        reasoned(page, result);
    }
}

/// In the order in which the lines first occur.
fn by_grant<'a>(results: &[&'a RequirementResult]) -> Vec<(&'a str, Vec<String>)> {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for result in results {
        for grant in &result.grants {
            let id = result.id.to_string();
            match groups.iter_mut().find(|(known, _)| known == grant) {
                Some((_, ids)) => ids.push(id),
                None => groups.push((grant, vec![id])),
            }
        }
    }
    groups
}

fn reasoned(page: &mut Page, result: &RequirementResult) {
    let reason = result.reason.as_deref().unwrap_or("nothing in the run exercised it");
    page.headed(
        2,
        Style::Plain,
        "-",
        Style::Plain,
        &format!("{}: {reason}", name(result)),
    );
}
