//! Sequences get shorter until nothing can be left out.

use hubproof_model::case::ApprovalVerdict;
use hubproof_model::role::Role;

use super::{at_once, call, decide, gated, one, sequence};
use crate::sequences::operation::{Manner, Operation, Sent, Sequence};

/// The shortest sequence on which a planted bug still shows, and the tries on the way.
fn shortest(mut sequence: Sequence, shows: impl Fn(&Sequence) -> bool) -> (Sequence, usize) {
    let mut tries = 0;
    while let Some(next) = sequence.smaller().into_iter().find(|candidate| {
        tries += 1;
        shows(candidate)
    }) {
        sequence = next;
    }
    (sequence, tries)
}

fn long() -> Sequence {
    let secondary = Sent {
        actor: Role::Secondary,
        ..call(Some(0), 0)
    };
    sequence(vec![
        one(call(None, 2)),
        at_once(&[call(Some(0), 1); 5]),
        one(gated(Some(3), 0)),
        one(call(Some(1), 0)),
        vec![decide(ApprovalVerdict::Approve, 3, 0)],
        at_once(&[call(Some(2), 1), call(Some(0), 1), secondary]),
        at_once(&[gated(Some(3), 0); 4]),
        one(Sent {
            manner: Manner::NotDry,
            ..call(Some(1), 0)
        }),
    ])
}

#[test]
fn a_bug_of_two_steps_shrinks_to_these() {
    // A call under key A, then in a later group the same: however many come at once.
    let replays = |sequence: &Sequence| {
        let of = |group: &Vec<Operation>| group.contains(&Operation::Call(call(Some(0), 1)));
        sequence.groups.iter().filter(|group| of(group)).count() > 1
    };
    let (found, tries) = shortest(long(), replays);
    assert_eq!(found.groups, [one(call(Some(0), 1)), one(call(Some(0), 1))]);
    assert!(tries < 60, "{tries}");
}

#[test]
fn a_race_keeps_two_at_once() {
    let races = |sequence: &Sequence| {
        let own = Operation::Call(gated(Some(3), 0));
        let is_approved = |at: usize| sequence.groups[..at].contains(&vec![decide(ApprovalVerdict::Approve, 3, 0)]);
        let mut groups = sequence.groups.iter().enumerate();
        groups.any(|(at, group)| is_approved(at) && group.iter().filter(|other| **other == own).count() > 1)
    };
    let (found, tries) = shortest(long(), races);
    let expected = [
        one(gated(Some(3), 0)),
        vec![decide(ApprovalVerdict::Approve, 3, 0)],
        at_once(&[gated(Some(3), 0); 2]),
    ];
    assert_eq!(found.groups, expected);
    assert!(tries < 60, "{tries}");
}

#[test]
fn a_group_that_need_not_race_is_put_in_sequence_and_manners_get_plain() {
    let both = |sequence: &Sequence| {
        let has = |own: Sent| {
            sequence
                .groups
                .iter()
                .flatten()
                .filter_map(Operation::sent)
                .any(|sent| (sent.key, sent.input) == (own.key, own.input))
        };
        has(call(Some(2), 1)) && has(call(Some(1), 0))
    };
    let (found, _) = shortest(long(), both);
    assert!(!found.races());
    let mut calls: Vec<_> = found.groups.concat();
    calls.sort();
    assert_eq!(
        calls,
        [Operation::Call(call(Some(1), 0)), Operation::Call(call(Some(2), 1))]
    );
}

#[test]
fn no_decision_is_left_without_its_call() {
    let mut tried = vec![long()];
    for _ in 0..3 {
        tried = tried
            .iter()
            .flat_map(|sequence| sequence.smaller().into_iter().take(12))
            .collect();
        assert!(tried.iter().all(Sequence::is_whole));
        assert!(tried.iter().all(|sequence| sequence.operations() > 0));
    }
}
