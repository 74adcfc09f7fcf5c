//! Baselines and runs that they are held against.

use std::collections::BTreeMap;

use hubproof_model::record::{ToolSummary, ViolationRecord};
use hubproof_model::repetition::Repetition;
use hubproof_model::requirement::{Area, Level, RequirementId};
use hubproof_model::safety::Risk;

use super::*;
use crate::canned;

const TICKETS: &str = "itsm.tickets.create";
const USERS: &str = "itsm.users.get";
const DEALS: &str = "crm.deals.list";

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, number).unwrap()
}

/// An entry for EXE-`number` that expires on the 20th.
fn entry(number: u8, tool: Option<&str>) -> KnownFailure {
    KnownFailure {
        requirement: RequirementId::new(Area::Exe, number),
        tool: tool.map(|tool| ToolGlob::new(tool).unwrap()),
        reason: format!("reason of {}", tool.unwrap_or("all")),
        owner: "itsm".to_owned(),
        expires: day(20),
    }
}

fn baseline(entries: &[KnownFailure]) -> Baseline {
    Baseline {
        path: "known.toml".to_owned(),
        today: day(20),
        entries: entries.to_vec(),
    }
}

/// EXE-01 held on tickets, EXE-02 violated on tickets twice and on no tool once, EXE-03 not exercised, EXE-04 inconclusive; the hub
/// has users and deals too.
fn run() -> RunRecord {
    let tool = |key: &str| ToolSummary {
        key: key.to_owned(),
        domain: "itsm".to_owned(),
        risk: Risk::Read,
        connectors: Vec::new(),
        requests: 1,
        answered_by: BTreeMap::new(),
    };
    let tried = |number, verdict| RequirementResult {
        tried_tools: [TICKETS.to_owned()].into(),
        ..canned::result(number, Level::Must, verdict)
    };
    let violation = |tool: Option<&str>| ViolationRecord {
        case: String::new(),
        tool: tool.map(str::to_owned),
        known: None,
        summary: String::new(),
        expected: String::new(),
        observed: String::new(),
        assertion: None,
        exchanges: Vec::new(),
        repetition: Repetition::Rounds(Vec::new()),
        alike: 0,
        smallest: None,
        sequence: None,
    };
    let results = vec![
        tried(1, Verdict::Held),
        RequirementResult {
            violation_count: 3,
            violations: vec![violation(Some(TICKETS)), violation(None)],
            violated_tools: violated(&[(Some(TICKETS), 2), (None, 1)]),
            ..tried(2, Verdict::Violated)
        },
        RequirementResult {
            reason: Some("needs a key".to_owned()),
            ..canned::result(3, Level::Must, Verdict::NotExercised)
        },
        RequirementResult {
            reason: Some("no answer".to_owned()),
            undecided: Some("no answer".to_owned()),
            ..tried(4, Verdict::Inconclusive)
        },
    ];
    RunRecord {
        tools: [DEALS, TICKETS, USERS].map(tool).into(),
        ..canned::record(RunEnd::Complete, results)
    }
}

fn violated(tools: &[(Option<&str>, u64)]) -> BTreeMap<Option<String>, u64> {
    tools
        .iter()
        .map(|(tool, count)| (tool.map(str::to_owned), *count))
        .collect()
}

fn applied(entries: &[KnownFailure], mut record: RunRecord) -> RunRecord {
    apply(&baseline(entries), &mut record);
    record
}

/// How a single entry stands after a run.
fn stands(entry: KnownFailure, record: RunRecord) -> Standing {
    let judged = applied(&[entry], record).baseline.unwrap();
    judged.entries[0].standing.clone()
}

