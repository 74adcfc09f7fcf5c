//! What differs between two exchanges of a violation: the one thing that a probe changes in its control, and what a replay is answered
//! that the first call was not.

use std::collections::HashMap;

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

/// The exchanges to one place, as far as they were gone through.
#[derive(Debug)]
struct Place<'e> {
    last: &'e Exchange,
    /// The last whose request is another than that of `last`.
    last_other: Option<&'e Exchange>,
}

/// What each exchange is held against: an earlier one to the same place. A limit that was exhausted leaves thousands: each is looked at
/// once.
pub(super) fn against(exchanges: &[Exchange]) -> Vec<Against<'_>> {
    let mut places: HashMap<(&str, &str), Place<'_>> = HashMap::new();
    let mut firsts: HashMap<(&str, &str, Option<&Body>), &Exchange> = HashMap::new();
    let of = exchanges.iter().map(|own| {
        let place = (own.method.as_str(), own.url.as_str());
        let before = places.get(&place);
        let request = before.and_then(|before| match before.last.request_body == own.request_body {
            true => before.last_other,
            false => Some(before.last),
        });
        let first = *firsts
            .entry((place.0, place.1, own.request_body.as_ref()))
            .or_insert(own);
        let own_place = Place {
            last: own,
            last_other: request,
        };
        places.insert(place, own_place);
        Against {
            request,
            answer: Some(first).filter(|first| says(first) != says(own)),
        }
    });
    of.collect()
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
        let all = against(&exchanges);
        let told = |index: usize| {
            let against = all[index];
            (
                against.request.map(|own| own.number),
                against.answer.map(|own| own.number),
            )
        };
        assert_eq!(told(0), (None, None));
        assert_eq!(told(1), (None, None), "a sound replay");
        assert_eq!(told(2), (None, Some(1)));
        assert_eq!(told(3), (Some(3), None));
    }
}
