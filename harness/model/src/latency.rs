//! Under which series an exchange's latency is recorded, and the latencies of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};
use serde_json::Value;

use crate::call::{Credentials, Endpoint};
use crate::exchange::{Exchange, Fault};
use crate::outcome::{ErrorCode, Outcome};
use crate::role::Role;

/// The latencies of a run: shown and never judged, since a run sends unlike calls in bursts.
#[derive(Debug, Clone, Default)]
pub struct RunLatency {
    /// From the sending to the last byte, by place and outcome.
    pub service: Recorder,
    /// Wall time less the `duration_ms` that the hub told, of successes that are no replays, by tool.
    pub overhead: BTreeMap<String, Histogram>,
}

impl RunLatency {
    /// The latencies of a run's exchanges, in the order of sending.
    pub fn of<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>) -> Self {
        let mut latency = Self::default();
        let mut answered = BTreeSet::new();
        for exchange in exchanges {
            let Some(kind) = kind_of(exchange) else {
                continue;
            };
            let is_replay = kind == Kind::Success && is_answered_again(exchange, &mut answered);
            let series = Series {
                place: place_of(&exchange.call.endpoint),
                kind: if is_replay { Kind::Replay } else { kind },
            };
            latency.service.record(&series, exchange.elapsed);
            if let (
                Series {
                    place: Place::Execute(tool),
                    kind: Kind::Success,
                },
                Some(overhead),
            ) = (series, overhead_of(exchange))
            {
                latency.overhead.entry(tool).or_default().record(overhead);
            }
        }
        latency
    }
}

/// Whether its key was answered with success before: by the contract a key is spent in one workspace, and by one tool.
fn is_answered_again<'e>(exchange: &'e Exchange, answered: &mut BTreeSet<(Option<Role>, &'e str, &'e str)>) -> bool {
    let call = &exchange.call;
    let role = match &call.credentials {
        Credentials::Bearer(role) => Some(*role),
        Credentials::Absent | Credentials::Values(_) => None,
    };
    match (call.tool(), call.idempotency_key()) {
        (Some(tool), Some(key)) if !call.is_dry_run() => !answered.insert((role, tool, key)),
        _ => false,
    }
}

/// What an endpoint's latencies are recorded under.
pub fn place_of(endpoint: &Endpoint) -> Place {
    match endpoint {
        Endpoint::Listing { .. } => Place::Listing,
        Endpoint::Definition { .. } => Place::Definition,
        Endpoint::Execute { tool } => Place::Execute(tool.clone()),
        Endpoint::Approvals | Endpoint::Outside => Place::Other,
    }
}

/// How a call came out, but for whether a success is a replay. `None` where nothing was sent. What an execute is answered with is a success
/// only where it says so, whole: a redirect, or a page of a gateway's, is quick and does nothing.
pub fn kind_of(exchange: &Exchange) -> Option<Kind> {
    let response = match &exchange.result {
        Ok(response) => response,
        Err(Fault::Connect(_) | Fault::TimedOut(_) | Fault::Broken(_) | Fault::Protocol(_)) => {
            return Some(Kind::NoAnswer);
        }
        Err(_) => return None,
    };
    let is_execute = matches!(exchange.call.endpoint, Endpoint::Execute { .. });
    Some(match (Outcome::of_response(response), response.status) {
        (Outcome::Error(ErrorCode::RateLimited), _) | (_, 429) => Kind::Throttled,
        (Outcome::Error(ErrorCode::UpstreamError), _) | (_, 500..) => Kind::ServerError,
        (Outcome::Error(_), _) | (_, 400..) => Kind::ClientError,
        (outcome, _) if is_execute && (outcome != Outcome::Success || response.truncated) => Kind::ServerError,
        _ => Kind::Success,
    })
}

