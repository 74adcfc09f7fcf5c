//! What a violated requirement is shown with.

use super::page::Page;
use super::style::Style;
use crate::document::body::Body;
use crate::document::exchange::Exchange;
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;
use crate::figures::{count, counted, span};
use crate::known::excuse;
use crate::smallest::{search, shortened};

/// How many violations and exchanges are shown unless more is asked for.
const SHOWN: usize = 3;

/// The most characters of a body, unless more is asked for.
const SHORT_BODY: usize = 240;

/// The most characters of a body in any case.
const LONG_BODY: usize = 4096;

/// How many lines of calls are shown, unless more is asked for.
const LINES: usize = 6;

/// The longest `curl` line that is of use on a screen.
const LONGEST_COMMAND: usize = 4096;

/// In brief, unless more is asked for.
pub(super) fn write(page: &mut Page, result: &RequirementReport, verbose: bool) {
    if verbose {
        in_full(page, result, true);
    } else {
        in_brief(page, result);
    }
}

/// Statement, source, and the violations with their exchanges and the lines that repeat them.
pub(super) fn in_full(page: &mut Page, result: &RequirementReport, verbose: bool) {
    page.prose(2, Style::Plain, &result.statement);
    source(page, result);
    let shown = if verbose { usize::MAX } else { SHOWN };
    for (index, violation) in result.violations.iter().take(shown).enumerate() {
        page.gap();
        page.headed(
            2,
            Style::Bold,
            &format!("{}.", index + 1),
            Style::Bold,
            &violation.summary,
        );
        facts(page, violation, if verbose { LONG_BODY } else { SHORT_BODY });
        exchanges(page, violation, verbose);
        commands(page, violation, verbose);
    }
    more(page, result, shown);
}

/// The violations in a line each, and the line that repeats the first.
fn in_brief(page: &mut Page, result: &RequirementReport) {
    source(page, result);
    for violation in result.violations.iter().take(SHOWN) {
        let text = match &violation.tool {
            Some(tool) => format!("{tool}: {}", violation.summary),
            None => violation.summary.clone(),
        };
        page.headed(2, Style::Plain, "-", Style::Plain, &text);
        for operation in violation.sequence.iter().flat_map(|sequence| &sequence.operations) {
            page.field(4, "", operation);
        }
        page.field(4, "expected", &violation.expected);
        page.field(4, "observed", &violation.observed);
        if let Some(known) = &violation.known {
            page.field(4, "known", &excuse(known));
        }
    }
    more(page, result, SHOWN);
    if let Some(first) = result.violations.first() {
        page.unbroken(2, "reproduce", &first.reproduce.run);
    }
}

fn source(page: &mut Page, result: &RequirementReport) {
    page.field(2, "source", &format!("{} ({})", result.source, result.basis));
    if result.known_count > 0 && result.is_broken() {
        let (known, all) = (count(result.known_count), counted(result.violation_count, "violation"));
        page.field(2, "known", &format!("{known} of {all}"));
    }
}

fn more(page: &mut Page, result: &RequirementReport, shown: usize) {
    if let Some(beyond) = result.beyond(shown) {
        page.prose(2, Style::Faint, &format!("… and {beyond}"));
    }
}

fn facts(page: &mut Page, violation: &Violation, longest: usize) {
    if let Some(tool) = &violation.tool {
        page.field(5, "tool", tool);
    }
    page.field(5, "case", &violation.case);
    if let Some(assertion) = &violation.assertion {
        let (at, schema) = (&assertion.instance_pointer, &assertion.schema_pointer);
        page.field(
            5,
            "assertion",
            &format!("{} at \"{at}\" (schema \"{schema}\")", assertion.keyword),
        );
    }
    if let Some(smallest) = &violation.smallest {
        page.field(5, "input", &short(&smallest.input, longest));
        page.field(5, "", &search(smallest));
    }
    if let Some(sequence) = &violation.sequence {
        page.field(5, "sequence", &shortened(sequence));
        for operation in &sequence.operations {
            page.field(5, "", operation);
        }
    }
    page.field(5, "expected", &violation.expected);
    page.field(5, "observed", &violation.observed);
    if let Some(known) = &violation.known {
        page.field(5, "known", &excuse(known));
    }
    if violation.alike > 0 {
        page.field(
            5,
            "alike",
            &format!("{} more, of the same tool and summary", count(violation.alike)),
        );
    }
}

fn exchanges(page: &mut Page, violation: &Violation, verbose: bool) {
    let longest = if verbose { LONG_BODY } else { SHORT_BODY };
    for exchange in shown_exchanges(violation, verbose) {
        page.unbroken(5, "request", &format!("{} {}", exchange.method, exchange.url));
        if let Some(body) = &exchange.request_body {
            page.field(5, "", &short(body, longest));
        }
        page.field(5, "response", &status_line(exchange));
        if let Some(body) = exchange.result.as_ref().ok().and_then(|answer| answer.body.as_ref()) {
            page.field(5, "", &short(body, longest));
        }
    }
    let hidden = violation.exchanges.len() - shown_exchanges(violation, verbose).len();
    if hidden > 0 {
        let text = format!("… and {} (see report.json)", counted(hidden as u64, "more exchange"));
        page.field(5, "", &text);
    }
}

fn shown_exchanges(violation: &Violation, verbose: bool) -> &[Exchange] {
    let shown = if verbose { usize::MAX } else { SHOWN };
    &violation.exchanges[..violation.exchanges.len().min(shown)]
}

fn status_line(exchange: &Exchange) -> String {
    let elapsed = span(exchange.elapsed.duration());
    match &exchange.result {
        Ok(answer) => {
            let kind = answer
                .header("content-type")
                .map(|kind| format!(" {kind}"))
                .unwrap_or_default();
            format!("{}{kind} after {elapsed}", answer.status)
        }
        Err(fault) => format!("none: {fault} (after {elapsed})"),
    }
}

fn short(body: &Body, longest: usize) -> String {
    let (mut text, mut truncated) = body.line();
    if let Some((at, _)) = text.char_indices().nth(longest) {
        text.truncate(at);
        truncated = true;
    }
    if truncated { format!("{text} …") } else { text }
}

fn commands(page: &mut Page, violation: &Violation, verbose: bool) {
    let reproduce = &violation.reproduce;
    page.unbroken(5, "reproduce", &reproduce.run);
    // Some of the calls show nothing: all of them, or none.
    if !verbose && reproduce.calls.len() > LINES {
        let lines = counted(reproduce.calls.len() as u64, "line");
        page.field(5, "", &format!("its calls in {lines} of curl (see report.json)"));
        return;
    }
    for line in reproduce.hub.iter().chain(&reproduce.calls) {
        if line.len() <= LONGEST_COMMAND {
            page.unbroken(5, "", line);
        } else {
            let text = format!(
                "a curl line of {} (see report.json)",
                counted(line.len() as u64, "byte")
            );
            page.field(5, "", &text);
        }
    }
    if let Some(caveat) = reproduce.caveat() {
        page.field(5, "", &caveat);
    }
}
