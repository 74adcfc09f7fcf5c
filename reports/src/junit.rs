//! `junit.xml`: the run for the test displays of CI servers.

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::requirement::Area;
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use crate::document::Report;
use crate::document::baseline::{Entry, Standing};
use crate::document::end::End;
use crate::document::requirement::RequirementReport;
use crate::evidence::evidence;
use crate::known::excuse;
use crate::printable::log_line;

/// The report as XML: a suite an area, a case a requirement.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    let mut xml = quick_junit::Report::new("hubproof");
    xml.time = Some(report.duration.duration());
    for area in Area::ALL {
        let of_area = report
            .requirements
            .iter()
            .filter(|requirement| requirement.id.area == area);
        let mut of_area = of_area.peekable();
        if of_area.peek().is_some() {
            let mut suite = suite(report, &area_name(area));
            suite.add_test_cases(of_area.map(|requirement| case(requirement, fail_on)));
            xml.add_test_suite(suite);
        }
    }
    if let Some(baseline) = report.baseline.as_ref().filter(|baseline| !baseline.entries.is_empty()) {
        let mut suite = suite(report, "hubproof.baseline");
        suite.add_test_cases(baseline.entries.iter().map(entry));
        xml.add_test_suite(suite);
    }
    if let Some(end) = end(&report.end) {
        let mut suite = suite(report, "run");
        suite.add_test_case(end);
        xml.add_test_suite(suite);
    }
    // Writing to memory does not fail; an empty file would be refused by every reader.
    xml.to_string().unwrap_or_default()
}

/// The name of an area's suite.
pub(crate) fn area_name(area: Area) -> String {
    format!("hubproof.{}", area.code().to_lowercase())
}

fn suite(report: &Report, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(name);
    // Of the suites, not of all of them: Jenkins' schema knows no other.
    suite.timestamp = Some(report.started_at.utc().fixed_offset());
    suite.add_property(Property::new("hubproof.version", log_line(&report.tool.version)));
    suite.add_property(Property::new("hubproof.target", log_line(&report.target.url)));
    suite.add_property(Property::new("hubproof.seed", report.seed.to_string()));
    suite
}

fn case(result: &RequirementReport, fail_on: FailOn) -> TestCase {
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
            &evidence(result),
        ),
        Verdict::Violated if result.is_known() => {
            let known = result.violations.iter().find_map(|violation| violation.known.as_ref());
            let message = format!("known: {}", known.map(excuse).unwrap_or_default());
            status(TestCaseStatus::skipped(), &message, &evidence(result))
        }
        Verdict::Violated => {
            let first = result.violations.first().map_or(reason, |violation| &violation.summary);
            status(
                TestCaseStatus::non_success(NonSuccessKind::Failure),
                first,
                &evidence(result),
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
                .map(|grant| format!("set {}", log_line(grant)))
                .collect();
            status(TestCaseStatus::skipped(), reason, &grants.join("\n"))
        }
    };
    let mut case = TestCase::new(log_line(&format!("{} {}", result.id, result.title)), status);
    case.set_classname(area_name(result.id.area));
    if result.verdict == Verdict::Violated && !gates {
        case.set_system_out(format!(
            "Violated, but a {} does not fail this run.\n\n{}",
            result.level,
            evidence(result)
        ));
    }
    case
}

/// `text` may have lines; each is printable already.
fn status(mut status: TestCaseStatus, message: &str, text: &str) -> TestCaseStatus {
    status.set_message(log_line(message));
    if !text.is_empty() {
        status.set_description(text);
    }
    status
}

/// A case that fails where an entry of the baseline is stale.
fn entry(entry: &Entry) -> TestCase {
    let (message, excuse) = (&entry.message, log_line(&excuse(&entry.known)));
    let status = match entry.standing {
        Standing::Matched => TestCaseStatus::success(),
        Standing::Silent => status(TestCaseStatus::skipped(), &format!("not judged: {message}"), &excuse),
        Standing::Expired | Standing::Holds | Standing::NoViolation | Standing::NoTool => {
            let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failure.set_type("stale");
            status(failure, message, &excuse)
        }
    };
    let mut case = TestCase::new(log_line(&entry.name()), status);
    case.set_classname("hubproof.baseline");
    case
}

/// A case that fails where the run did not come to its end.
fn end(end: &End) -> Option<TestCase> {
    let message = end.message.as_deref()?;
    let mut error = TestCaseStatus::non_success(NonSuccessKind::Error);
    error.set_type(end.kind.name());
    let mut case = TestCase::new("the run comes to its end", status(error, message, ""));
    case.set_classname("hubproof.run");
    Some(case)
}

#[cfg(test)]
mod tests {
    use hubproof_model::record::RunRecord;

    use super::*;
    use crate::canned;

    fn rendered(record: &RunRecord, fail_on: FailOn) -> String {
        render(&canned::report(record), fail_on)
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(rendered(&canned::complete(), FailOn::Must));
    }

    #[test]
    fn what_is_known_is_skipped_and_what_is_stale_fails() {
        insta::assert_snapshot!("known", rendered(&canned::with_baseline(), FailOn::Must));
        let skipped = |fail_on| {
            rendered(&canned::with_baseline(), fail_on)
                .matches("known: the vendor")
                .count()
        };
        assert!(skipped(FailOn::Should) > skipped(FailOn::Must));
    }

    #[test]
    fn a_should_gates_where_it_is_told_to() {
        let failures = |fail_on| rendered(&canned::complete(), fail_on).matches("<failure").count();
        assert_eq!((failures(FailOn::Must), failures(FailOn::Should)), (2, 3));
    }

    #[test]
    fn a_run_that_ended_early_has_an_error() {
        insta::assert_snapshot!("unusable", rendered(&canned::unusable(), FailOn::Must));
        insta::assert_snapshot!("interrupted", rendered(&canned::interrupted(), FailOn::Must));
    }

    #[test]
    fn reports_are_sound_xml() {
        for record in canned::all() {
            let xml = rendered(&record, FailOn::Must);
            assert!(!xml.contains(|c: char| c.is_control() && c != '\n'), "{xml:?}");
            assert!(!xml.contains("]]>"));
            quick_junit::Report::deserialize_from_str(&xml).unwrap();
        }
    }
}
