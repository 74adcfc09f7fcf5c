//! ENV-07: the reported duration is not above the measured one.

use std::time::Duration;

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use serde_json::Value;

use crate::api_answers::{api_answers, may_be_replay};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 7),
    level: Level::Should,
    basis: Basis::Ref,
    source: "Response envelope",
    title: "duration_ms is not above the measured time",
    statement: "A hub SHOULD report a `duration_ms` not above the time that the client measured (replays aside).",
    rationale: "A duration in another unit, or of another call, misleads everyone who watches the hub by it.",
    method: "Compares the `duration_ms` of every execute of the run with the time from the first byte sent to the last received, with \
             a tolerance of one millisecond. Calls with an idempotency key are left out.",
    mend: "Measure `duration_ms` with one monotonic clock around the call itself, and send it in milliseconds. It cannot be more \
           than the client waits.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

const TOLERANCE: Duration = Duration::from_millis(1);

pub(crate) struct Env07;
pub(crate) const CHECK: Env07 = Env07;

impl Check for Env07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok([traffic::successes(site), traffic::dry_runs(site)].concat())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        api_answers(evidence)
            .filter(|(exchange, _)| {
                matches!(exchange.call.endpoint, Endpoint::Execute { .. }) && !may_be_replay(&exchange.call)
            })
            .filter_map(|(exchange, response)| judge_duration(exchange, response))
            .collect()
    }
}

fn judge_duration(exchange: &Exchange, response: &Response) -> Option<Finding> {
    let reported = response.json()?.get("duration_ms").and_then(Value::as_f64)?;
    let most = (exchange.elapsed + TOLERANCE).as_secs_f64() * 1000.0;
    if reported <= most {
        return Some(Finding::Held);
    }
    let measured = exchange.elapsed.as_secs_f64() * 1000.0;
    Some(Finding::Violated(Violation {
        observed: format!("`duration_ms` {reported} of a call that took {measured:.1} ms"),
        ..violated(
            exchange,
            "`duration_ms` is above the time that the call took",
            "no more than the time that the client measured, and 1 ms",
        )
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, violations};

    fn judge(body: Value, duration: Value) -> Vec<Finding> {
        let call = Call::post_execute("a.b.c", body, Intent::Read);
        let exchange = Exchange {
            elapsed: Duration::from_millis(40),
            ..answered(call, 200, json!({"success": true, "duration_ms": duration}))
        };
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    #[test]
    fn up_to_the_measured_time_and_a_millisecond_holds() {
        for duration in [json!(0), json!(40), json!(40.9), json!(41)] {
            assert!(all_held(&judge(json!({}), duration)));
        }
    }

    #[test]
    fn a_longer_duration_is_a_violation() {
        let found = judge(json!({}), json!(42));
        assert_eq!(
            violations(&found),
            ["`duration_ms` is above the time that the call took"]
        );
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(violation.observed, "`duration_ms` 42 of a call that took 40.0 ms");
    }

    #[test]
    fn what_is_no_number_and_replays_are_not_judged() {
        assert!(judge(json!({}), json!("99")).is_empty());
        assert!(judge(json!({"idempotency_key": "k"}), json!(99)).is_empty());
    }

    #[test]
    fn an_error_without_a_duration_is_not_judged() {
        let call = Call::post_execute("a.b.c", json!({}), Intent::Read);
        assert!(
            Hub::small()
                .judge(&CHECK, None, &[failed(call, 400, "INVALID_INPUT")])
                .is_empty()
        );
    }
}
