//! UPS-04: a vendor that does not answer is told of in time.

use std::time::Duration;

use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, is_throttled, observed, violated};
use crate::site::Site;
use crate::vendor_faults::{CALL, controlled, fault_of, in_words, is_watched, met_by};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 4),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Common error codes",
    title: "a vendor that gives no answer is UPSTREAM_ERROR in time",
    statement: "A hub MUST answer UPSTREAM_ERROR within the profile's limit (default 30 s) when the vendor refuses, resets, stalls, drips, \
                truncates, or sends something that is not JSON.",
    rationale: "Vendors fail in these ways more often than with a status. A hub that waits with them takes its clients down too.",
    method: "Plays the vendor of a connection and lets it refuse, reset (before the answer and within), stall, drip, truncate, and \
             answer with a login page and with broken JSON, to tools that read and make records, each beside its control.",
    mend: "Bound the whole call to the vendor, not only its connecting and each read; take whatever cannot be read as the answer \
           for UPSTREAM_ERROR.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// Nothing reaches a vendor that refuses.
const REFUSE: &str = "refuse";
const FAULTS: [&str; 6] = [REFUSE, "reset", "reset-in-body", "truncate", "login-page", "not-json"];
/// What lasts as long as the hub waits: tried with one tool.
const ENDLESS: [&str; 2] = ["stall", "drip"];
/// The fact that holds the profile's limit.
const LIMIT: &str = "limit_ms";
/// The contract's tolerance for times.
const TOLERANCE: Duration = Duration::from_secs(1);

pub(crate) struct Ups04;
pub(crate) const CHECK: Ups04 = Ups04;

impl Check for Ups04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = site.faulted("UPS-04", &FAULTS, 1)?;
        cases.extend(site.faulted_with_one("UPS-04", &ENDLESS)?);
        for case in &mut cases {
            let is_its_own = |connection: &str| case.id.split('/').nth(1) == Some(connection);
            let mut upstream = site.profile.upstream.iter();
            let own = upstream.find(|upstream| is_its_own(&upstream.connection.id));
            case.facts[LIMIT] = json!(own.map(|own| own.limit.as_millis() as u64));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    controlled(evidence)?;
    let fault = fault_of(evidence);
    let sent = evidence.exchanges.iter().find(|exchange| exchange.call.label == CALL);
    let call = *sent.ok_or_else(|| Finding::Inconclusive(format!("the {CALL} call was not sent")))?;
    let limit = limit(evidence)?;
    // Nothing reaches a vendor that refuses.
    if fault != REFUSE || !is_watched(evidence)? {
        met_by(evidence, call)?;
    }
    let expected = format!("UPSTREAM_ERROR within {} s", limit.as_secs_f64());
    let violation = |summary: String| {
        Ok(Finding::Violated(Violation {
            observed: format!("{} after {:.1} s", observed(call), call.elapsed.as_secs_f64()),
            ..violated(call, summary, expected.as_str())
        }))
    };
    let fault = in_words(fault);
    if call.result.is_err() {
        without_answer(call, limit)?;
        return violation(format!("a call whose vendor fails ({fault}) gets no answer"));
    }
    let outcome = Outcome::of(call);
    if is_throttled(call) {
        let why = format!("the {CALL} call was throttled: {}", observed(call));
        return Err(Finding::Inconclusive(why));
    }
    match outcome.is(&ErrorCode::UpstreamError) {
        false => violation(format!(
            "a call whose vendor fails ({fault}) is answered with {outcome}"
        )),
        true if call.elapsed > limit + TOLERANCE => {
            violation(format!("a call whose vendor fails ({fault}) is answered late"))
        }
        true => Ok(Finding::Held),
    }
}

