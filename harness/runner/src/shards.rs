//! Which cases of a plan fall to a shard.

use std::collections::BTreeSet;

use hubproof_model::call::Credentials;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::shard::{Shard, fell_elsewhere};

use crate::plan::Plan;

/// Leaves a plan the cases that fall to a shard. What loses all of its cases is not exercised here: another shard does it.
pub(crate) fn keep(plan: &mut Plan, shard: Shard) {
    let planned: BTreeSet<_> = plan.cases.iter().flat_map(|case| case.requirements.clone()).collect();
    plan.cases.retain(|planned| shard.takes(&name(&planned.case)));
    let kept: BTreeSet<_> = plan.cases.iter().flat_map(|case| case.requirements.clone()).collect();
    for id in planned.difference(&kept) {
        plan.unexercised
            .push((*id, Unexercised::NotApplicable(fell_elsewhere(shard))));
    }
}

/// What decides to which shard a case falls: its id. Cases that exhaust a limit go to one shard together: two runs that spend one key's
/// calls at the same time would each see the other's.
fn name(case: &Case) -> String {
    let calls = case.calls();
    let roles = calls.into_iter().filter_map(|call| match call.credentials {
        Credentials::Bearer(role) => Some(role),
        Credentials::Absent | Credentials::Values(_) => None,
    });
    match roles.into_iter().find(|role| role.may_be_exhausted()) {
        Some(_) => "limits".to_owned(),
        None => case.id.clone(),
    }
}

/// The findings of a log that are this shard's to tell. Every shard discovers the target; what is wrong with the answers to that alone
/// is told by the first.
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
    use hubproof_model::judgment::Violation;
    use hubproof_model::requirement::{Area, RequirementId};
    use hubproof_model::role::Role;
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
        let mut ids = Vec::new();
        let mut with_limits = 0;
        for index in 1..=4 {
            let mut part = plan();
            keep(&mut part, Shard::new(index, 4).unwrap());
            let own: BTreeSet<_> = part.cases.iter().flat_map(|case| case.requirements.clone()).collect();
            assert!(part.unexercised.iter().all(|(id, _)| !own.contains(id)));
            assert_eq!(own.len() + part.unexercised.len(), 41);
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
