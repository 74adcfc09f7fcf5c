//! The search for explanations: of hand-made histories, and of whatever a sound hub may do.

use hubproof_model::case::ApprovalVerdict;
use hubproof_model::role::Role;
use proptest::prelude::*;

use super::sound_hub::{Ways, history, models};
use super::{at_once, call, decide, gated, one, sequence};
use crate::sequences::history::{History, Unexplained};
use crate::sequences::model::breaches::{self, Breach};
use crate::sequences::model::{Answer, Class};
use crate::sequences::operation::{Manner, Operation, Sent, Sequence, Which};

const SOUND: Ways = Ways {
    keys_by_actor: false,
    refuses_other_actors: false,
    other_inputs_wait: false,
    executes_on_approval: false,
    refuses_used_dry_runs: false,
    shows_late: 0,
};

fn success(number: u8) -> Answer {
    Answer::Success(Class {
        number,
        names_record: true,
    })
}

/// What a sound hub leaves, changed by `change`.
fn changed(groups: Vec<Vec<Operation>>, change: impl FnOnce(&mut History)) -> Result<Vec<Breach>, Unexplained> {
    let mut history = history(&sequence(groups), &[], SOUND);
    change(&mut history);
    let shown = history.explained(&models())?;
    Ok(shown.into_iter().map(|(breach, _)| breach).collect())
}

/// Sets an answer, and adds effects to all looks from there on.
fn wrong(history: &mut History, (group, at): (usize, usize), answer: Option<Answer>, effects: u64) {
    let event = &mut history.groups[group].events[at];
    event.answer = answer.unwrap_or(event.answer);
    let slot = event.slot;
    for group in &mut history.groups[group..] {
        for (own, seen) in &mut group.looks {
            *seen += if *own == slot { effects } else { 0 };
        }
    }
}

#[test]
fn a_replay_that_acts_is_no_duplicate_that_does() {
    let replay = || vec![one(call(Some(0), 0)), one(call(Some(0), 0))];
    let acts = changed(replay(), |history| wrong(history, (1, 0), None, 1));
    assert_eq!(acts, Ok(vec![breaches::REPLAY_ACTS]));
    let duplicates = vec![at_once(&[call(Some(0), 0); 2])];
    let acts = changed(duplicates, |history| wrong(history, (0, 1), Some(success(1)), 1));
    assert_eq!(acts, Ok(vec![breaches::DUPLICATE_ACTS]));
    let differs = changed(replay(), |history| wrong(history, (1, 0), Some(success(1)), 0));
    assert_eq!(differs, Ok(vec![breaches::REPLAY_DIFFERS]));
    let refused = changed(replay(), |history| wrong(history, (1, 0), Some(Answer::Refused), 0));
    assert_eq!(refused, Ok(vec![breaches::REPLAY_REFUSED]));
}

#[test]
fn a_duplicate_in_flight_may_be_refused_but_not_for_ever() {
    let groups = || vec![at_once(&[call(Some(0), 0); 3]), one(call(Some(0), 0))];
    let in_flight = changed(groups(), |history| wrong(history, (0, 0), Some(Answer::Refused), 0));
    assert_eq!(in_flight, Ok(vec![]));
    let for_ever = changed(groups(), |history| {
        wrong(history, (0, 0), Some(Answer::Refused), 0);
        wrong(history, (1, 0), Some(Answer::Refused), 0);
    });
    assert_eq!(for_ever, Ok(vec![breaches::DUPLICATE_SPOILS]));
}

#[test]
fn what_is_seen_at_once_was_done_by_what_came_last() {
    let dry = Sent {
        manner: Manner::Dry,
        ..call(Some(0), 0)
    };
    let groups = || vec![one(dry), one(call(Some(0), 0)), one(call(Some(0), 0))];
    let dry_acts = changed(groups(), |history| wrong(history, (0, 0), None, 1));
    assert_eq!(dry_acts, Ok(vec![breaches::DRY_RUN_ACTS]));
    let replay_acts = changed(groups(), |history| wrong(history, (2, 0), None, 1));
    assert_eq!(replay_acts, Ok(vec![breaches::REPLAY_ACTS]));
    let spent = changed(groups(), |history| {
        for at in [1, 2] {
            history.groups[at].events[0].answer = Answer::Refused;
            history.groups[at].looks[0].1 = 0;
        }
    });
    assert_eq!(spent, Ok(vec![breaches::KEY_SPENT_BY_DRY_RUN]));
}

