//! RTL-01: every execute with a valid key tells the limit.

use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Dialect;

use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::exhaustion::of_key_if_granted;
use crate::judging::is_throttled;
use crate::site::Site;
use crate::told_limits::{ToldLimit, told_limits};
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Rate limits",
    title: "every execute tells the limit",
    statement: "A hub MUST send `X-RateLimit-Limit`, `-Remaining`, `-Reset` with every answer to a valid key's execute, 429 included.",
    rationale: "A client that is not told how much is left cannot slow down in time; it learns of the limit by failing.",
    method: "Looks for the three headers in every answer of the run to an execute with a valid key: successes, errors and 429 alike. \
             Other spellings are taken where the profile pins them.",
    mend: "Set the three headers where every answer to a valid key leaves the hub, so that refusals and 429 have them as successes \
           do.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Rtl01;
pub(crate) const CHECK: Rtl01 = Rtl01;

impl Check for Rtl01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = [traffic::successes(site), traffic::dry_runs(site), traffic::errors(site)].concat();
        // Where a key may be exhausted, 429 is seen too.
        cases.extend(of_key_if_granted(site));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let told = told_limits(evidence).into_iter().filter(ToldLimit::is_execute);
        told.map(|told| judge_answer(&told, &evidence.surface.dialect))
            .collect()
    }
}

fn judge_answer(told: &ToldLimit<'_>, dialect: &Dialect) -> Finding {
    let missing = told.missing(dialect);
    if missing.is_empty() {
        return Finding::Held;
    }
    let answer = match told.exchange.response().map(|response| response.status) {
        _ if is_throttled(told.exchange) => "429",
        Some(200..=299) => "a success",
        _ => "an error",
    };
    let missing: Vec<_> = missing.iter().map(|name| format!("`{name}`")).collect();
    Finding::Violated(told.violation(
        format!("{answer} comes without {}", missing.join(", ")),
        "all three headers with every answer to a valid key's execute (other spellings: [dialect] limit_header, remaining_header, \
         reset_header)",
        &told.headers(),
    ))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Credentials, Intent};
    use hubproof_model::exchange::Exchange;
    use hubproof_model::role::Role;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, telling, violations};

    fn execute() -> Call {
        Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read)
    }

    fn judge(exchanges: &[Exchange]) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, exchanges)
    }

    #[test]
    fn all_three_hold_whatever_they_say() {
        let told = ["100", "many", "soon"];
        let found = judge(&[
            telling(succeeded(execute(), json!({})), told),
            telling(failed(execute(), 400, "INVALID_INPUT"), told),
            telling(failed(execute(), 429, "RATE_LIMITED"), told),
        ]);
        assert!(all_held(&found) && found.len() == 3);
    }

    #[test]
    fn what_is_missing_is_named_with_the_kind_of_answer() {
        let mut partly = telling(failed(execute(), 429, "RATE_LIMITED"), ["1", "0", "9"]);
        if let Ok(response) = &mut partly.result {
            response.headers.retain(|(name, _)| name != "x-ratelimit-reset");
        }
        let found = judge(&[
            succeeded(execute(), json!({})),
            failed(execute(), 404, "TOOL_NOT_FOUND"),
            partly,
        ]);
        let all = "`x-ratelimit-limit`, `x-ratelimit-remaining`, `x-ratelimit-reset`";
        assert_eq!(
            violations(&found),
            [
                format!("a success comes without {all}"),
                format!("an error comes without {all}"),
                "429 comes without `x-ratelimit-reset`".to_owned(),
            ]
        );
    }

    #[test]
    fn pinned_spellings_count_and_others_are_shown() {
        let mut hub = Hub::small();
        let mut exchange = telling(succeeded(execute(), json!({})), ["1", "0", "9"]);
        if let Ok(response) = &mut exchange.result {
            for (name, _) in &mut response.headers {
                *name = name.replace("x-ratelimit", "ratelimit");
            }
        }
        let found = hub.judge(&CHECK, None, std::slice::from_ref(&exchange));
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert!(violation.observed.contains("ratelimit-remaining: 0"), "{violation:?}");
        let dialect = &mut hub.surface.dialect;
        dialect.limit_header = Some("RateLimit-Limit".to_owned());
        dialect.remaining_header = Some("RateLimit-Remaining".to_owned());
        dialect.reset_header = Some("RateLimit-Reset".to_owned());
        assert!(all_held(&hub.judge(&CHECK, None, &[exchange])));
    }

    #[test]
    fn other_faces_and_calls_without_a_valid_key_are_not_judged() {
        let found = judge(&[
            answered(Call::listing(None), 200, json!([])),
            failed(execute().with_credentials(Credentials::Absent), 401, "UNAUTHORIZED"),
            failed(
                execute().with_credentials(Credentials::Bearer(Role::Revoked)),
                401,
                "UNAUTHORIZED",
            ),
            answered(execute(), 503, json!("down")),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }
}
