//! `ctrf-report.json`: the run in the Common Test Report Format, a test a requirement.

use std::collections::BTreeSet;

use hubproof_model::gate::FailOn;
use hubproof_model::requirement::{Basis, Level};
use serde::Serialize;

use crate::document::Report;
use crate::document::baseline::Entry;
use crate::document::end::{End, EndKind};
use crate::document::requirement::RequirementReport;
use crate::document::time::Moment;
use crate::evidence::evidence;
use crate::json;
use crate::junit::area_name;
use crate::known::excuse;
use crate::printable::log_line;
use crate::standing::Standing;

/// The version of the format, of which there is but one.
const SPEC_VERSION: &str = "0.0.0";

/// The report as a document of the format; the level is the one from which on a violation is a failed test.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    let own = report.requirements.iter().map(|own| Test::of(own, fail_on));
    let stale = report.baseline.iter().flat_map(|baseline| baseline.stale());
    let tests: Vec<_> = own
        .chain(stale.map(Test::stale))
        .chain(Test::end(&report.end))
        .collect();
    let stop = report.started_at.system_time() + report.duration.duration();
    let stop = Moment::from(stop);
    json::pretty(&Document {
        report_format: "CTRF",
        spec_version: SPEC_VERSION,
        run_id: log_line(&report.run),
        timestamp: stop,
        generated_by: log_line(&format!("{} {}", report.tool.name, report.tool.version)),
        results: Results {
            tool: Tool {
                name: log_line(&report.tool.name),
                version: log_line(&report.tool.version),
            },
            summary: Summary::of(&tests, report.started_at, stop),
            tests,
            environment: Environment {
                app_name: log_line(&report.target.url),
                healthy: report.end.kind == EndKind::Complete,
                extra: RunExtra {
                    seed: report.seed,
                    allow: report.allow.name(),
                    contract_revision: log_line(&report.contract.revision),
                    fail_on: fail_on.name(),
                    exit_code: report.exit.code,
                    exit_meaning: log_line(&report.exit.meaning),
                },
            },
        },
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    report_format: &'static str,
    spec_version: &'static str,
    run_id: String,
    timestamp: Moment,
    generated_by: String,
    results: Results,
}

#[derive(Serialize)]
struct Results {
    tool: Tool,
    summary: Summary,
    tests: Vec<Test>,
    environment: Environment,
}

#[derive(Serialize)]
struct Tool {
    name: String,
    version: String,
}

#[derive(Serialize)]
struct Summary {
    tests: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    pending: usize,
    other: usize,
    suites: usize,
    start: i64,
    stop: i64,
    duration: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Failed,
    Skipped,
    /// Not ready to pass: a failure that is known.
    Pending,
    /// Neither: a violation, or no verdict, where it decides nothing.
    Other,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    test_id: String,
    name: String,
    status: Status,
    raw_status: String,
    /// The format asks for it. A requirement's cases are sent among others': it took no time of its own.
    duration: u64,
    suite: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<TestExtra>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TestExtra {
    level: Level,
    basis: Basis,
    cases: u64,
    violations: u64,
    known_violations: u64,
    violated_tools: Vec<String>,
    grants: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    app_name: String,
    healthy: bool,
    extra: RunExtra,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunExtra {
    seed: u64,
    allow: &'static str,
    contract_revision: String,
    fail_on: &'static str,
    exit_code: u8,
    exit_meaning: String,
}

impl Summary {
    fn of(tests: &[Test], start: Moment, stop: Moment) -> Self {
        let of_status = |status| tests.iter().filter(|test| test.status == status).count();
        let suites: BTreeSet<_> = tests.iter().map(|test| &test.suite).collect();
        let [start, stop] = [start, stop].map(|moment| moment.utc().timestamp_millis());
        Self {
            tests: tests.len(),
            passed: of_status(Status::Passed),
            failed: of_status(Status::Failed),
            skipped: of_status(Status::Skipped),
            pending: of_status(Status::Pending),
            other: of_status(Status::Other),
            suites: suites.len(),
            start,
            stop,
            duration: stop.saturating_sub(start),
        }
    }
}

impl Test {
    fn of(requirement: &RequirementReport, fail_on: FailOn) -> Self {
        let standing = Standing::of(requirement, fail_on);
        let gates = fail_on.gates(requirement.level);
        let reason = requirement.reason.as_deref().unwrap_or_default();
        let undecided = requirement.undecided.as_deref().unwrap_or_default();
        let first = requirement.violations.first();
        let summary = first.map_or(reason, |violation| &violation.summary);
        let excuse = || {
            let known = requirement.violations.iter().find_map(|own| own.known.as_ref());
            format!("known: {}", known.map(excuse).unwrap_or_default())
        };
        let (status, message) = match standing {
            Standing::Held => (Status::Passed, reason.to_owned()),
            Standing::NotExercised => (Status::Skipped, reason.to_owned()),
            Standing::Broken => (Status::Failed, summary.to_owned()),
            Standing::Warning => (Status::Other, summary.to_owned()),
            // A run ends red where a verdict is missing that decides it, and a green test would hide that.
            Standing::Inconclusive if gates => (Status::Failed, format!("inconclusive: {reason}")),
            Standing::Inconclusive => (Status::Other, format!("inconclusive: {reason}")),
            Standing::Known if gates && requirement.is_undecided() => {
                (Status::Failed, format!("beside what is known: {undecided}"))
            }
            Standing::Known => (Status::Pending, excuse()),
        };
        let texts = |texts: &[String]| texts.iter().map(|text| log_line(text)).collect();
        Self {
            test_id: requirement.id.to_string(),
            name: log_line(&format!("{} {}", requirement.id, requirement.title)),
            status,
            raw_status: standing.word().to_owned(),
            duration: 0,
            suite: vec![area_name(requirement.id.area)],
            message: Some(log_line(&message)).filter(|message| !message.is_empty()),
            trace: first.map(|_| evidence(requirement)),
            tags: vec![requirement.level.to_string()],
            extra: Some(TestExtra {
                level: requirement.level,
                basis: requirement.basis,
                cases: requirement.cases,
                violations: requirement.violation_count,
                known_violations: requirement.known_count,
                violated_tools: texts(&requirement.violated_tools.keys().cloned().collect::<Vec<_>>()),
                grants: texts(&requirement.grants),
            }),
        }
    }

    /// A failed test for what ends a run red beside its requirements.
    fn failed(name: &str, suite: &str, word: &str, message: &str) -> Self {
        Self {
            test_id: log_line(&format!("{suite}/{name}")),
            name: log_line(name),
            status: Status::Failed,
            raw_status: word.to_owned(),
            duration: 0,
            suite: vec![suite.to_owned()],
            message: Some(log_line(message)),
            trace: None,
            tags: Vec::new(),
            extra: None,
        }
    }

    fn stale(entry: &Entry) -> Self {
        Self::failed(&entry.name(), "hubproof.baseline", "stale", &entry.message)
    }

    fn end(end: &End) -> Option<Self> {
        let message = end.message.as_deref()?;
        let name = "the run comes to its end";
        Some(Self::failed(name, "hubproof.run", &end.kind.heading(), message))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::canned;
    use crate::document::end::Exit;
    use crate::printable::is_hidden;

    fn rendered(report: &Report) -> String {
        render(report, FailOn::Must)
    }

    fn document(report: &Report, fail_on: FailOn) -> Value {
        serde_json::from_str(&render(report, fail_on)).unwrap()
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(rendered(&canned::report(&canned::complete())));
    }

    #[test]
    fn what_is_known_is_pending_and_what_is_stale_fails() {
        insta::assert_snapshot!("baseline", rendered(&canned::report(&canned::with_baseline())));
    }

    #[test]
    fn a_run_that_ended_early_has_a_failed_test() {
        insta::assert_snapshot!("unusable", rendered(&canned::report(&canned::unusable())));
    }

    #[test]
    fn documents_keep_the_published_schema() {
        let schema = include_str!("../../fixtures/report-schemas/ctrf-0.0.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.build(&schema).unwrap();
        for report in canned::all_reports() {
            let document = document(&report, FailOn::Must);
            let faults: Vec<_> = validator
                .iter_errors(&document)
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }

    #[test]
    fn the_counts_fit_and_a_red_run_has_a_failed_test() {
        for report in canned::all_reports() {
            for fail_on in FailOn::ALL {
                let results = &document(&report, fail_on)["results"];
                let tests = results["tests"].as_array().unwrap();
                let summary = &results["summary"];
                assert_eq!(summary["tests"], tests.len());
                for status in ["passed", "failed", "skipped", "pending", "other"] {
                    let count = tests.iter().filter(|test| test["status"] == status).count();
                    assert_eq!(summary[status], count, "{status}");
                }
                assert!(report.exit.code == Exit::PROVED || summary["failed"] != json!(0));
            }
        }
    }

    #[test]
    fn nothing_of_a_target_is_hidden() {
        fn walk(value: &Value) {
            match value {
                Value::String(text) => assert!(!text.contains(|own| is_hidden(own) && own != '\n'), "{text:?}"),
                Value::Array(items) => items.iter().for_each(walk),
                Value::Object(members) => members.values().for_each(walk),
                _ => {}
            }
        }
        for report in canned::all_reports() {
            walk(&document(&report, FailOn::Must));
        }
    }
}
