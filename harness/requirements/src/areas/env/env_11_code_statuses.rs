//! ENV-11: each error code has its statuses.

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::api_answers::{api_answers, may_be_replay};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 11),
    level: Level::Should,
    basis: Basis::Http,
    source: "RFC 9110 §15.5 and §15.6; reference: Common error codes",
    title: "error codes come with their statuses",
    statement: "A hub SHOULD pair codes with statuses: UNAUTHORIZED 401; FORBIDDEN 403; TOOL_NOT_FOUND 404; CONNECTION_NOT_FOUND 404, \
                409, 422 or 424; INVALID_INPUT 400 or 422 (413, 415 where they fit, 409 for a key's conflict or a duplicate in flight); \
                APPROVAL_REQUIRED 202, 403, 409 or 428; UPSTREAM_ERROR 502, 503, 504 or 424.",
    rationale: "Proxies, caches and retry policies act on the status before any client reads the code.",
    method: "Looks at every error of the run with a documented code, those of frameworks and proxies aside. RATE_LIMITED is left to \
             ENV-10.",
    mend: "Keep one table from error code to status, and use it wherever an error is written.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Env11;
pub(crate) const CHECK: Env11 = Env11;

impl Check for Env11 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::errors(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        api_answers(evidence)
            .filter_map(|(exchange, response)| judge_pair(exchange, response))
            .collect()
    }
}

fn judge_pair(exchange: &Exchange, response: &Response) -> Option<Finding> {
    let Outcome::Error(code) = Outcome::of(exchange) else {
        return None;
    };
    let statuses = statuses(&code, &exchange.call)?;
    if statuses.contains(&response.status) {
        return Some(Finding::Held);
    }
    let summary = format!("{code} comes with status {}", response.status);
    let named: Vec<_> = statuses.iter().map(u16::to_string).collect();
    Some(Finding::Violated(violated(
        exchange,
        summary,
        format!("status {}", named.join(" or ")),
    )))
}

/// The statuses that fit a code. 413 and 415 are not among them: with those, a framework may have answered.
fn statuses(code: &ErrorCode, call: &Call) -> Option<&'static [u16]> {
    Some(match code {
        ErrorCode::Unauthorized => &[401],
        ErrorCode::Forbidden => &[403],
        ErrorCode::ToolNotFound => &[404],
        ErrorCode::ConnectionNotFound => &[404, 409, 422, 424],
        ErrorCode::InvalidInput if may_be_replay(call) => &[400, 409, 422],
        ErrorCode::InvalidInput => &[400, 422],
        ErrorCode::ApprovalRequired => &[202, 403, 409, 428],
        ErrorCode::UpstreamError => &[424, 502, 503, 504],
        ErrorCode::RateLimited | ErrorCode::Other(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Endpoint, Intent};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, succeeded, violations};

    fn judge(call: Call, status: u16, code: &str) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, &[failed(call, status, code)])
    }

    fn execute(body: serde_json::Value) -> Call {
        Call::post_execute("a.b.c", body, Intent::Read)
    }

    #[test]
    fn the_pairs_of_the_table_hold() {
        for (code, statuses) in [
            ("UNAUTHORIZED", &[401][..]),
            ("FORBIDDEN", &[403]),
            ("TOOL_NOT_FOUND", &[404]),
            ("CONNECTION_NOT_FOUND", &[404, 409, 422, 424]),
            ("INVALID_INPUT", &[400, 422]),
            ("APPROVAL_REQUIRED", &[202, 403, 409, 428]),
            ("UPSTREAM_ERROR", &[502, 503, 504, 424]),
        ] {
            for status in statuses {
                assert!(all_held(&judge(execute(json!({})), *status, code)), "{code} {status}");
            }
        }
    }

    #[test]
    fn another_status_is_a_violation() {
        for (status, code) in [(403, "UNAUTHORIZED"), (200, "INVALID_INPUT"), (500, "UPSTREAM_ERROR")] {
            let found = judge(execute(json!({})), status, code);
            assert_eq!(violations(&found), [format!("{code} comes with status {status}")]);
        }
    }

    #[test]
    fn a_conflict_is_one_of_idempotency_keys() {
        assert_eq!(violations(&judge(execute(json!({})), 409, "INVALID_INPUT")).len(), 1);
        let keyed = execute(json!({"idempotency_key": "k"}));
        assert!(all_held(&judge(keyed, 409, "INVALID_INPUT")));
    }

    #[test]
    fn successes_throttles_other_codes_and_frameworks_are_not_judged() {
        assert!(judge(execute(json!({})), 503, "RATE_LIMITED").is_empty());
        assert!(judge(execute(json!({})), 500, "INTERNAL").is_empty());
        assert!(judge(execute(json!({})), 413, "INVALID_INPUT").is_empty());
        assert!(judge(Call::get(Endpoint::Outside, "/nowhere"), 400, "TOOL_NOT_FOUND").is_empty());
        let success = succeeded(execute(json!({})), json!({}));
        assert!(Hub::small().judge(&CHECK, None, &[success]).is_empty());
    }
}
