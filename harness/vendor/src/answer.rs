//! Answers in the vendor's way: of what was carried out, and of what was not.

use std::collections::BTreeSet;

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::account::{Outcome, Refusal};
use crate::template::fill;
use crate::vendor::{Route, Vendor};

/// A whole answer, before anything damages it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
}

impl Answer {
    /// Of a request that was carried out.
    pub(crate) fn success(vendor: &Vendor, route: &Route, outcome: Outcome) -> Self {
        let named = |name: &str| {
            Some(match name {
                "record" => outcome.record.clone(),
                "records" => Value::Array(outcome.records.clone()),
                "total" => outcome.total.into(),
                "offset" => outcome.offset.into(),
                "limit" => outcome.limit.into(),
                _ => return None,
            })
        };
        let mut answer = Self::of(
            vendor,
            route.status,
            route.answer.as_ref().map(|body| fill(body, &named)),
        );
        for (name, template) in &route.answer_headers {
            let text = match fill(&Value::String(template.clone()), &named) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            answer.set(name.clone(), &text);
        }
        answer
    }

    /// Of a request that was not, in the vendor's error shape.
    pub(crate) fn failure(vendor: &Vendor, refusal: &Refusal, echoed: Option<&str>) -> Self {
        let text = vendor.errors.text(refusal.status);
        let mut message = refusal.why.clone().unwrap_or_else(|| text.message.clone());
        if let Some(echoed) = echoed {
            message = format!("{message} (credentials: {echoed})");
        }
        let named = |name: &str| {
            Some(match name {
                "message" => message.clone().into(),
                "detail" => text.detail.clone().into(),
                "status" => refusal.status.into(),
                _ => return None,
            })
        };
        let status = text.wire_status.unwrap_or(refusal.status);
        Self::of(vendor, status, Some(fill(&vendor.errors.body, &named)))
    }

    /// Of a request that comes too soon.
    pub(crate) fn throttled(vendor: &Vendor, after: Duration, echoed: Option<&str>) -> Self {
        let mut answer = Self::failure(vendor, &Refusal::of(429), echoed);
        // Whatever a vendor says under 200: a limit is told by its status and Retry-After.
        answer.status = StatusCode::TOO_MANY_REQUESTS;
        answer.set(RETRY_AFTER, &after.as_secs().to_string());
        answer
    }

    fn of(vendor: &Vendor, status: u16, body: Option<Value>) -> Self {
        let mut headers: HeaderMap = vendor.headers.iter().cloned().collect();
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
        }
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            body,
        }
    }

    fn set(&mut self, name: HeaderName, text: &str) {
        if let Ok(value) = HeaderValue::from_str(text) {
            self.headers.insert(name, value);
        }
    }
}

/// The same JSON with the scalars of the members of one name of the other type: of all such names in their order, the one of this place,
/// counted over again from the first.
pub(crate) fn with_a_wrong_type(value: &Value, place: usize) -> Value {
    let mut names = BTreeSet::new();
    collect_scalars(value, &mut names);
    let chosen = place
        .checked_rem(names.len())
        .and_then(|place| names.into_iter().nth(place));
    chosen.map_or_else(|| value.clone(), |name| wrong_under(value, name))
}

/// The names of members that are texts or numbers.
fn collect_scalars<'v>(value: &'v Value, names: &mut BTreeSet<&'v str>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect_scalars(element, names)),
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_string() || member.is_number() {
                    names.insert(name);
                }
                collect_scalars(member, names);
            }
        }
        _ => {}
    }
}

fn wrong_under(value: &Value, name: &str) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(|element| wrong_under(element, name)).collect(),
        Value::Object(members) => {
            let member = |(own, member): (&String, &Value)| {
                let is_chosen = own == name && (member.is_string() || member.is_number());
                let wrong = if is_chosen {
                    of_wrong_types(member)
                } else {
                    wrong_under(member, name)
                };
                (own.clone(), wrong)
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

/// The same JSON with every text a number and every number a text, as of a vendor that changed its API.
pub(crate) fn of_wrong_types(value: &Value) -> Value {
    match value {
        Value::String(text) => text.chars().count().into(),
        Value::Number(number) => number.to_string().into(),
        Value::Array(elements) => elements.iter().map(of_wrong_types).collect(),
        Value::Object(members) => {
            let wrong = members
                .iter()
                .map(|(name, member)| (name.clone(), of_wrong_types(member)));
            Value::Object(wrong.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_name_at_a_time_has_the_other_type_wherever_it_stands() {
        let answer =
            json!({"result": [{"number": "INC1", "state": 2, "parent": {"number": "INC22"}}, {"state": null}]});
        let wrong = |place| with_a_wrong_type(&answer, place);
        let numbers = json!({"result": [{"number": 4, "state": 2, "parent": {"number": 5}}, {"state": null}]});
        let states =
            json!({"result": [{"number": "INC1", "state": "2", "parent": {"number": "INC22"}}, {"state": null}]});
        assert_eq!([wrong(0), wrong(1), wrong(2)], [numbers.clone(), states, numbers]);
        assert_eq!(with_a_wrong_type(&json!([null, true]), 3), json!([null, true]));
    }
}
