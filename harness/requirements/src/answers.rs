//! What tells the answer to one call apart from the answers to others.

use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::surface::Dialect;
use serde_json::Value;

use crate::catalogue;

/// An answer without what differs each time (`request_id`, `duration_ms`).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// The data of a success.
    Data(Value),
    /// The key in a definition.
    Definition(String),
    /// The keys in a listing, sorted.
    Listing(Vec<String>),
    /// Any other outcome.
    Outcome(Outcome),
}

impl Answer {
    /// Reads an answer by its body alone, whatever was asked: the answer to another call may have another shape. `None` where
    /// there is no answer.
    pub(crate) fn read(exchange: &Exchange, dialect: &Dialect) -> Option<Self> {
        let response = exchange.response()?;
        let body = response.json().unwrap_or(&Value::Null);
        let outcome = Outcome::of_response(response);
        let data = || Self::Data(body.get("data").cloned().unwrap_or_default());
        Some(match &outcome {
            Outcome::Error(_) => Self::Outcome(outcome),
            // Only an execute says how long it took.
            _ if body.get("duration_ms").is_some() => data(),
            _ => match Self::of_catalogue(body, dialect) {
                Some(answer) => answer,
                None if outcome == Outcome::Success => data(),
                None => Self::Outcome(outcome),
            },
        })
    }

    fn of_catalogue(body: &Value, dialect: &Dialect) -> Option<Self> {
        let at = |place: &Option<String>| body.pointer(place.as_deref()?);
        let defined = at(&dialect.definition_at).filter(|object| catalogue::input_schema(object, dialect).is_some());
        if let Some(key) = defined.and_then(|object| catalogue::key(object, dialect)) {
            return Some(Self::Definition(key.to_owned()));
        }
        let entries = at(&dialect.tools_at)?.as_array()?.iter();
        let mut keys: Vec<_> = entries
            .filter_map(|entry| catalogue::key(entry, dialect))
            .map(str::to_owned)
            .collect();
        keys.sort();
        Some(Self::Listing(keys))
    }

    /// Whether load, a vendor or a proxy may do this to any call, so that it is no sign of another call's answer. A connection
    /// that fails is left out of routing.
    pub(crate) fn may_befall_any_call(&self) -> bool {
        use ErrorCode::{ConnectionNotFound, Other, RateLimited, UpstreamError};
        let trouble = |outcome: &Outcome| {
            matches!(
                outcome,
                Outcome::Bare(_) | Outcome::Error(RateLimited | UpstreamError | ConnectionNotFound | Other(_))
            )
        };
        matches!(self, Self::Outcome(outcome) if trouble(outcome))
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, answered, failed, succeeded};

    #[test]
    fn the_body_decides_what_an_answer_is() {
        let dialect = Hub::small().surface.dialect;
        let read = |exchange: &Exchange| Answer::read(exchange, &dialect).unwrap();
        let call = Call::listing(None);
        assert_eq!(
            read(&succeeded(call.clone(), json!({"tools": []}))),
            Answer::Data(json!({"tools": []}))
        );
        let definition = answered(call.clone(), 200, json!({"key": "a.b.c", "input_schema": {}}));
        assert_eq!(read(&definition), Answer::Definition("a.b.c".to_owned()));
        let listing = answered(call.clone(), 200, json!({"tools": [{"key": "b"}, "a"]}));
        assert_eq!(read(&listing), Answer::Listing(vec!["a".to_owned(), "b".to_owned()]));
        let refusal = read(&failed(call.clone(), 400, "INVALID_INPUT"));
        assert_eq!(refusal, Answer::Outcome(Outcome::Error(ErrorCode::InvalidInput)));
        assert!(!refusal.may_befall_any_call());
        assert!(read(&answered(call, 503, json!({}))).may_befall_any_call());
    }
}
