//! The log: what it says, and that OASIS' schema and GitHub take it.

use std::collections::BTreeSet;

use super::*;
use crate::canned;
use crate::printable::is_hidden;

fn rendered(report: &Report) -> String {
    render(report, FailOn::Must)
}

fn log(report: &Report) -> Value {
    serde_json::from_str(&rendered(report)).unwrap()
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn the_report_of_a_run() {
    insta::assert_snapshot!(rendered(&canned::report(&canned::complete())));
}

#[test]
fn what_is_known_is_suppressed() {
    insta::assert_snapshot!("baseline", rendered(&canned::report(&canned::with_baseline())));
}

#[test]
fn a_run_that_ended_early_did_not_succeed() {
    insta::assert_snapshot!("unusable", rendered(&canned::report(&canned::unusable())));
}

#[test]
fn logs_keep_the_published_schema() {
    let schema = include_str!("../../../fixtures/report-schemas/sarif-2.1.0.json");
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    // A stray bracket makes it no regular expression; no log of ours has a language.
    for owner in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][owner]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    for report in canned::all_reports() {
        let log = log(&report);
        let faults: Vec<_> = validator
            .iter_errors(&log)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

/// What the schema leaves open, and GitHub asks for: it refuses a log for one result that lacks it.
#[test]
fn github_takes_every_result() {
    for report in canned::all_reports() {
        let log = log(&report);
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        let mut seen = BTreeSet::new();
        for result in results(&log) {
            let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
            let physical = &result["locations"][0]["physicalLocation"];
            assert!(
                !physical["artifactLocation"]["uri"]
                    .as_str()
                    .unwrap()
                    .starts_with("http")
            );
            assert_eq!(physical["region"]["startLine"], 1);
            let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
            let (id, hash) = (result["ruleId"].as_str().unwrap(), hash.as_str().unwrap());
            assert!(seen.insert((id, hash)), "{id} {hash}");
        }
        for rule in rules {
            for name in ["shortDescription", "fullDescription", "help"] {
                let text = rule[name]["text"].as_str().unwrap();
                assert!(!text.is_empty() && text.chars().count() <= 1024, "{name}");
            }
        }
        let id = log["runs"][0]["automationDetails"]["id"].as_str().unwrap();
        assert!(id.ends_with(&format!("/{}", report.run)));
    }
}

#[test]
fn fingerprints_outlive_a_run() {
    let prints = |report: &Report| -> Vec<Value> {
        let log = log(report);
        let prints = results(&log).iter().map(|own| own["partialFingerprints"].clone());
        prints.collect()
    };
    let before = canned::report(&canned::complete());
    let mut after = before.clone();
    after.run = "another".to_owned();
    after.seed += 1;
    for violation in after.requirements.iter_mut().flat_map(|own| &mut own.violations) {
        violation.summary = violation.summary.replace("(1)", "(981)");
        violation.observed = "something else".to_owned();
        violation.case.push_str("/7");
    }
    assert_eq!(prints(&before), prints(&after));
    after.requirements[1].violations[0].tool = Some("crm.deals.get".to_owned());
    assert_ne!(prints(&before), prints(&after));
}

#[test]
fn levels_follow_the_gate() {
    let report = canned::report(&canned::complete());
    let of = |fail_on| {
        let text = render(&report, fail_on);
        let log: Value = serde_json::from_str(&text).unwrap();
        let of_level = |level| results(&log).iter().filter(|own| own["level"] == level).count();
        ["error", "warning", "note", "none"].map(of_level)
    };
    assert_eq!(of(FailOn::Must), [6, 1, 0, 5]);
    assert_eq!(of(FailOn::Should), [7, 0, 0, 5]);
}

#[test]
fn nothing_of_a_target_acts() {
    for mut report in canned::all_reports() {
        for violation in report.requirements.iter_mut().flat_map(|own| &mut own.violations) {
            violation.summary.push_str(" {0} [x](https://evil.example)");
        }
        let text = rendered(&report);
        assert!(!text.contains(|character| is_hidden(character) && character != '\n'));
        for result in results(&log(&report)) {
            let message = result["message"]["text"].as_str().unwrap();
            let shown = message.replace("{{", "").replace("}}", "");
            assert!(!shown.contains(['{', '}']) && !shown.contains("x]("), "{message}");
            assert!(!message.contains(|character| is_hidden(character) && character != '\n'));
        }
    }
}
