//! What was not shown, and what to set to show it.

use hubproof_model::judgment::Verdict;

use super::page::Page;
use super::style::Style;
use super::{name, of_verdict};
use crate::document::Report;
use crate::document::requirement::RequirementReport;
use crate::figures::count;

/// Each line that grants something with the requirements it opens, then those that nothing here opens.
pub(super) fn write(page: &mut Page, report: &Report, verbose: bool) {
    let (granted, other): (Vec<_>, Vec<_>) =
        of_verdict(report, Verdict::NotExercised).partition(|result| !result.grants.is_empty());
    if granted.is_empty() && other.is_empty() {
        return;
    }
    page.gap();
    // A list of all there are would bury why.
    if let (false, [], [first, _, ..]) = (verbose, granted.as_slice(), other.as_slice()) {
        let is_all = other.len() == report.requirements.len();
        if is_all && other.iter().all(|own| own.reason == first.reason) {
            let text = format!("all {} requirements: {}", count(other.len() as u64), reason(first));
            return page.headed(0, Style::Warning, "Not exercised", Style::Plain, &text);
        }
    }
    page.prose(0, Style::Warning, "Not exercised");
    for (grant, results) in grouped(&granted, |result| result.grants.clone()) {
        page.headed(2, Style::Plain, "set", Style::Bold, &grant);
        page.prose(6, Style::Plain, &format!("for {}", ids(&results)));
    }
    if verbose {
        granted.iter().for_each(|result| reasoned(page, result));
    }
    for (why, results) in grouped(&other, |result| vec![reason(result).to_owned()]) {
        match results.as_slice() {
            [only] => reasoned(page, only),
            several => {
                page.headed(2, Style::Plain, "-", Style::Plain, &why);
                page.prose(6, Style::Plain, &ids(several));
            }
        }
    }
}

/// The results under each of their headings, in the order in which the headings first occur.
fn grouped<'r>(
    results: &[&'r RequirementReport],
    headings: impl Fn(&RequirementReport) -> Vec<String>,
) -> Vec<(String, Vec<&'r RequirementReport>)> {
    let mut groups: Vec<(String, Vec<&RequirementReport>)> = Vec::new();
    for result in results {
        for heading in headings(result) {
            match groups.iter_mut().find(|(known, _)| *known == heading) {
                Some((_, members)) => members.push(result),
                None => groups.push((heading, vec![result])),
            }
        }
    }
    groups
}

fn ids(results: &[&RequirementReport]) -> String {
    let ids: Vec<_> = results.iter().map(|result| result.id.to_string()).collect();
    ids.join(", ")
}

fn reason(result: &RequirementReport) -> &str {
    result.reason.as_deref().unwrap_or("nothing in the run exercised it")
}

fn reasoned(page: &mut Page, result: &RequirementReport) {
    let text = format!("{}: {}", name(result), reason(result));
    page.headed(2, Style::Plain, "-", Style::Plain, &text);
}