#[test]
fn what_an_entry_matches_is_known_and_the_rest_is_not() {
    let record = applied(&[entry(2, Some("itsm.*"))], run());
    let result = &record.results[1];
    assert_eq!(
        (result.known_count, result.is_known(), result.is_broken()),
        (2, false, true)
    );
    let reasons: Vec<_> = result
        .violations
        .iter()
        .map(|found| found.known.as_ref().map(|known| &known.reason))
        .collect();
    assert_eq!(reasons, [Some(&"reason of itsm.*".to_owned()), None]);
    let whole = applied(&[entry(2, None)], run());
    assert!(whole.results[1].is_known() && !whole.results[1].is_broken());
    assert_eq!(whole.results[1].verdict, Verdict::Violated);
}

#[test]
fn violations_beyond_those_that_are_shown_count() {
    let mut record = run();
    record.results[1].violations.clear();
    let record = applied(&[entry(2, Some("itsm.*"))], record);
    assert_eq!(
        (record.results[1].known_count, record.results[1].is_known()),
        (2, false)
    );
}

#[test]
fn of_two_entries_that_match_the_first_counts_and_both_are_used() {
    let record = applied(&[entry(2, Some(TICKETS)), entry(2, None)], run());
    let violations = &record.results[1].violations;
    assert_eq!(
        violations[0].known.as_ref().unwrap().reason,
        format!("reason of {TICKETS}")
    );
    assert_eq!(violations[1].known.as_ref().unwrap().reason, "reason of all");
    let judged: Vec<_> = record
        .baseline
        .unwrap()
        .entries
        .iter()
        .map(|entry| (entry.matched, entry.standing.clone()))
        .collect();
    assert_eq!(judged, [(2, Standing::Matched), (3, Standing::Matched)]);
}

#[test]
fn an_expired_entry_is_stale_and_excuses_nothing() {
    let expired = KnownFailure {
        expires: day(19),
        ..entry(2, None)
    };
    let record = applied(std::slice::from_ref(&expired), run());
    assert!(record.results[1].is_broken() && record.results[1].known_count == 0);
    assert_eq!(record.results[1].violations[0].known, None);
    let judged = &record.baseline.unwrap().entries[0];
    assert_eq!(
        (judged.matched, &judged.standing),
        (3, &Standing::Stale(Stale::Expired))
    );
    // Its last day is no matter of what was sent.
    for number in [1, 3, 4, 9] {
        let expired = KnownFailure {
            requirement: RequirementId::new(Area::Exe, number),
            ..expired.clone()
        };
        assert_eq!(stands(expired, run()), Standing::Stale(Stale::Expired));
    }
}

#[test]
fn what_holds_or_matches_nothing_is_stale() {
    assert_eq!(stands(entry(1, None), run()), Standing::Stale(Stale::Holds));
    assert_eq!(stands(entry(1, Some("itsm.*")), run()), Standing::Stale(Stale::Holds));
    assert_eq!(stands(entry(1, Some("hris.*")), run()), Standing::Stale(Stale::NoTool));
    assert_eq!(stands(entry(2, Some("hris.*")), run()), Standing::Stale(Stale::NoTool));
    let mut record = run();
    record.results[1].tried_tools.insert(DEALS.to_owned());
    assert_eq!(
        stands(entry(2, Some("crm.*")), record),
        Standing::Stale(Stale::NoViolation)
    );
}

#[test]
fn a_tool_that_the_hub_does_not_list_counts_where_it_was_called() {
    let mut record = run();
    record.results[0].tried_tools.insert("hubproof.no_such.tool".to_owned());
    assert_eq!(
        stands(entry(1, Some("hubproof.*")), record),
        Standing::Stale(Stale::Holds)
    );
}

