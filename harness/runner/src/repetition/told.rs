//! The ids that a hub gave to what the calls of a run made: a call that names one shows nothing once that is gone.

use std::collections::{BTreeMap, HashMap};

use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use serde_json::Value;

/// The members that hold such an id.
const IDS: [&str; 2] = ["id", "approval_id"];

/// Each id, with the number of the exchange that told it first.
pub(super) struct Told(HashMap<String, u64>);

impl Told {
    pub(super) fn of(log: &BTreeMap<u64, Exchange>) -> Self {
        let mut told = HashMap::new();
        for (number, exchange) in log {
            for id in given(exchange) {
                told.entry(id).or_insert(*number);
            }
        }
        Self(told)
    }

    /// Whether a request names an id that an earlier answer told.
    pub(super) fn is_named_by(&self, exchange: &Exchange) -> bool {
        let is_told = |text: &str| self.0.get(text).is_some_and(|number| *number < exchange.number);
        let of_url = exchange.request.url.split(['/', '?', '&', '=']).any(is_told);
        of_url || exchange.call.json().is_some_and(|body| any_leaf(body, &is_told))
    }
}

/// The ids in an answer of what its call made: a record, or an entry in Approvals. An id that the call named itself was there before.
fn given(exchange: &Exchange) -> Vec<String> {
    let is_waiting = || Outcome::of(exchange).is(&ErrorCode::ApprovalRequired);
    if !exchange.call.is_real_execute() && !is_waiting() {
        return Vec::new();
    }
    let mut ids = Vec::new();
    if let Some(answer) = exchange.json() {
        for place in ["/data", "/error/details"] {
            answer.pointer(place).into_iter().for_each(|own| gather(own, &mut ids));
        }
    }
    ids.retain(|id| {
        !exchange
            .call
            .json()
            .is_some_and(|body| any_leaf(body, &|leaf| leaf == id))
    });
    ids
}

fn gather(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(id) if IDS.contains(&name.as_str()) => ids.push(id.clone()),
                    // A small number stands for other things as well.
                    Value::Number(id) if IDS.contains(&name.as_str()) && id.as_u64() > Some(999) => {
                        ids.push(id.to_string());
                    }
                    other => gather(other, ids),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, ids)),
        _ => {}
    }
}

fn any_leaf(value: &Value, is_so: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(members) => members.values().any(|member| any_leaf(member, is_so)),
        Value::Array(items) => items.iter().any(|item| any_leaf(item, is_so)),
        Value::String(text) => is_so(text),
        Value::Number(number) => is_so(&number.to_string()),
        Value::Null | Value::Bool(_) => false,
    }
}
