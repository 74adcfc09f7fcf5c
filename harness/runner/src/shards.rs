//! Which cases of a plan fall to a shard.

use std::collections::BTreeSet;

use hubproof_model::call::Credentials;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Finding;
use hubproof_model::requirement::RequirementId;
use hubproof_model::shard::Shard;
use hubproof_requirements::check::{Check, Scope};
use hubproof_requirements::observations::may_call_played;
use hubproof_requirements::vendor_faults::connections_of;

use crate::plan::Plan;

/// Leaves a plan the cases that fall to a shard, and names the requirements that lose all of theirs: another shard has them.
pub(crate) fn keep(plan: &mut Plan, shard: Shard, checks: &[&'static dyn Check]) -> Vec<RequirementId> {
    let of_logs: BTreeSet<RequirementId> = checks
        .iter()
        .filter(|check| check.scope() == Scope::Log)
        .map(|check| check.requirement().id)
        .collect();
    let requirements = |plan: &Plan| -> BTreeSet<RequirementId> {
        let cases = plan.cases.iter();
        cases.flat_map(|planned| planned.requirements.iter().copied()).collect()
    };
    let before = requirements(plan);
    plan.cases.retain(
        |planned| match planned.requirements.iter().any(|id| of_logs.contains(id)) {
            // Who judges a log may look at several of its cases together: they stay together.
            true => shard.is_first(),
            false => shard.takes(name(&planned.case)),
        },
    );
    before.difference(&requirements(plan)).copied().collect()
}

/// By what cases whose vendor is played, or may be, fall to a shard.
const VENDORS: &str = "vendors";

/// Whether it is for this part of a run to play vendors: they listen at one address, so that one part alone can.
pub(crate) fn plays_vendors(shard: Option<Shard>) -> bool {
    shard.is_none_or(|shard| shard.takes(VENDORS))
}

/// What decides to which shard a case falls: its id. Cases whose vendor is played go to one shard together, and so do those that exhaust a
/// limit: two runs that spend one key's calls at the same time would each see the other's. Those whose answers are compared with each other's
/// may call on connections whose vendor is played too.
fn name(case: &Case) -> &str {
    if !connections_of([case]).is_empty() || may_call_played(&case.id) {
        return VENDORS;
    }
    let calls = case.calls();
    let mut roles = calls.into_iter().filter_map(|call| match call.credentials {
        Credentials::Bearer(role) => Some(role),
        Credentials::Absent | Credentials::Values(_) => None,
    });
    match roles.any(|role| role.may_be_exhausted()) {
        true => "limits",
        false => &case.id,
    }
}

/// The findings of a log that are this shard's to tell. Every shard discovers the target and judges its own log; what is wrong with the
/// answers to discovery alone is told by the first.
pub(crate) fn own(shard: Option<Shard>, findings: Vec<Finding>, opening: &[Exchange]) -> Vec<Finding> {
    if shard.is_none_or(Shard::is_first) {
        return findings;
    }
    let numbers: BTreeSet<u64> = opening.iter().map(|exchange| exchange.number).collect();
    let is_of_opening = |finding: &Finding| match finding {
        Finding::Violated(violation) => {
            !violation.exchanges.is_empty() && violation.exchanges.iter().all(|number| numbers.contains(number))
        }
        _ => false,
    };
    findings.into_iter().filter(|finding| !is_of_opening(finding)).collect()
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use hubproof_model::case::Step;
    use hubproof_model::judgment::Violation;
    use hubproof_model::requirement::Area;
    use hubproof_model::role::Role;
    use hubproof_model::upstream::VendorStep;
    use serde_json::json;

    use super::*;
    use crate::plan::PlannedCase;

    fn planned(id: &str, role: Role, number: u8) -> PlannedCase {
        let call = Call::post_execute("a.b.c", json!({}), Intent::Read).with_credentials(Credentials::Bearer(role));
        PlannedCase {
            case: Case::new(id, "", vec![call]),
            requirements: vec![RequirementId::new(Area::Exe, number)],
        }
    }

    fn plan() -> Plan {
        let of = |number: u8| planned(&format!("EXE-02/{number}"), Role::Primary, number);
        let limits = ["a", "b", "c", "d"].map(|id| planned(&format!("RTL-03/{id}"), Role::Throttled, 99));
        Plan {
            cases: (0..40).map(of).chain(limits).collect(),
            unexercised: Vec::new(),
        }
    }

    #[test]
    fn shards_share_a_plan_without_rest() {
        let (mut ids, mut with_limits) = (Vec::new(), 0);
        for index in 1..=4 {
            let mut part = plan();
            let elsewhere = keep(&mut part, Shard::new(index, 4).unwrap(), &[]);
            let own: BTreeSet<_> = part.cases.iter().flat_map(|case| case.requirements.clone()).collect();
            assert!(elsewhere.iter().all(|id| !own.contains(id)));
            assert_eq!(own.len() + elsewhere.len(), 41);
            let limits = part.cases.iter().filter(|case| case.case.id.starts_with("RTL")).count();
            assert!(matches!(limits, 0 | 4), "one key's limit is exhausted in one place");
            with_limits += limits;
            ids.extend(part.cases.into_iter().map(|case| case.case.id));
        }
        ids.sort();
        let mut all: Vec<_> = plan().cases.into_iter().map(|case| case.case.id).collect();
        all.sort();
        assert_eq!((ids, with_limits), (all, 4));
    }

    #[test]
    fn the_shard_that_plays_vendors_has_all_their_cases() {
        let of_vendor = |index: u8| {
            let mut planned = planned(&format!("UPS-01/{index}"), Role::Primary, index);
            let step = Step::Vendor(VendorStep::sound("", "conn_1"));
            planned.case.steps.insert(0, step);
            planned
        };
        let mut playing = 0;
        for index in 1..=4 {
            let shard = Shard::new(index, 4).unwrap();
            let compared = (0..5).map(|index| planned(&format!("equal-results/{index}/0/jira"), Role::Primary, index));
            let mut part = Plan {
                cases: (0..10).map(of_vendor).chain(compared).collect(),
                unexercised: Vec::new(),
            };
            keep(&mut part, shard, &[]);
            let plays = plays_vendors(Some(shard));
            assert_eq!(part.cases.len(), if plays { 15 } else { 0 }, "shard {index}");
            playing += u8::from(plays);
        }
        assert_eq!(playing, 1);
        assert!(plays_vendors(None));
    }

    #[test]
    fn what_is_judged_together_stays_together() {
        let checks = crate::select::Selection::all().checks();
        let log = checks.iter().find(|check| check.scope() == Scope::Log).unwrap();
        let of_log = |index: u8| PlannedCase {
            requirements: vec![log.requirement().id],
            ..planned(&format!("log/{index}"), Role::Primary, 0)
        };
        for index in 1..=4 {
            let mut part = Plan {
                cases: (0..10).map(of_log).collect(),
                unexercised: Vec::new(),
            };
            let elsewhere = keep(&mut part, Shard::new(index, 4).unwrap(), &checks);
            let expected = if index == 1 { (10, 0) } else { (0, 1) };
            assert_eq!((part.cases.len(), elsewhere.len()), expected);
        }
    }

    #[test]
    fn what_discovery_shows_is_told_once() {
        let violated = |exchanges: &[u64]| {
            Finding::Violated(Violation {
                tool: None,
                summary: String::new(),
                expected: String::new(),
                observed: String::new(),
                exchanges: exchanges.to_vec(),
                assertion: None,
            })
        };
        let opening = [crate::canned::exchange(1), crate::canned::exchange(2)];
        let found = || vec![Finding::Held, violated(&[1, 2]), violated(&[2, 9]), violated(&[])];
        let told = |index| own(Shard::new(index, 2).ok(), found(), &opening).len();
        assert_eq!((told(1), told(2)), (4, 3));
        assert_eq!(own(None, found(), &opening).len(), 4);
    }
}
