//! The evidence of a violated requirement as lines of text, for formats that have one place for all of it.

use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;
use crate::figures::count;
use crate::known::excuse;
use crate::printable::log_line;
use crate::smallest::{search, shortened};

/// What the requirement says, and each violation that the report holds. Each line is printable.
pub(crate) fn evidence(result: &RequirementReport) -> String {
    let mut text = format!(
        "{}: {}\n{}\nsource: {} ({})\n",
        result.id,
        result.level,
        log_line(&result.statement),
        log_line(&result.source),
        result.basis
    );
    for violation in &result.violations {
        text.push('\n');
        text.push_str(&violation_text(violation));
    }
    if let Some(beyond) = result.beyond(usize::MAX) {
        text.push_str(&format!("\n… and {beyond}\n"));
    }
    text
}

fn violation_text(violation: &Violation) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| text.push_str(&format!("{}\n", log_line(&format!("{label}{value}"))));
    line("", &violation.summary);
    if let Some(tool) = &violation.tool {
        line("  tool: ", tool);
    }
    line("  case: ", &violation.case);
    if let Some(assertion) = &violation.assertion {
        let (at, schema) = (&assertion.instance_pointer, &assertion.schema_pointer);
        line(
            "  assertion: ",
            &format!("{} at \"{at}\" (schema \"{schema}\")", assertion.keyword),
        );
    }
    if let Some(smallest) = &violation.smallest {
        let (input, is_cut) = smallest.input.line();
        line("  input: ", &if is_cut { format!("{input} …") } else { input });
        line("    ", &search(smallest));
    }
    if let Some(sequence) = &violation.sequence {
        line("  sequence: ", &shortened(sequence));
        for operation in &sequence.operations {
            line("    ", operation);
        }
    }
    if let Some(known) = &violation.known {
        line("  known: ", &excuse(known));
    }
    line("  expected: ", &violation.expected);
    line("  observed: ", &violation.observed);
    if violation.alike > 0 {
        line("  alike: ", &format!("{} more", count(violation.alike)));
    }
    for command in violation.reproduce.lines() {
        line("  reproduce: ", command);
    }
    if let Some(caveat) = violation.reproduce.caveat() {
        line("  reproduce: ", &caveat);
    }
    text
}
