//! A comparison as a person reads it.

use super::{Change, Comparison, some};
use crate::figures::short_milliseconds;
use crate::terminal::page::Page;
use crate::terminal::style::Style;

/// The most tools whose latency is named.
const MOST_MOVED: usize = 10;

/// The comparison as lines; what is worse comes first, and a summary last.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let mut page = Page::new(false, usize::MAX);
    let mut line = |line: &str| page.unbroken_line(Style::Plain, line);
    if !comparison.differing.is_empty() {
        line("the runs differ in what they ran:");
        comparison.differing.iter().for_each(|own| line(&format!("  {own}")));
    }
    let groups = [
        ("BROKEN", &comparison.broken),
        ("LOST", &comparison.lost),
        ("STILL VIOLATED", &comparison.still),
        ("MENDED", &comparison.mended),
        ("GAINED", &comparison.gained),
    ];
    for (heading, changes) in groups {
        for change in changes {
            of_change(heading, change).iter().for_each(|own| line(own));
        }
    }
    for moved in comparison.latency.iter().take(MOST_MOVED) {
        let [p50, p50_now, p99, p99_now] = [moved.p50_before, moved.p50_now, moved.p99_before, moved.p99_now]
            .map(|own| short_milliseconds(own.duration()));
        line(&format!(
            "LATENCY {}: p50 {p50} before, {p50_now} now; p99 {p99} before, {p99_now} now",
            moved.tool
        ));
    }
    if let Some(more) = comparison
        .latency
        .len()
        .checked_sub(MOST_MOVED)
        .filter(|more| *more > 0)
    {
        line(&format!("LATENCY … and {more} more tools"));
    }
    line(&summary(comparison));
    page.finish()
}

fn of_change(heading: &str, change: &Change) -> Vec<String> {
    let warning = if change.gates { "" } else { " (does not gate)" };
    let mut lines = vec![format!("{heading} {} {}{warning}", change.id, change.title)];
    if let (Some(reason), false) = (&change.reason, heading == "GAINED") {
        let when = if heading == "MENDED" { "before: " } else { "" };
        lines.push(format!("  {when}{reason}"));
    }
    for (what, tools) in [
        ("newly at", &change.broken_tools),
        ("no longer at", &change.mended_tools),
    ] {
        let names: Vec<_> = tools.iter().map(String::as_str).collect();
        // A requirement that breaks or is mended as a whole says so already.
        if !names.is_empty() && heading != "MENDED" {
            lines.push(format!("  {what} {}", some(&names)));
        }
    }
    lines
}

fn summary(comparison: &Comparison) -> String {
    let parts = [
        ("broken", comparison.broken.len()),
        ("lost", comparison.lost.len()),
        ("still violated", comparison.still.len()),
        ("mended", comparison.mended.len()),
        ("gained", comparison.gained.len()),
    ];
    let told: Vec<_> = parts
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(what, number)| format!("{number} {what}"))
        .collect();
    match told.is_empty() {
        true => "the same verdicts as before".to_owned(),
        false => told.join(", "),
    }
}