/// That a call without an answer was waited for long enough to say so.
///
/// # Errors
/// That it was not.
fn without_answer(call: &Exchange, limit: Duration) -> Result<(), Finding> {
    // The hub hung up: it has given its answer.
    let has_ended = !matches!(call.result, Err(Fault::TimedOut(_)));
    match has_ended || call.elapsed > limit + TOLERANCE {
        true => Ok(()),
        // Not let pass: what refuses and resets would hold it alone, whatever a stall does.
        false => Err(Finding::Inconclusive(format!(
            "the call was given up after {:.1} s, and the hub may take {} s and one for tolerance: raise `timeout` in [target], or \
             lower `limit` in [upstream]",
            call.elapsed.as_secs_f64(),
            limit.as_secs_f64()
        ))),
    }
}

fn limit(evidence: &Evidence<'_>) -> Result<Duration, Finding> {
    let told = evidence.case.and_then(|case| case.facts[LIMIT].as_u64());
    let missing = || Finding::Inconclusive("the case does not tell the limit".to_owned());
    told.map(Duration::from_millis).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::profile::DomainConnection;
    use serde_json::Value;

    use super::*;
    use crate::exchanges::{all_held, failed, succeeded, unanswered, violations};
    use crate::vendor_faults::played::{found_failing, hub};

    /// The hub's answers after so many seconds.
    fn found_after(seconds: u64, answer: impl Fn(Call) -> Exchange) -> Vec<Finding> {
        found_failing(&CHECK, |fault, call| {
            let mut answer = answer(call);
            answer.elapsed = Duration::from_secs(seconds);
            (answer, usize::from(fault != REFUSE))
        })
    }

    #[test]
    fn the_vendors_error_in_time_holds() {
        // The limit is 5 s, and times have a tolerance.
        for seconds in [0, 5, 6] {
            let found = found_after(seconds, |call| failed(call, 504, "UPSTREAM_ERROR"));
            assert!(all_held(&found) && found.len() == 14, "{found:?}");
        }
    }

    #[test]
    fn a_late_answer_none_or_another_is_a_violation() {
        let late = found_after(7, |call| failed(call, 504, "UPSTREAM_ERROR"));
        assert!(violations(&late).iter().all(|told| told.ends_with("is answered late")));
        let served = found_after(0, |call| succeeded(call, Value::Null));
        let broken = found_after(0, |call| failed(call, 500, "INTERNAL_ERROR"));
        let silent = found_after(30, |call| unanswered(call, Fault::TimedOut(Duration::from_secs(30))));
        let hung_up = found_after(1, |call| unanswered(call, Fault::Broken("reset".to_owned())));
        for found in [late, served, broken, silent, hung_up] {
            assert_eq!(violations(&found).len(), 14, "{found:?}");
        }
    }

    #[test]
    fn each_connection_is_tried_with_a_vendor_that_does_not_end() {
        let mut hub = hub();
        // Of its tools, the one that makes records needs approval.
        let mut reading = hub.profile.upstream[0].clone();
        reading.connection = DomainConnection {
            domain: "hr".to_owned(),
            id: "conn_hr".to_owned(),
        };
        hub.profile.upstream.push(reading);
        let cases = hub.plan(&CHECK).unwrap();
        let endless = |connection: &str, fault: &str| {
            let begins = format!("UPS-04/{connection}/{fault}/");
            let ids = cases.iter().filter_map(|case| case.id.strip_prefix(&begins));
            ids.map(str::to_owned).collect::<Vec<_>>()
        };
        for fault in ENDLESS {
            assert_eq!(endless("conn_hr", fault), ["hr.offers.list"]);
            let of_tickets = endless("conn_played", fault);
            assert!(
                of_tickets.len() == 1 && of_tickets[0].ends_with(".create"),
                "{of_tickets:?}"
            );
        }
    }

    #[test]
    fn a_call_that_was_given_up_before_the_limit_shows_nothing() {
        // The limit is 5 s, and a hub may be a second late.
        for seconds in [3, 6] {
            let impatient = found_after(seconds, |call| {
                unanswered(call, Fault::TimedOut(Duration::from_secs(seconds)))
            });
            let is_open = |finding: &Finding| matches!(finding, Finding::Inconclusive(_));
            assert!(impatient.iter().all(is_open), "{impatient:?}");
        }
    }
}
