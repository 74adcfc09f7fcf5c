//! The entries of the baseline that no violation stands for: the stale ones, and those of which the run says nothing.

use super::page::Page;
use super::style::Style;
use crate::document::baseline::{Baseline, Entry, Standing};
use crate::figures::{count, counted};
use crate::known::excuse;

/// How many entries there are, then each that asks for something, with its reason, owner and last day.
pub(super) fn write(page: &mut Page, baseline: &Baseline) {
    let of = |is_so: fn(&&Entry) -> bool| baseline.entries.iter().filter(is_so).collect::<Vec<_>>();
    let matched = of(|entry| entry.standing == Standing::Matched);
    let stale: Vec<_> = baseline.stale().collect();
    let silent = of(|entry| entry.standing == Standing::Silent);
    let parts = [(&matched, "matching"), (&stale, "stale"), (&silent, "not judged")];
    let mut told = counted(baseline.entries.len() as u64, "known failure");
    for (entries, what) in parts.iter().filter(|(entries, _)| !entries.is_empty()) {
        told.push_str(&format!(", {} {what}", count(entries.len() as u64)));
    }
    page.gap();
    page.headed(
        0,
        Style::Bold,
        "Baseline",
        Style::Plain,
        &format!("{}: {told}", baseline.path),
    );
    for (entries, style, head) in [(stale, Style::Bad, "STALE"), (silent, Style::Warning, "not judged")] {
        for entry in entries {
            let text = format!("{}: {}", entry.name(), entry.message);
            page.headed(2, style, head, Style::Plain, &text);
            page.field(4, "known", &excuse(&entry.known));
        }
    }
}