#[test]
fn a_run_says_nothing_of_what_it_did_not_look_for() {
    let silent = |number, tool: Option<&str>, record| match stands(entry(number, tool), record) {
        Standing::Silent(silence) => silence,
        other => panic!("{other:?}"),
    };
    assert_eq!(silent(9, None, run()), Silence::NotSelected);
    assert_eq!(
        silent(3, None, run()),
        Silence::NotExercised(Some("needs a key".to_owned()))
    );
    assert_eq!(
        silent(4, None, run()),
        Silence::Inconclusive(Some("no answer".to_owned()))
    );
    assert_eq!(silent(1, Some("crm.*"), run()), Silence::ToolNotTried);

    let mut narrowed = run();
    narrowed.left_out = vec![USERS.to_owned()];
    narrowed.tools.retain(|tool| tool.key != USERS);
    let left_out = || Silence::ToolLeftOut(USERS.to_owned());
    assert_eq!(silent(1, None, narrowed.clone()), left_out());
    assert_eq!(silent(1, Some("itsm.*"), narrowed.clone()), left_out());
    assert_eq!(
        stands(entry(1, Some(TICKETS)), narrowed.clone()),
        Standing::Stale(Stale::Holds)
    );
    assert_eq!(stands(entry(2, Some(TICKETS)), narrowed), Standing::Matched);

    let mut undecided = run();
    undecided.results[1].undecided = Some("a broken connection".to_owned());
    let why = Silence::Inconclusive(Some("a broken connection".to_owned()));
    assert_eq!(silent(2, Some("crm.*"), undecided), why);
}

#[test]
fn a_run_that_ended_early_judges_no_entry_by_what_it_did_not_find() {
    let ended = |end| RunRecord { end, ..run() };
    let expired = KnownFailure {
        expires: day(1),
        ..entry(2, None)
    };
    let interrupted = || ended(RunEnd::Interrupted(String::new()));
    assert_eq!(
        stands(entry(1, None), interrupted()),
        Standing::Silent(Silence::Interrupted)
    );
    assert_eq!(stands(expired, interrupted()), Standing::Silent(Silence::Interrupted));
    assert_eq!(stands(entry(2, None), interrupted()), Standing::Matched);
    for end in [
        RunEnd::TimeLimit(std::time::Duration::ZERO),
        RunEnd::TargetUnusable(String::new()),
        RunEnd::HarnessFault(String::new()),
    ] {
        assert_eq!(
            stands(entry(1, None), ended(end)),
            Standing::Silent(Silence::EndedEarly)
        );
    }
}

#[test]
fn a_new_baseline_has_an_entry_for_each_requirement_and_tool_that_fails() {
    let mut record = run();
    record.results[1].violated_tools = violated(&[(None, 1), (Some("a[1]"), 1), (Some(TICKETS), 2), (Some(""), 1)]);
    record.results[1].violation_count = 5;
    let entries = rewritten(&record, day(1));
    let told: Vec<_> = entries
        .iter()
        .map(|entry| entry.tool.as_ref().map(ToolGlob::as_str))
        .collect();
    assert_eq!(told, [Some("a[[]1[]]"), Some(TICKETS), None]);
    assert!(
        entries
            .iter()
            .all(|entry| entry.expires == day(31) && entry.reason == "TODO: say why" && entry.owner == "TODO")
    );
    let excused = applied(&entries, record);
    assert!(excused.results[1].is_known());
}

#[test]
fn a_baseline_is_brought_up_to_date_without_losing_what_people_wrote() {
    let expired = KnownFailure {
        expires: day(1),
        ..entry(2, Some(TICKETS))
    };
    let silent = entry(3, None);
    let old = [
        entry(1, None),
        expired.clone(),
        silent.clone(),
        entry(2, Some("hris.*")),
        entry(9, None),
    ];
    let record = applied(&old, run());
    let entries = rewritten(&record, day(20));
    assert_eq!(entries[..3], [expired, silent, entry(9, None)]);
    let new: Vec<_> = entries[3..]
        .iter()
        .map(|entry| (entry.requirement.number, entry.tool.is_some()))
        .collect();
    assert_eq!(new, [(2, false)]);
    assert_eq!(entries[3].owner, "TODO");

    let expired_and_holding = KnownFailure {
        expires: day(1),
        ..entry(1, None)
    };
    let entries = rewritten(&applied(&[entry(2, None), expired_and_holding], run()), day(20));
    assert_eq!(entries, [entry(2, None)]);
}
