//! `junit.xml`: the run for the test displays of CI servers.

use chrono::{DateTime, Utc};
use hubproof_model::baseline::{JudgedEntry, Standing};
use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, ViolationRecord};
use hubproof_model::requirement::Area;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::figures::count;
use crate::known::{excuse, message};
use crate::printable::visible;
use crate::smallest::{search, shortened};
use crate::{ending, reproduce};

/// The report as XML: a suite an area, a case a requirement.
pub fn render(record: &RunRecord, fail_on: FailOn) -> String {
    let mut report = Report::new("hubproof");
    report.timestamp = Some(DateTime::<Utc>::from(record.started_at).fixed_offset());
    report.time = Some(record.duration);
    for area in Area::ALL {
        let mut results = record.results.iter().filter(|result| result.id.area == area).peekable();
        if results.peek().is_some() {
            let mut suite = suite(record, &area_name(area));
            suite.add_test_cases(results.map(|result| case(record, result, fail_on)));
            report.add_test_suite(suite);
        }
    }
    if let Some(baseline) = record.baseline.as_ref().filter(|baseline| !baseline.entries.is_empty()) {
        let mut suite = suite(record, "hubproof.baseline");
        suite.add_test_cases(baseline.entries.iter().map(entry));
        report.add_test_suite(suite);
    }
    if let Some(end) = end(&record.end) {
        let mut suite = suite(record, "run");
        suite.add_test_case(end);
        report.add_test_suite(suite);
    }
    // Writing to memory does not fail; an empty file would be refused by every reader.
    report.to_string().unwrap_or_default()
}

fn area_name(area: Area) -> String {
    format!("hubproof.{}", area.code().to_lowercase())
}

fn suite(record: &RunRecord, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_property(Property::new("hubproof.version", visible(&record.suite_version)));
    suite.add_property(Property::new("hubproof.target", visible(&record.target.url)));
    suite.add_property(Property::new("hubproof.seed", record.seed.to_string()));
    suite
}

fn case(record: &RunRecord, result: &RequirementResult, fail_on: FailOn) -> TestCase {
    let gates = fail_on.gates(result.level);
    let reason = result.reason.as_deref().unwrap_or_default();
    let status = match result.verdict {
        Verdict::Held => TestCaseStatus::success(),
        Verdict::Violated if !gates => TestCaseStatus::success(),
        Verdict::Violated if result.is_undecided() => status(
            TestCaseStatus::non_success(NonSuccessKind::Error),
            &format!(
                "beside what is known: {}",
                result.undecided.as_deref().unwrap_or_default()
            ),
            &evidence(record, result),
        ),
        Verdict::Violated if result.is_known() => {
            let known = result.violations.iter().find_map(|violation| violation.known.as_ref());
            let message = format!("known: {}", known.map(excuse).unwrap_or_default());
            status(TestCaseStatus::skipped(), &message, &evidence(record, result))
        }
        Verdict::Violated => {
            let first = result.violations.first().map_or(reason, |violation| &violation.summary);
            status(
                TestCaseStatus::non_success(NonSuccessKind::Failure),
                first,
                &evidence(record, result),
            )
        }
        Verdict::Inconclusive if gates => status(
            TestCaseStatus::non_success(NonSuccessKind::Error),
            reason,
            &result.statement,
        ),
        Verdict::Inconclusive => status(TestCaseStatus::skipped(), &format!("inconclusive: {reason}"), ""),
        Verdict::NotExercised => {
            let grants: Vec<_> = result
                .grants
                .iter()
                .map(|grant| format!("set {}", visible(grant)))
                .collect();
            status(TestCaseStatus::skipped(), reason, &grants.join("\n"))
        }
    };
    let mut case = TestCase::new(visible(&format!("{} {}", result.id, result.title)), status);
    case.set_classname(area_name(result.id.area));
    if result.verdict == Verdict::Violated && !gates {
        case.set_system_out(format!(
            "Violated, but a {} does not fail this run.\n\n{}",
            result.level,
            evidence(record, result)
        ));
    }
    case
}

/// `text` may have lines; each is printable already.
fn status(mut status: TestCaseStatus, message: &str, text: &str) -> TestCaseStatus {
    status.set_message(visible(message));
    if !text.is_empty() {
        status.set_description(text);
    }
    status
}

fn evidence(record: &RunRecord, result: &RequirementResult) -> String {
    let mut text = format!(
        "{}: {}\n{}\nsource: {} ({})\n",
        result.id,
        result.level,
        visible(&result.statement),
        visible(&result.source),
        result.basis
    );
    for violation in &result.violations {
        text.push('\n');
        text.push_str(&violation_text(record, result, violation));
    }
    let shown: u64 = result.violations.iter().map(|violation| 1 + violation.alike).sum();
    if result.violation_count > shown {
        text.push_str(&format!("\n… and {} more\n", count(result.violation_count - shown)));
    }
    text
}

fn violation_text(record: &RunRecord, result: &RequirementResult, violation: &ViolationRecord) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| text.push_str(&format!("{label}{}\n", visible(value)));
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
        line("  input: ", &smallest.input.to_string());
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
    for command in reproduce::lines(record, result, violation) {
        line("  reproduce: ", &command);
    }
    text
}

/// A case that fails where an entry of the baseline is stale.
fn entry(entry: &JudgedEntry) -> TestCase {
    let (message, excuse) = (message(entry), visible(&excuse(&entry.known)).into_owned());
    let status = match &entry.standing {
        Standing::Matched => TestCaseStatus::success(),
        Standing::Stale(_) => {
            let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failure.set_type("stale");
            status(failure, &message, &excuse)
        }
        Standing::Silent(_) => status(TestCaseStatus::skipped(), &format!("not judged: {message}"), &excuse),
    };
    let mut case = TestCase::new(visible(&entry.known.to_string()), status);
    case.set_classname("hubproof.baseline");
    case
}

/// A case that fails where the run did not come to its end.
fn end(end: &RunEnd) -> Option<TestCase> {
    let message = ending::message(end)?;
    let mut error = TestCaseStatus::non_success(NonSuccessKind::Error);
    error.set_type(ending::kind(end));
    let mut case = TestCase::new("the run comes to its end", status(error, &message, ""));
    case.set_classname("hubproof.run");
    Some(case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(render(&canned::complete(), FailOn::Must));
    }

    #[test]
    fn what_is_known_is_skipped_and_what_is_stale_fails() {
        insta::assert_snapshot!("known", render(&canned::with_baseline(), FailOn::Must));
        let skipped = |fail_on| {
            render(&canned::with_baseline(), fail_on)
                .matches("known: the vendor")
                .count()
        };
        assert!(skipped(FailOn::Should) > skipped(FailOn::Must));
    }

    #[test]
    fn a_should_gates_where_it_is_told_to() {
        let failures = |fail_on| render(&canned::complete(), fail_on).matches("<failure").count();
        assert_eq!((failures(FailOn::Must), failures(FailOn::Should)), (2, 3));
    }

    #[test]
    fn a_run_that_ended_early_has_an_error() {
        insta::assert_snapshot!("unusable", render(&canned::unusable(), FailOn::Must));
        insta::assert_snapshot!("interrupted", render(&canned::interrupted(), FailOn::Must));
    }

    #[test]
    fn reports_are_sound_xml() {
        for record in canned::all() {
            let xml = render(&record, FailOn::Must);
            assert!(!xml.contains(|c: char| c.is_control() && c != '\n'), "{xml:?}");
            assert!(!xml.contains("]]>"));
            Report::deserialize_from_str(&xml).unwrap();
        }
    }
}
