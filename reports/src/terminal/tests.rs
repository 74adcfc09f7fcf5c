//! The text that a person sees.

use hubproof_model::record::{RequirementResult, RunRecord};

use super::*;
use crate::canned;
use crate::printable::is_hidden;

const PLAIN: TerminalOptions = TerminalOptions::PLAIN;

fn rendered(record: &RunRecord, options: &TerminalOptions) -> String {
    render(&canned::report(record), options)
}

#[test]
fn the_report_of_a_run() {
    insta::assert_snapshot!("plain", rendered(&canned::complete(), &PLAIN));
    insta::assert_snapshot!(
        "verbose",
        rendered(
            &canned::complete(),
            &TerminalOptions {
                verbose: true,
                width: 72,
                ..PLAIN
            }
        )
    );
}

#[test]
fn runs_that_ended_early() {
    insta::assert_snapshot!("interrupted", rendered(&canned::interrupted(), &PLAIN));
    insta::assert_snapshot!("unusable", rendered(&canned::unusable(), &PLAIN));
}

#[test]
fn a_target_that_is_not_there_is_no_list_of_all_that_was_not_asked() {
    let silent = |id: &str| RequirementResult {
        id: id.parse().unwrap(),
        grants: Vec::new(),
        verdict: Verdict::NotExercised,
        reason: Some("the target cannot be tested".to_owned()),
        ..canned::complete().results[0].clone()
    };
    let mut record = RunRecord {
        results: vec![silent("AUTH-01"), silent("AUTH-02"), silent("CAT-01")],
        ..canned::unusable()
    };
    let line = "Not exercised all 3 requirements: the target cannot be tested\n";
    let text = rendered(&record, &PLAIN);
    assert!(text.contains(line) && !text.contains("AUTH-01"), "{text}");
    assert!(
        text.contains("  next       hubproof doctor https://hub.example/api/v1 --profile 'it'\\''s hub.toml'\n"),
        "{text}"
    );
    let verbose = TerminalOptions { verbose: true, ..PLAIN };
    assert!(rendered(&record, &verbose).contains("AUTH-01"));
    record.results[2].reason = Some("another".to_owned());
    assert!(rendered(&record, &PLAIN).contains("AUTH-01, AUTH-02"));
}

#[test]
fn what_is_known_is_told_apart() {
    let record = canned::with_baseline();
    insta::assert_snapshot!("known", rendered(&record, &PLAIN));
    let quiet = TerminalOptions { quiet: true, ..PLAIN };
    let line = "4 requirements: 1 held, 3 violated (1 gates, 2 known) · 2,345 requests · 3.1 s · baseline: 5 stale\n";
    assert_eq!(rendered(&record, &quiet), line);
}

#[test]
fn quiet_is_the_summary_line() {
    let options = TerminalOptions {
        quiet: true,
        fail_on: FailOn::Should,
        ..PLAIN
    };
    let line =
        "9 requirements: 1 held, 3 violated (3 gate), 3 not exercised, 2 inconclusive · 2,345 requests · 3.1 s\n";
    assert_eq!(rendered(&canned::complete(), &options), line);
}

#[test]
fn what_is_left_on_a_hub_that_is_gone_is_a_line() {
    let text = rendered(&canned::bundled(), &PLAIN);
    assert!(!text.contains("LEFT BEHIND") && !text.contains("WAITING"), "{text}");
    let line = "3 records created by the run; what is left of them went with the bundled hub (see report.json)\n";
    assert!(text.contains(line), "{text}");
    let verbose = TerminalOptions { verbose: true, ..PLAIN };
    assert!(rendered(&canned::bundled(), &verbose).contains("LEFT BEHIND"));
    assert!(rendered(&canned::complete(), &PLAIN).contains("LEFT BEHIND"));
}

#[test]
fn colours_only_repeat_the_words() {
    let mut plain = rendered(&canned::complete(), &TerminalOptions { colour: true, ..PLAIN });
    for code in ["0", "1", "2", "1;31", "1;32", "1;33"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, rendered(&canned::complete(), &PLAIN));
}

#[test]
fn nothing_from_the_target_acts_on_the_terminal() {
    for record in canned::all() {
        for verbose in [false, true] {
            let text = rendered(&record, &TerminalOptions { verbose, ..PLAIN });
            assert!(!text.contains(|c| is_hidden(c) && c != '\n'), "{text:?}");
        }
    }
}

#[test]
fn what_is_to_be_copied_stays_whole() {
    let is_whole = |line: &&str| line.contains("curl ") || line.contains("hubproof run ") || line.contains("http");
    for width in [32, 40, 60] {
        let text = rendered(&canned::complete(), &TerminalOptions { width, ..PLAIN });
        for line in text.lines().filter(|line| !is_whole(line)) {
            assert!(
                line.chars().count() <= width || line.contains(" requirements: "),
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn the_closing_line_says_what_gated_the_run() {
    let report = canned::report(&canned::complete());
    let line = "what the command says of it (exit code 1)\n";
    assert_eq!(closing(&report, FailOn::Must), line);
    assert_eq!(
        closing(&report, FailOn::Should),
        format!("gated by --fail-on must, the run ended so: {line}")
    );
}
