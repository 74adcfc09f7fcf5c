//! Drawn sequences, played on the small acting hub.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::{ApprovalVerdict, Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use super::{at_once, call, decide, gated, one, sequence};
use crate::acting_hub::{World, acting_hub, judged};
use crate::areas::REGISTRY;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::exchanges::{Hub, failed, unanswered, violations};
use crate::sequences::draw::drawn_of;
use crate::sequences::judge::{exercised, judge};
use crate::sequences::model::is_rule;
use crate::sequences::operation::{Manner, Operation, Sent, Sequence};
use crate::sequences::{case, sequence_of};
use crate::site::Site;

/// A check that says all that a sequence shows, each finding under its own requirement.
#[derive(Default)]
struct All(std::sync::Mutex<Vec<(RequirementId, Finding)>>);

const NONE: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 99),
    level: Level::Must,
    basis: Basis::Ref,
    source: "",
    title: "",
    statement: "",
    rationale: "",
    method: "",
    mend: "",
    needs: &[],
    reach: Allow::Admin,
    since: "",
};

impl Check for All {
    fn requirement(&self) -> &'static Requirement {
        &NONE
    }

    fn plan(&self, _: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(Vec::new())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let found = judge(evidence);
        self.0.lock().unwrap().extend(found.clone());
        found.into_iter().map(|(_, finding)| finding).collect()
    }
}

/// What a sequence shows on the hub.
fn shown(
    hub: &Hub,
    sequence: &Sequence,
    twist: impl Fn(&mut World, &Call) -> Option<Exchange>,
) -> Vec<(RequirementId, Finding)> {
    let case = case(&hub.site(), sequence, "sequence/1").unwrap();
    assert_eq!(sequence_of(&case).as_ref(), Some(sequence));
    let all = All::default();
    judged(hub, &all, &case, twist);
    all.0.into_inner().unwrap()
}

fn all_drawn(hub: &Hub, seeds: std::ops::Range<u64>) -> Vec<Sequence> {
    seeds.flat_map(|seed| drawn_of(&hub.site(), seed, 12)).collect()
}

