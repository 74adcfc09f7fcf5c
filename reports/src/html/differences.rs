//! What differs between two exchanges of a violation: the one thing that a probe changes in its control, and what a replay is answered
//! that the first call was not.

use serde_json::Value;

use crate::document::body::Body;
use crate::document::exchange::Exchange;

/// Members of an envelope that differ between any two answers.
const OF_EACH_ANSWER: [&str; 2] = ["request_id", "duration_ms"];

/// What an exchange is held against.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Against<'e> {
    /// The exchange whose request is nearly the same.
    pub(super) request: Option<&'e Exchange>,
    /// The exchange of the same request, answered otherwise.
    pub(super) answer: Option<&'e Exchange>,
}

/// What the exchange at an index is held against: an earlier one to the same place.
pub(super) fn against(exchanges: &[Exchange], index: usize) -> Against<'_> {
    let (before, Some(own)) = (&exchanges[..index.min(exchanges.len())], exchanges.get(index)) else {
        return Against::default();
    };
    let is_alike = |other: &&Exchange| other.method == own.method && other.url == own.url;
    let is_same = |other: &&Exchange| is_alike(other) && other.request_body == own.request_body;
    let differs = |other: &&Exchange| other.request_body != own.request_body;
    Against {
        request: before.iter().rev().filter(is_alike).find(differs),
        answer: before.iter().find(is_same).filter(|other| says(other) != says(own)),
    }
}

/// What an answer says beside what differs each time.
fn says(exchange: &Exchange) -> (Option<u16>, Option<Value>) {
    let answer = exchange.result.as_ref().ok();
    let value = answer.and_then(|answer| json(answer.body.as_ref())).cloned();
    let value = value.map(|mut value| {
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| !OF_EACH_ANSWER.contains(&name.as_str()));
        }
        value
    });
    (answer.map(|answer| answer.status), value)
}

/// A body's value, if it is JSON.
pub(super) fn json(body: Option<&Body>) -> Option<&Value> {
    match body {
        Some(Body::Json(value)) => Some(value),
        Some(Body::Text { .. }) | None => None,
    }
}

/// The value of an exchange's request.
pub(super) fn request_value(exchange: &Exchange) -> Option<&Value> {
    json(exchange.request_body.as_ref())
}

/// The value of an exchange's answer.
pub(super) fn answer_value(exchange: &Exchange) -> Option<&Value> {
    exchange
        .result
        .as_ref()
        .ok()
        .and_then(|answer| json(answer.body.as_ref()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::canned;
    use crate::document::exchange::Answer;

    fn exchange(number: u64, input: Value, answer: Value) -> Exchange {
        let report = canned::report(&canned::complete());
        let violations = report.requirements.iter().flat_map(|own| &own.violations);
        let any = violations.flat_map(|violation| &violation.exchanges).next().unwrap();
        Exchange {
            number,
            request_body: Some(Body::Json(input)),
            result: Ok(Answer {
                status: 200,
                headers: Vec::new(),
                body: Some(Body::Json(answer)),
            }),
            ..any.clone()
        }
    }

    #[test]
    fn a_probe_is_held_against_its_control_and_a_replay_against_the_first_call() {
        let answer = |id: &str, made: u8| json!({"data": {"made": made}, "request_id": id, "duration_ms": 1});
        let exchanges = [
            exchange(1, json!({"a": 1}), answer("r1", 1)),
            exchange(2, json!({"a": 1}), answer("r2", 1)),
            exchange(3, json!({"a": 1}), answer("r3", 2)),
            exchange(4, json!({"a": 2}), answer("r4", 3)),
        ];
        let told = |index| {
            let against = against(&exchanges, index);
            (
                against.request.map(|own| own.number),
                against.answer.map(|own| own.number),
            )
        };
        assert_eq!(told(0), (None, None));
        assert_eq!(told(1), (None, None), "a sound replay");
        assert_eq!(told(2), (None, Some(1)));
        assert_eq!(told(3), (Some(3), None));
        assert_eq!(told(9), (None, None));
    }
}
