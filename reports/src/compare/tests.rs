//! What a comparison tells, of reports made up.

use hubproof_latency::{Kind, Place, Series};
use std::time::Duration;

use super::*;
use crate::canned;

fn report() -> Report {
    canned::report(&canned::complete())
}

/// The report with other verdicts of the first few requirements.
fn with(verdicts: &[(usize, Verdict, &[&str])]) -> Report {
    let mut report = report();
    for own in &mut report.requirements {
        own.verdict = Verdict::Held;
        own.violated_tools.clear();
        own.reason = None;
    }
    for (index, verdict, tools) in verdicts {
        let own = &mut report.requirements[*index];
        own.verdict = *verdict;
        own.reason = Some(format!("why {}", own.id));
        own.violated_tools = tools.iter().map(|tool| ((*tool).to_owned(), 1)).collect();
    }
    report
}

#[test]
fn a_report_is_no_different_from_itself() {
    let comparison = Comparison::of(&report(), &report());
    assert!(!comparison.is_worse());
    assert!(comparison.broken.is_empty() && comparison.mended.is_empty() && comparison.lost.is_empty());
    assert!(comparison.still.iter().all(|change| change.broken_tools.is_empty()));
    assert_eq!(comparison.differing, [""; 0]);
}

#[test]
fn what_changed_is_told_by_what_it_changed_from() {
    use Verdict::{Held, Inconclusive, NotExercised, Violated};
    let before = with(&[
        (0, Violated, &["a"]),
        (1, Violated, &["a", "b"]),
        (2, Held, &[]),
        (3, Held, &[]),
        (4, NotExercised, &[]),
        (5, Violated, &["c"]),
    ]);
    let now = with(&[
        (0, Held, &[]),
        (1, Violated, &["b", "c"]),
        (2, Violated, &["d"]),
        (3, NotExercised, &[]),
        (5, Inconclusive, &[]),
    ]);
    let comparison = Comparison::of(&before, &now);
    let ids = |changes: &[Change]| changes.iter().map(|change| change.id).collect::<Vec<_>>();
    let of = |indices: &[usize]| {
        indices
            .iter()
            .map(|index| before.requirements[*index].id)
            .collect::<Vec<_>>()
    };
    let sorted = |mut ids: Vec<RequirementId>| {
        ids.sort();
        ids
    };
    assert_eq!(ids(&comparison.mended), of(&[0]));
    assert_eq!(ids(&comparison.still), of(&[1]));
    assert_eq!(ids(&comparison.broken), of(&[2]));
    assert_eq!(ids(&comparison.lost), sorted(of(&[3, 5])));
    assert_eq!(ids(&comparison.gained), of(&[4]));
    let still = &comparison.still[0];
    assert_eq!(
        (&still.broken_tools, &still.mended_tools),
        (&["c".to_owned()].into(), &["a".to_owned()].into())
    );
    assert!(comparison.is_worse());
    insta::assert_snapshot!("compared", render(&comparison));
}

#[test]
fn what_does_not_gate_makes_nothing_worse() {
    let index = report()
        .requirements
        .iter()
        .position(|own| !hubproof_model::gate::FailOn::Must.gates(own.level))
        .unwrap();
    let comparison = Comparison::of(&with(&[]), &with(&[(index, Verdict::Violated, &["a"])]));
    assert!(!comparison.broken.is_empty() && !comparison.is_worse());
}

#[test]
fn what_was_excused_and_is_not_any_more_is_worse() {
    let now = with(&[(0, Verdict::Violated, &["a"])]);
    let mut excused = now.clone();
    let own = &mut excused.requirements[0];
    (own.violation_count, own.known_count) = (1, 1);
    assert!(Comparison::of(&excused, &now).is_worse());
    assert!(!Comparison::of(&now, &now).is_worse());
    let mut at_none = now.clone();
    at_none.requirements[0].violated_without_tool = 5;
    assert!(Comparison::of(&now, &at_none).is_worse());
}

#[test]
fn runs_that_ran_otherwise_say_so() {
    let mut other = report();
    other.seed = 8;
    other.tools.remove(0);
    let told = Comparison::of(&report(), &other).differing;
    assert_eq!(told[0], "the seed: 7 before, 8 now");
    assert!(told[1].starts_with("tools that are not any more: "), "{told:?}");
}

#[test]
fn a_median_that_moves_far_is_told() {
    let of = |milliseconds: u64, calls: u64| {
        let mut report = report();
        let latency = report.latency.as_mut().unwrap();
        let mut row = latency.service[0].clone();
        row.series = Series {
            place: Place::Execute("a.b.c".to_owned()),
            kind: Kind::Success,
        };
        row.histogram.reset();
        (0..calls).for_each(|_| row.histogram.record(Duration::from_millis(milliseconds)));
        latency.service = vec![row];
        report
    };
    let moved = |before: &Report, now: &Report| Comparison::of(before, now).latency.len();
    assert_eq!(moved(&of(10, 100), &of(20, 100)), 1);
    assert_eq!(moved(&of(20, 100), &of(10, 100)), 1);
    assert_eq!(moved(&of(10, 100), &of(12, 100)), 0, "no more than runs differ");
    assert_eq!(moved(&of(1, 100), &of(2, 100)), 0, "too short to tell");
    assert_eq!(moved(&of(10, 100), &of(20, 19)), 0, "too few");
}

#[test]
fn what_else_was_proved_or_on_what_is_said_first() {
    let before = report();
    let mut now = report();
    now.requirements.remove(0);
    now.target.defects = vec!["any-scheme".to_owned()];
    now.target.profile_sha256 = None;
    now.cases = 3;
    now.connector = Some("jira".to_owned());
    assert_eq!(
        Comparison::of(&before, &now).differing,
        [
            "the defects of the bundled hub: none before, any-scheme now",
            "the profile: 0c0c0c0c0c0c before, none now",
            "the inputs a tool (--cases): 20 before, 3 now",
            "the connector: none before, jira now",
            "requirements that are not selected any more: AUTH-01",
        ]
    );
    assert_eq!(
        Comparison::of(&now, &before).differing.last().map(String::as_str),
        Some("requirements that are newly selected: AUTH-01")
    );
}
