//! RTL-13: the listing and definitions tell the limit too.

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Dialect;

use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::is_served;
use crate::site::Site;
use crate::told_limits::{ToldLimit, any_told, told_limits};
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 13),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "the listing and definitions tell the limit",
    statement: "A hub SHOULD send the headers with the listing and definitions too.",
    rationale: "A client that begins with the listing would know how fast it may go before its first execute; without, it must guess.",
    method: "Looks for the three headers in every listing and definition that the run was served, where any answer has them at all.",
    mend: "Set the headers on listings and definitions, too: by the same layer as on executes.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Rtl13;
pub(crate) const CHECK: Rtl13 = Rtl13;

impl Check for Rtl13 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        // The executes show whether the hub has such headers.
        Ok([traffic::catalogue(), traffic::successes(site)].concat())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let (told, dialect) = (told_limits(evidence), &evidence.surface.dialect);
        if let Err(nothing) = any_told(&told, dialect) {
            return vec![nothing];
        }
        let served = told.iter().filter(|told| is_served(told.exchange));
        served.filter_map(|told| judge_answer(told, dialect)).collect()
    }
}

/// `None` where it is an answer to something else.
fn judge_answer(told: &ToldLimit<'_>, dialect: &Dialect) -> Option<Finding> {
    let what = match told.exchange.call.endpoint {
        Endpoint::Listing { .. } => "a listing",
        Endpoint::Definition { .. } => "a definition",
        Endpoint::Execute { .. } | Endpoint::Approvals | Endpoint::Outside => return None,
    };
    let missing = told.missing(dialect);
    if missing.is_empty() {
        return Some(Finding::Held);
    }
    let missing: Vec<_> = missing.iter().map(|name| format!("`{name}`")).collect();
    Some(Finding::Violated(told.violation(
        format!("{what} comes without {}", missing.join(", ")),
        "the headers that executes have",
        &told.headers(),
    )))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use hubproof_model::exchange::Exchange;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, succeeded, telling, violations};

    const TOLD: [&str; 3] = ["100", "99", "60"];

    fn execute() -> Exchange {
        let call = Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read);
        succeeded(call, json!({}))
    }

    fn judge(exchanges: &[Exchange]) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, exchanges)
    }

    #[test]
    fn a_listing_and_a_definition_that_tell_the_limit_hold() {
        let listing = answered(Call::listing(None), 200, json!([]));
        let definition = answered(Call::definition("a.b.c"), 200, json!({}));
        assert!(all_held(&judge(&[telling(listing, TOLD), telling(definition, TOLD)])));
    }

    #[test]
    fn those_without_are_violations_where_executes_have_them() {
        let found = judge(&[
            telling(execute(), TOLD),
            answered(Call::listing(None), 200, json!([])),
            answered(Call::definition("a.b.c"), 200, json!({})),
            failed(Call::definition("no.such.tool"), 404, "TOOL_NOT_FOUND"),
        ]);
        let all = "`x-ratelimit-limit`, `x-ratelimit-remaining`, `x-ratelimit-reset`";
        assert_eq!(
            violations(&found),
            [
                format!("a listing comes without {all}"),
                format!("a definition comes without {all}")
            ]
        );
    }

    #[test]
    fn a_hub_that_tells_nothing_is_judged_elsewhere() {
        assert!(shows_nothing(&judge(&[
            execute(),
            answered(Call::listing(None), 200, json!([]))
        ])));
    }
}