/// The requirements that the sequences show broken on a twisted hub, with how many of the sequences show each.
fn broken(hub: &Hub, twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> BTreeMap<String, usize> {
    let mut broken: BTreeMap<String, usize> = BTreeMap::new();
    for sequence in all_drawn(hub, 1..4) {
        for (id, finding) in shown(hub, &sequence, &twist) {
            assert!(
                !matches!(finding, Finding::Inconclusive(_)),
                "{finding:?} {sequence:#?}"
            );
            if matches!(finding, Finding::Violated(_)) {
                *broken.entry(id.to_string()).or_default() += 1;
            }
        }
    }
    broken
}

fn names(broken: &BTreeMap<String, usize>) -> Vec<&str> {
    broken.keys().map(String::as_str).collect()
}

fn is_real(call: &Call) -> bool {
    call.tool().is_some_and(|tool| tool.ends_with(".create")) && !call.is_dry_run()
}

#[test]
fn drawn_sequences_are_whole_within_bounds_and_the_seeds_own() {
    let hub = acting_hub();
    let sequences = all_drawn(&hub, 1..40);
    for sequence in &sequences {
        assert!(sequence.is_whole(), "{sequence:#?}");
        assert!((6..=20).contains(&sequence.operations()), "{sequence:#?}");
        assert!(sequence.groups.iter().all(|group| (1..=8).contains(&group.len())));
    }
    assert_eq!(sequences, all_drawn(&hub, 1..40));
    assert_ne!(drawn_of(&hub.site(), 1, 12), drawn_of(&hub.site(), 2, 12));
    let racing = sequences.iter().filter(|sequence| sequence.races()).count();
    assert!(racing * 2 > sequences.len(), "{racing} of {}", sequences.len());
}

#[test]
fn every_rule_that_sequences_can_break_is_exercised_and_held_by_a_sound_hub() {
    let hub = acting_hub();
    let mut held: BTreeMap<RequirementId, usize> = BTreeMap::new();
    for sequence in all_drawn(&hub, 1..20) {
        for (id, finding) in shown(&hub, &sequence, |_, _| None) {
            assert_eq!(finding, Finding::Held, "{id} {sequence:#?}");
            *held.entry(id).or_default() += 1;
        }
    }
    let rules = REGISTRY
        .iter()
        .map(|check| check.requirement().id)
        .filter(|id| is_rule(*id));
    // That refusals have no effect is its own check's.
    let rules = rules.filter(|id| id.area != Area::Exe);
    let unheld: Vec<_> = rules
        .filter(|id| !held.contains_key(id))
        .map(|id| id.to_string())
        .collect();
    assert!(unheld.is_empty(), "{unheld:?}");
}

#[test]
fn duplicates_that_came_one_after_the_other_hold_nothing_of_concurrent_ones() {
    let hub = acting_hub();
    let duplicates = sequence(vec![
        at_once(&[call(Some(0), 0), call(Some(0), 0)]),
        one(gated(Some(3), 1)),
        vec![decide(ApprovalVerdict::Approve, 3, 1)],
        at_once(&[gated(Some(3), 1), gated(Some(3), 1)]),
    ]);
    let held = |apart: u64| {
        let found = shown(&hub, &duplicates, |world, call| {
            let number: u64 = call.label.strip_prefix("operation ")?.parse().ok()?;
            Some(Exchange {
                sent_after: Duration::from_millis(number * apart),
                elapsed: Duration::from_millis(5),
                ..world.answer(call)
            })
        });
        let held = found.into_iter().filter(|(_, finding)| *finding == Finding::Held);
        held.map(|(id, _)| id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(held(4), ["IDM-02", "APR-01", "APR-02", "APR-03"]);
    assert_eq!(held(5), ["APR-01", "APR-02"]);
}

#[test]
fn replays_that_act_are_found() {
    let hub = acting_hub();
    let seen: RefCell<BTreeSet<(String, Role)>> = RefCell::default();
    let found = broken(&hub, |world, call| {
        let Credentials::Bearer(role) = call.credentials else {
            return None;
        };
        if call.label == "operation 1" {
            seen.borrow_mut().clear();
        }
        let body = call.json()?.clone();
        let key = body.get("idempotency_key").filter(|_| is_real(call))?;
        let answer = world.answer(call);
        let is_success = answer.response().is_some_and(|response| response.status == 200);
        if is_success && !seen.borrow_mut().insert((key.to_string(), role)) {
            world.act(call);
        }
        Some(answer)
    });
    assert_eq!(names(&found), ["APR-03", "IDM-01", "IDM-02"]);
}

#[test]
fn dry_runs_that_act_are_found() {
    let found = broken(&acting_hub(), |world, call| {
        let answer = world.answer(call);
        if call.is_dry_run() && call.tool().is_some_and(|tool| tool.ends_with(".create")) {
            world.act(call);
        }
        Some(answer)
    });
    assert_eq!(names(&found), ["DRY-01", "DRY-05"]);
}

#[test]
fn keys_that_are_no_keys_are_found() {
    let found = broken(&acting_hub(), |world, call| {
        is_real(call).then(|| {
            world.answer_changed(call, |body| {
                body.as_object_mut().unwrap().remove("idempotency_key");
            })
        })
    });
    for id in ["IDM-01", "IDM-02", "IDM-03"] {
        assert!(found.contains_key(id), "{found:?}");
    }
}

#[test]
fn gated_calls_that_execute_are_found() {
    let found = broken(&acting_hub(), |world, call| {
        (is_real(call) && call.tool() == Some("hr.offers.create")).then(|| world.act(call))
    });
    for id in ["APR-01", "APR-07"] {
        assert!(found.contains_key(id), "{found:?}");
    }
    assert!(found.keys().all(|id| id.starts_with("APR")), "{found:?}");
}

#[test]
fn a_sequence_that_is_disturbed_shows_nothing() {
    let hub = acting_hub();
    let replay = sequence(vec![
        one(call(Some(0), 0)),
        one(call(Some(0), 0)),
        one(gated(Some(3), 0)),
    ]);
    let at = |label: &'static str, answer: fn(Call) -> Exchange| {
        move |_: &mut World, call: &Call| (call.label == label).then(|| answer(call.clone()))
    };
    let is_nothing = |found: Vec<(RequirementId, Finding)>| {
        let is_open = |finding: &Finding| matches!(finding, Finding::Inconclusive(_) | Finding::NotExercised(_));
        !found.is_empty() && found.iter().all(|(_, finding)| is_open(finding))
    };
    let throttled = |call| failed(call, 429, "RATE_LIMITED");
    assert!(is_nothing(shown(&hub, &replay, at("operation 2", throttled))));
    let vendor = |call| failed(call, 502, "UPSTREAM_ERROR");
    assert!(is_nothing(shown(&hub, &replay, at("operation 2", vendor))));
    let broken = |call| unanswered(call, hubproof_model::exchange::Fault::Broken(String::new()));
    assert!(is_nothing(shown(&hub, &replay, at("operation 1", broken))));
    let crashed = |call| failed(call, 500, "INTERNAL");
    assert!(is_nothing(shown(&hub, &replay, at("operation 2", crashed))));
    // A listing that shows nothing of what the tool does.
    let blind = |world: &mut World, call: &Call| {
        let is_list = call.tool().is_some_and(|tool| tool.ends_with(".list"));
        is_list.then(|| world.answer_changed(call, |body| body["input"]["query"] = "nothing".into()))
    };
    let shown = shown(&hub, &replay, blind);
    assert!(
        shown
            .iter()
            .all(|(_, finding)| matches!(finding, Finding::NotExercised(_))),
        "{shown:?}"
    );
}

#[test]
fn refusals_count_only_beside_a_success_of_the_same_actor() {
    let hub = acting_hub();
    let secondary = Sent {
        actor: Role::Secondary,
        ..call(Some(1), 1)
    };
    let refused = |world: &mut World, call: &Call| match call.credentials {
        Credentials::Bearer(Role::Secondary) if is_real(call) => Some(failed(call.clone(), 403, "FORBIDDEN")),
        _ => Some(world.answer(call)),
    };
    let twice = sequence(vec![one(call(Some(0), 0)), one(secondary), one(secondary)]);
    let found: Vec<_> = shown(&hub, &twice, refused)
        .into_iter()
        .map(|(_, finding)| finding)
        .collect();
    assert_eq!(violations(&found), Vec::<&str>::new());
}

#[test]
fn a_violation_names_its_operation_and_shows_the_way_to_it() {
    let hub = acting_hub();
    let replay = sequence(vec![one(call(Some(0), 0)), one(call(Some(0), 0)), one(call(None, 1))]);
    let found = shown(&hub, &replay, |world, call| {
        (call.label == "operation 2").then(|| world.act(call))
    });
    let violation = found.iter().find_map(|(id, finding)| match finding {
        Finding::Violated(violation) if id.to_string() == "IDM-01" => Some(violation),
        _ => None,
    });
    let violation = violation.unwrap();
    assert_eq!(violation.tool.as_deref(), Some("itsm.tickets.create"));
    assert_eq!(
        violation.observed,
        "operation 2, primary executes itsm.tickets.create with key A, input 1 → HTTP 200, success; after it, 2 effects of input 1"
    );
    // Two calls, and the look after each.
    assert_eq!(violation.exchanges, [1, 2, 3, 4]);
}

#[test]
fn what_a_sequence_exercises_is_told_from_its_operations() {
    let dry = Sent {
        manner: Manner::Dry,
        ..call(Some(0), 0)
    };
    let told = |groups: Vec<Vec<Operation>>| {
        let ids = exercised(&sequence(groups)).into_iter();
        ids.map(|id| id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told(vec![one(dry), one(call(Some(0), 0))]), ["IDM-08", "DRY-01"]);
    assert_eq!(told(vec![one(call(Some(0), 0)), one(call(Some(0), 1))]), ["IDM-03"]);
    assert_eq!(told(vec![one(call(Some(0), 0)), one(call(None, 0))]), ["IDM-04"]);
    assert_eq!(told(vec![one(gated(None, 0))]), ["APR-07"]);
    assert_eq!(told(vec![one(call(Some(0), 0))]), Vec::<String>::new());
}

#[test]
fn tries_share_no_marker_and_no_key() {
    let hub = acting_hub();
    let own = sequence(vec![one(call(Some(0), 0)), one(call(Some(0), 1))]);
    let values = |id: &str| {
        let case = case(&hub.site(), &own, id).unwrap();
        let bodies = case
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Call(_)))
            .flat_map(Step::calls);
        let texts = bodies.filter_map(Call::json).flat_map(|body| {
            let own = [&body["idempotency_key"], &body["input"]["title"]];
            own.map(|value| value.as_str().unwrap_or_default().to_owned())
        });
        texts.collect::<BTreeSet<_>>()
    };
    let (first, second) = (values("sequence/1/IDM-03/try-1"), values("sequence/1/IDM-03/try-2"));
    assert_eq!((first.len(), second.len()), (3, 3));
    assert!(first.is_disjoint(&second));
}
