//! Answers in the vendor's way: of what was carried out, and of what was not.

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
