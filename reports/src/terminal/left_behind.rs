//! What the run made, what is left of it, and what it changed for good.

use hubproof_model::record::RunRecord;
use hubproof_model::side_effects::CreatedRecord;

use super::page::Page;
use super::style::Style;
use crate::figures::{count, counted};

/// So many records that are left are named; the JSON report names all.
const NAMED: usize = 10;
/// So many tools are named that changed something for good.
const CHANGES_NAMED: usize = 3;

/// One line where everything was removed; else each record that is left, and why.
pub(super) fn write(page: &mut Page, record: &RunRecord, verbose: bool) {
    let effects = &record.side_effects;
    let left: Vec<_> = effects.left().collect();
    if effects.created.is_empty() && effects.changed.is_empty() {
        return;
    }
    page.gap();
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
    let mut by_reason: Vec<(&str, Vec<&CreatedRecord>)> = Vec::new();
    for (record, why) in &left {
        match by_reason.iter_mut().find(|(known, _)| known == why) {
            Some((_, records)) => records.push(record),
            None => by_reason.push((why, vec![record])),
        }
    }
    for (why, records) in by_reason {
        page.headed(2, Style::Plain, "-", Style::Plain, why);
        let named = if verbose { records.len() } else { NAMED };
        let mut names: Vec<_> = records.iter().take(named).map(|record| name(record)).collect();
        if records.len() > named {
            names.push(format!("and {} more", count((records.len() - named) as u64)));
        }
        page.prose(6, Style::Plain, &names.join(", "));
    }
    if !effects.changed.is_empty() {
        let executes: u64 = effects.changed.iter().map(|(_, executes)| executes).sum();
        let shown = if verbose { effects.changed.len() } else { CHANGES_NAMED };
        let mut tools: Vec<_> = effects
            .changed
            .iter()
            .map(|(tool, executes)| format!("{tool} ({executes})"))
            .collect();
        if tools.len() > shown {
            let more = format!("and {} more", counted((tools.len() - shown) as u64, "tool"));
            tools.truncate(shown);
            tools.push(more);
        }
        let text = format!(
            "{} on records that were there before, which nothing takes back: {}",
            counted(executes, "execute"),
            tools.join(", ")
        );
        page.headed(0, Style::Plain, "changed", Style::Plain, &text);
    }
}

fn name(record: &CreatedRecord) -> String {
    format!("{} {}", record.tool, record.id.as_deref().unwrap_or("(no id)"))
}