#[test]
fn effects_that_show_late_accuse_nobody() {
    let groups = vec![one(call(Some(0), 0)), one(call(None, 0)), one(call(Some(1), 0))];
    let late = changed(groups, |history| {
        for group in &mut history.groups {
            group
                .looks
                .iter_mut()
                .for_each(|(_, seen)| *seen = seen.saturating_sub(1));
        }
    });
    assert_eq!(late, Ok(vec![]));
}

#[test]
fn a_call_merged_with_another_is_told_by_its_data() {
    let groups = || vec![one(call(Some(0), 0)), one(call(Some(1), 0)), one(call(None, 0))];
    let first = success(33);
    for (at, expected) in [(1, breaches::MERGED), (2, breaches::MERGED)] {
        let merged = changed(groups(), |history| {
            history.groups[at].events[0].answer = first;
            for group in &mut history.groups[at..] {
                group.looks.iter_mut().for_each(|(_, seen)| *seen -= 1);
            }
        });
        assert_eq!(merged, Ok(vec![expected]), "{at}");
    }
    let foreign = Sent {
        actor: Role::Foreign,
        ..call(Some(0), 0)
    };
    let revealed = changed(vec![one(call(Some(0), 0)), one(foreign)], |history| {
        history.groups[1].events[0].answer = first;
        history.groups[1].looks[1].1 = 0;
    });
    assert_eq!(revealed, Ok(vec![breaches::OTHER_WORKSPACE_REPLAYED]));
}

#[test]
fn another_input_must_be_refused() {
    let groups = || vec![one(call(Some(0), 0)), one(call(Some(0), 1))];
    let replayed = changed(groups(), |history| wrong(history, (1, 0), Some(success(33)), 0));
    assert_eq!(replayed, Ok(vec![breaches::OTHER_REPLAYED]));
    let acts = changed(groups(), |history| wrong(history, (1, 0), Some(success(1)), 1));
    assert_eq!(acts, Ok(vec![breaches::OTHER_ACTS]));
}

#[test]
fn approvals_are_of_one_call_and_for_one_effect() {
    let approve = |verdict| vec![one(gated(Some(3), 0)), vec![decide(verdict, 3, 0)]];
    let then = |verdict, next: Vec<Operation>| [approve(verdict), vec![next]].concat();
    let approved = |next| then(ApprovalVerdict::Approve, next);
    let rejected = |next| then(ApprovalVerdict::Reject, next);
    let own = || one(gated(Some(3), 0));
    let acts =
        |groups, answer: Option<Answer>, effects| changed(groups, |history| wrong(history, (2, 0), answer, effects));
    assert_eq!(acts(approved(own()), None, 0), Ok(vec![]));
    assert_eq!(acts(approved(own()), None, 1), Ok(vec![breaches::APPROVED_ACTS_AGAIN]));
    assert_eq!(
        acts(rejected(own()), Some(success(1)), 1),
        Ok(vec![breaches::REJECTED_ACTS])
    );
    assert_eq!(acts(rejected(own()), None, 1), Ok(vec![breaches::REJECTED_ACTS]));
    let other = || one(gated(Some(3), 1));
    assert_eq!(
        acts(approved(other()), Some(success(1)), 1),
        Ok(vec![breaches::OTHER_APPROVED])
    );
    let fresh = || one(gated(Some(4), 0));
    assert_eq!(
        acts(approved(fresh()), Some(success(1)), 1),
        Ok(vec![breaches::UNAPPROVED])
    );
    let waiting = vec![one(gated(Some(3), 0)), one(gated(Some(3), 0))];
    let executes = changed(waiting, |history| wrong(history, (1, 0), Some(success(1)), 1));
    assert_eq!(executes, Ok(vec![breaches::UNAPPROVED]));
    let unasked = changed(vec![one(gated(Some(3), 0))], |history| {
        wrong(history, (0, 0), Some(success(1)), 1);
    });
    assert_eq!(unasked, Ok(vec![breaches::UNASKED]));
    let race = approved(at_once(&[gated(Some(3), 0); 8]));
    let race = changed(race, |history| wrong(history, (2, 5), Some(success(1)), 1));
    assert_eq!(race, Ok(vec![breaches::APPROVED_ACTS_AGAIN]));
}

#[test]
fn a_waiting_call_may_lose_its_key_to_another_that_executed() {
    let ask = |input| one(gated(Some(3), input));
    let groups = vec![
        ask(0),
        ask(1),
        vec![decide(ApprovalVerdict::Approve, 3, 0)],
        ask(0),
        ask(1),
    ];
    let ways = Ways {
        other_inputs_wait: true,
        ..SOUND
    };
    let history = history(&sequence(groups), &[], ways);
    assert_eq!(history.groups[4].events[0].answer, Answer::Refused);
    assert_eq!(history.explained(&models()), Ok(vec![]));
}