/// Wall time less the `duration_ms` of an answer; nothing where the answer tells more than the wall time.
pub fn overhead_of(exchange: &Exchange) -> Option<Duration> {
    let told = exchange.json()?.get("duration_ms").and_then(Value::as_f64)?;
    let told = Duration::try_from_secs_f64(told / 1000.0).ok()?;
    Some(exchange.elapsed.saturating_sub(told))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::call::{Call, Intent};
    use crate::exchange::{Response, SentRequest};

    fn exchange(call: Call, result: Result<Response, Fault>) -> Exchange {
        Exchange {
            number: 0,
            case: String::new(),
            request: SentRequest {
                method: "POST".to_owned(),
                url: String::new(),
                headers: Vec::new(),
            },
            call,
            result,
            sent_after: Duration::ZERO,
            elapsed: Duration::from_millis(40),
        }
    }

    fn execute(body: Value) -> Call {
        Call::post_execute("a.b.c", body, Intent::Read)
    }

    fn answer(status: u16, body: &Value) -> Result<Response, Fault> {
        Ok(Response::new(status, Vec::new(), body.to_string().into_bytes()))
    }

    fn recorded(latency: &RunLatency) -> Vec<(String, Kind, u64)> {
        let all = latency.service.all();
        all.map(|(series, own)| (series.place.to_string(), series.kind, own.count()))
            .collect()
    }

    #[test]
    fn outcomes_are_kept_apart() {
        let of = |status, body: Value| kind_of(&exchange(execute(json!({})), answer(status, &body)));
        let error = |code: &str| json!({"success": false, "error": {"code": code}});
        assert_eq!(of(200, json!({"success": true})), Some(Kind::Success));
        assert_eq!(of(200, json!([])), Some(Kind::ServerError), "no envelope");
        assert_eq!(of(302, json!("moved")), Some(Kind::ServerError));
        let listing = exchange(Call::listing(None), answer(200, &json!([])));
        assert_eq!(kind_of(&listing), Some(Kind::Success));
        assert_eq!(of(400, error("INVALID_INPUT")), Some(Kind::ClientError));
        assert_eq!(of(200, error("INVALID_INPUT")), Some(Kind::ClientError));
        assert_eq!(of(429, error("RATE_LIMITED")), Some(Kind::Throttled));
        assert_eq!(of(429, json!("slow down")), Some(Kind::Throttled));
        assert_eq!(of(502, error("UPSTREAM_ERROR")), Some(Kind::ServerError));
        assert_eq!(of(503, json!("down")), Some(Kind::ServerError));
        let fault = |fault| kind_of(&exchange(execute(json!({})), Err(fault)));
        assert_eq!(fault(Fault::TimedOut(Duration::from_secs(30))), Some(Kind::NoAnswer));
        assert_eq!(fault(Fault::Interrupted), None);
        assert_eq!(fault(Fault::BudgetSpent(3)), None);
    }

    #[test]
    fn a_key_that_succeeded_before_makes_a_replay() {
        let success = || answer(200, &json!({"success": true, "duration_ms": 30}));
        let keyed = |key: &str| execute(json!({"idempotency_key": key}));
        let refused = answer(400, &json!({"success": false, "error": {"code": "INVALID_INPUT"}}));
        let dry = execute(json!({"idempotency_key": "d", "dry_run": true}));
        let exchanges = [
            exchange(keyed("a"), refused),
            exchange(keyed("a"), success()),
            exchange(keyed("a"), success()),
            exchange(keyed("b"), success()),
            exchange(
                keyed("a").with_credentials(Credentials::Bearer(Role::Foreign)),
                success(),
            ),
            exchange(dry.clone(), success()),
            exchange(dry, success()),
            exchange(execute(json!({})), success()),
        ];
        let latency = RunLatency::of(&exchanges);
        let tool = || "a.b.c".to_owned();
        assert_eq!(
            recorded(&latency),
            [
                (tool(), Kind::Success, 6),
                (tool(), Kind::Replay, 1),
                (tool(), Kind::ClientError, 1)
            ]
        );
        let overhead = &latency.overhead["a.b.c"];
        assert_eq!((overhead.count(), overhead.max().as_millis()), (6, 10));
    }

    #[test]
    fn a_duration_above_the_wall_time_leaves_nothing() {
        let of = |duration: Value| {
            overhead_of(&exchange(
                execute(json!({})),
                answer(200, &json!({"duration_ms": duration})),
            ))
        };
        assert_eq!(of(json!(41)), Some(Duration::ZERO));
        assert_eq!(of(json!(15.5)), Some(Duration::from_micros(24_500)));
        assert_eq!([of(json!("1")), of(json!(-1)), of(json!(1e300))], [None, None, None]);
    }
}
