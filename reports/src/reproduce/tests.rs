//! The lines of made-up runs.

use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunRecord, ToolSummary, ViolationRecord};
use hubproof_model::repetition::RunAlone;

use super::*;
use crate::canned;
use crate::document::reproduce::Reproduce;

/// The lines of a violation, as they stand in the report of the run.
fn reproduce_of(record: &RunRecord, result: &RequirementResult, violation: usize) -> Reproduce {
    let report = canned::report(record);
    let own = report.requirements.iter().find(|own| own.id == result.id).unwrap();
    own.violations[violation].reproduce.clone()
}

fn run_line_of(record: &RunRecord) -> String {
    let result = record
        .results
        .iter()
        .find(|result| result.verdict == Verdict::Violated)
        .unwrap();
    reproduce_of(record, result, 0).run
}

#[test]
fn a_run_is_repeated_with_what_decided_it() {
    let mut record = canned::complete();
    record.target.profile = None;
    record.target.key_env = Some("ACME_KEY".to_owned());
    assert_eq!(
        run_line_of(&record),
        "hubproof run https://hub.example/api/v1 --seed 7 --only EXE-02 --tools itsm.tickets.create --allow probe \
         --key-env ACME_KEY"
    );
    assert_eq!(
        run_line_of(&canned::bundled()),
        "hubproof run --seed 7 --only EXE-02 --tools itsm.tickets.create --defect accepts-any-key"
    );
}

#[test]
fn a_key_that_the_profile_does_not_name_is_named() {
    let mut record = canned::complete();
    assert!(!run_line_of(&record).contains("--key-env"), "the profile says it");
    record.target.key_env = Some("OTHER_KEY".to_owned());
    let line = run_line_of(&record);
    assert!(
        line.ends_with(r" --profile 'it'\''s hub.toml' --key-env OTHER_KEY"),
        "{line}"
    );
}

#[test]
fn as_many_patterns_as_it_takes_stand_in_a_line() {
    let record = canned::complete();
    let keys: Vec<_> = (0..400).map(|number| format!("crm.deals.number_{number:03}")).collect();
    let tools = keys.iter().map(|key| ToolSummary {
        key: key.clone(),
        ..record.tools[0].clone()
    });
    let record = RunRecord {
        tools: tools.collect(),
        left_out: vec!["crm.deals.purge".to_owned()],
        ..record
    };
    // A violation of no tool that the run took in.
    let line = run_line_of(&record);
    let patterns = line.split(" --tools ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(patterns.split(',').collect::<Vec<_>>(), keys);
    // That of a tool needs no other.
    let mut own = record.clone();
    own.tools.push(canned::complete().tools[0].clone());
    assert!(run_line_of(&own).contains(" --tools itsm.tickets.create --allow "));
}

#[test]
fn as_many_inputs_are_drawn_again() {
    let record = RunRecord {
        cases: 200,
        ..canned::complete()
    };
    assert!(run_line_of(&record).contains(" --only EXE-02 --cases 200 --tools "));
}

#[test]
fn a_sequence_is_drawn_again_from_all_tools() {
    let record = RunRecord {
        left_out: Vec::new(),
        ..canned::complete()
    };
    let mut results = record.results.iter();
    let has_one = |violation: &ViolationRecord| violation.sequence.is_some();
    let (result, at) = results
        .find_map(|result| Some((result, result.violations.iter().position(has_one)?)))
        .unwrap();
    let line = |record| reproduce_of(record, result, at).run;
    assert!(!line(&record).contains("--tools"));
    let summary = |key: &str| ToolSummary {
        key: key.to_owned(),
        ..record.tools[0].clone()
    };
    let of_some = RunRecord {
        tools: ["crm.contacts.get", "crm.deals.get", "itsm.tickets.get"]
            .map(summary)
            .to_vec(),
        left_out: vec!["itsm.tickets.create".to_owned()],
        ..record.clone()
    };
    assert!(line(&of_some).contains(" --tools 'crm.*,itsm.tickets.get' "));
    // Which are those of its connector, where it was one's.
    let of_connector = RunRecord {
        connector: Some("servicenow".to_owned()),
        ..record.clone()
    };
    assert!(line(&of_connector).contains(" --connector servicenow "));
    // It decides which connection a single tool's calls name, too.
    assert!(run_line_of(&of_connector).contains(" --connector servicenow --tools itsm.tickets.create "));
}

#[test]
fn a_bundled_hub_is_started_again_before_it_is_called() {
    let record = canned::bundled();
    let result = record
        .results
        .iter()
        .find(|result| result.verdict == Verdict::Violated)
        .unwrap();
    let reproduce = reproduce_of(&record, result, 0);
    let address = record.target.url.split('/').nth(2).unwrap();
    let hub = reproduce.hub.unwrap();
    assert!(
        hub.starts_with(&format!("reference-hub --listen {address} --defect accepts-any-key &")),
        "{hub}"
    );
    assert!(
        reproduce.calls.iter().all(|line| line.starts_with("curl ")),
        "{:?}",
        reproduce.calls
    );
    assert_eq!(reproduce_of(&canned::complete(), result, 0).hub, None);
}

#[test]
fn calls_at_once_are_a_line_and_a_run_alone_says_why() {
    let record = canned::bundled();
    let result = record
        .results
        .iter()
        .find(|own| own.verdict == Verdict::Violated)
        .unwrap();
    let of = |violation: usize| reproduce_of(&record, result, violation);
    let (sequence, race) = (of(2), of(3));
    assert_eq!((sequence.hub, sequence.calls), (None, Vec::new()));
    assert_eq!(sequence.run_alone, Some(RunAlone::Sequence));
    let [together, after] = race.calls.as_slice() else {
        panic!("{:?}", race.calls)
    };
    assert_eq!(*together, format!("{after} & {after} & wait"));
}

#[test]
fn what_holds_the_name_of_the_run_comes_after_a_new_one() {
    let mut record = canned::complete();
    record.run = "c-1".to_owned();
    let result = record
        .results
        .iter()
        .find(|own| own.verdict == Verdict::Violated)
        .unwrap();
    let calls = reproduce_of(&record, result, 0).calls;
    assert_eq!(calls[0], "HUB_RUN=$(date +%s)");
    assert!(calls[1].contains(r#"'"$HUB_RUN"'"#), "{}", calls[1]);
}

#[test]
fn a_tool_that_the_run_did_not_take_in_is_no_pattern() {
    let mut record = canned::bundled();
    record.tools.clear();
    assert!(!run_line_of(&record).contains("--tools"));
    assert_eq!(glob("-a.b-c,{*}"), "?a.b-c????");
}
