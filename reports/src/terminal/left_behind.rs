//! What the run made, what is left of it, and what it changed for good.

use super::page::Page;
use super::style::Style;
use crate::document::Report;
use crate::document::side_effects::{Changed, Created, Fate, SideEffects};
use crate::figures::{count, counted};

/// So many records of a tool that are left are named; the JSON report names all.
const NAMED: usize = 6;
/// So many tools are named that changed something for good.
const CHANGES_NAMED: usize = 3;

/// One line where everything was removed; else the records that are left, by tool, and why.
pub(super) fn write(page: &mut Page, report: &Report, verbose: bool) {
    let effects = &report.side_effects;
    let left: Vec<_> = effects.left().collect();
    if *effects == SideEffects::default() {
        return;
    }
    page.gap();
    // A hub that ended with the run holds nothing that anybody would have to remove.
    if report.target.bundled && !verbose && !(left.is_empty() && is_nothing_beside(effects)) {
        let made = counted(effects.created.len() as u64, "record");
        let text =
            format!("{made} created by the run; what is left of them went with the bundled hub (see report.json)");
        page.prose(0, Style::Plain, &text);
        return;
    }
    let made = counted(effects.created.len() as u64, "record");
    match left.len() {
        0 if effects.created.is_empty() => {}
        0 => page.prose(
            0,
            Style::Plain,
            &format!("{made} created by the run, all removed again"),
        ),
        some => {
            let text = format!("{} of {made} created by the run", count(some as u64));
            page.headed(0, Style::Warning, "LEFT BEHIND", Style::Plain, &text);
        }
    }
    let mut alike: Vec<(&str, &str, Vec<&Created>)> = Vec::new();
    for (record, why) in left {
        let is_alike = |(tool, known, _): &&mut (&str, &str, _)| *tool == record.tool && *known == why;
        match alike.iter_mut().find(is_alike) {
            Some((_, _, records)) => records.push(record),
            None => alike.push((&record.tool, why, vec![record])),
        }
    }
    for (tool, why, records) in alike {
        let text = format!("{tool} ({}): {why}", count(records.len() as u64));
        page.headed(2, Style::Plain, "-", Style::Plain, &text);
        let ids = records
            .iter()
            .map(|record| record.id.clone().unwrap_or_else(|| "no id".to_owned()));
        page.prose(6, Style::Plain, &named(ids.collect(), NAMED, verbose));
    }
    waiting(page, report, verbose);
    unknown(page, report, verbose);
    if !effects.changed.is_empty() {
        let executes: u64 = effects.changed.iter().map(|changed| changed.executes).sum();
        let tools = effects
            .changed
            .iter()
            .map(|Changed { tool, executes }| format!("{tool} ({executes})"));
        let text = format!(
            "{} on records that were there before, which nothing takes back: {}",
            counted(executes, "execute"),
            named(tools.collect(), CHANGES_NAMED, verbose)
        );
        page.headed(0, Style::Plain, "changed", Style::Plain, &text);
    }
}

/// Whether nothing waits, was changed for good, or is not known of.
fn is_nothing_beside(effects: &SideEffects) -> bool {
    let waits = effects.waiting.iter().any(|entry| entry.fate == Fate::Left);
    !waits && effects.unknown.is_empty() && effects.changed.is_empty()
}

/// The entries in Approvals that nobody rejected.
fn waiting(page: &mut Page, report: &Report, verbose: bool) {
    let entries = report.side_effects.waiting.iter();
    let left: Vec<_> = entries.filter(|entry| entry.fate == Fate::Left).collect();
    let Some(first) = left.first() else {
        return;
    };
    let why = first.reason.as_deref().unwrap_or_default();
    let calls = counted(left.len() as u64, "call");
    let text = format!("{calls} in Approvals that the run could not withdraw: {why}");
    page.headed(0, Style::Warning, "WAITING", Style::Plain, &text);
    let ids = left.iter().map(|entry| entry.id.clone()).collect();
    page.prose(6, Style::Plain, &named(ids, NAMED, verbose));
}

/// What the run may have done beside, and how to find it.
fn unknown(page: &mut Page, report: &Report, verbose: bool) {
    let unknown = &report.side_effects.unknown;
    if unknown.is_empty() {
        return;
    }
    let calls = counted(unknown.iter().map(|unknown| unknown.calls).sum(), "call");
    let text = format!(
        "{calls} may have done something that nothing told: what they made has hubproof{} in it",
        report.run
    );
    page.headed(0, Style::Warning, "UNKNOWN", Style::Plain, &text);
    let shown = if verbose { unknown.len() } else { NAMED };
    for unknown in unknown.iter().take(shown) {
        let text = format!("{} ({}): {}", unknown.tool, count(unknown.calls), unknown.reason);
        page.headed(2, Style::Plain, "-", Style::Plain, &text);
    }
    if unknown.len() > shown {
        let text = format!("and {} more (see report.json)", count((unknown.len() - shown) as u64));
        page.prose(6, Style::Plain, &text);
    }
}

/// The first so many, and how many more there are.
fn named(mut names: Vec<String>, most: usize, verbose: bool) -> String {
    if names.len() > most && !verbose {
        let more = format!("and {} more", count((names.len() - most) as u64));
        names.truncate(most);
        names.push(more);
    }
    names.join(", ")
}
