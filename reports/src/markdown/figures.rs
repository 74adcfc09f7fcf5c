//! What the verdict rests on, in figures.

use hubproof_latency::Kind;

use super::LINE;
use super::text::code;
use crate::document::Report;
use crate::document::side_effects::Fate;
use crate::figures::{count, short_milliseconds, span};
use crate::printable::shortened;

/// The figures, folded.
pub(super) fn section(report: &Report) -> String {
    let cases = report.requirements.iter().map(|own| own.cases);
    let mut rows = vec![
        ("requests", count(report.summary.requests)),
        ("tools", count(report.summary.tools)),
        ("judged cases", count(cases.fold(0, u64::saturating_add))),
        ("took", span(report.duration.duration())),
        ("began", report.started_at.to_string()),
        ("seed", report.seed.to_string()),
        ("allowed", report.allow.name().to_owned()),
    ];
    let mut row = |name, text: &str| rows.push((name, code(&shortened(text, LINE))));
    if let Some(profile) = &report.target.profile {
        row("profile", profile);
    }
    if !report.target.defects.is_empty() {
        row("defects", &report.target.defects.join(", "));
    }
    row("run", &report.run);
    row("contract revision", &report.contract.revision);
    row("hubproof", &report.tool.version);
    if let Some(latency) = &report.latency {
        let successes = latency.of_outcome(Kind::Success);
        if !successes.is_empty() {
            rows.push(("p99 of successes", short_milliseconds(successes.quantile(0.99))));
        }
    }
    let effects = &report.side_effects;
    if !effects.created.is_empty() {
        let left = effects.created.iter().filter(|own| own.fate == Fate::Left).count();
        let (made, left) = (count(effects.created.len() as u64), count(left as u64));
        rows.push(("records made", format!("{made}, left behind: {left}")));
    }
    let rows: String = rows
        .iter()
        .map(|(name, text)| format!("| {name} | {text} |\n"))
        .collect();
    format!("<details><summary>Figures</summary>\n\n| | |\n|---|---|\n{rows}\n</details>\n")
}