#[test]
fn what_nothing_explains_is_said_so() {
    // Effects of an input that nothing was executed with.
    let groups = vec![one(call(Some(0), 0)), one(call(None, 1))];
    let nothing = changed(groups, |history| {
        history.groups[0].looks[1].1 = 1;
    });
    assert_eq!(nothing, Err(Unexplained::NoOrder));
}

#[test]
fn eight_different_calls_at_once_are_explained() {
    let calls: Vec<_> = (0..8).map(|number| call(Some(number % 3), number % 2)).collect();
    let groups = vec![at_once(&calls), at_once(&calls)];
    assert_eq!(changed(groups.clone(), |_| {}), Ok(vec![]));
    let acts = changed(groups, |history| wrong(history, (1, 7), None, 1));
    assert_eq!(acts, Ok(vec![breaches::REPLAY_ACTS]));
    // All eight act: as many different answers as calls.
    let race = changed(vec![at_once(&[call(Some(0), 0); 8])], |history| {
        (1..8).for_each(|at| wrong(history, (0, at), Some(success(at as u8)), 1));
    });
    assert_eq!(race, Ok(vec![breaches::DUPLICATE_ACTS]));
}

prop_compose! {
    fn sent()(
        actor in prop_oneof![4 => Just(Role::Primary), 1 => Just(Role::Secondary), 1 => Just(Role::Foreign)],
        is_gated in any::<bool>(),
        input in 0..2_u8,
        key in prop_oneof![1 => Just(None), 4 => (0..2_u8).prop_map(Some)],
        manner in prop_oneof![
            6 => Just(Manner::Real),
            1 => Just(Manner::NotDry),
            2 => Just(Manner::Dry),
            1 => Just(Manner::Invalid)
        ],
    ) -> Sent {
        match is_gated {
            true => Sent { actor: Role::Primary, tool: Which::Gated, input, key: key.map(|key| key + 3), manner },
            false => Sent { actor, tool: Which::Plain, input, key, manner },
        }
    }
}

fn group() -> impl Strategy<Value = Vec<Operation>> {
    let verdict = prop_oneof![Just(ApprovalVerdict::Approve), Just(ApprovalVerdict::Reject)];
    prop_oneof![
        4 => sent().prop_map(one),
        3 => prop::collection::vec(sent(), 2..=5).prop_map(|sent| at_once(&sent)),
        2 => (sent(), 2..=8_usize).prop_map(|(sent, many)| at_once(&vec![sent; many])),
        2 => (verdict, 3..5_u8, 0..2_u8).prop_map(|(verdict, key, input)| vec![decide(verdict, key, input)]),
    ]
}

/// Sequences in which each decision is on the first call under its key: what becomes of others under it, hubs differ in.
fn drawn() -> impl Strategy<Value = Sequence> {
    prop::collection::vec(group(), 1..8).prop_map(|groups| {
        let mut kept: Vec<Vec<Operation>> = Vec::new();
        for group in groups {
            let of_first = |key: u8, input: u8| {
                let asked = kept.iter().flatten().filter_map(Operation::sent);
                let mut asked =
                    asked.filter(|sent| sent.tool == Which::Gated && sent.manner.executes() && sent.key == Some(key));
                asked.next().is_some_and(|first| first.input == input)
            };
            let is_fit = match &group[0] {
                Operation::Decide(decision) => of_first(decision.key, decision.input),
                Operation::Call(_) => true,
            };
            if is_fit && sequence([kept.clone(), vec![group.clone()]].concat()).is_whole() {
                kept.push(group);
            }
        }
        sequence(kept)
    })
}

prop_compose! {
    fn ways()(
        keys_by_actor in any::<bool>(),
        refuses_other_actors in any::<bool>(),
        other_inputs_wait in any::<bool>(),
        executes_on_approval in any::<bool>(),
        refuses_used_dry_runs in any::<bool>(),
        shows_late in prop_oneof![3 => Just(0), 1 => 1..3_u64],
    ) -> Ways {
        Ways { keys_by_actor, refuses_other_actors, other_inputs_wait, executes_on_approval, refuses_used_dry_runs, shows_late }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_sound_hub_does_in_whatever_order_is_explained(
        sequence in drawn(),
        order in prop::collection::vec(any::<u16>(), 64),
        ways in ways(),
    ) {
        let history = history(&sequence, &order, ways);
        let explained = history.explained(&models());
        prop_assert_eq!(explained, Ok(Vec::new()), "{:#?}", history);
    }
}
