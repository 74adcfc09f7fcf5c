//! Puts what earlier calls were answered into a call.

use std::borrow::Cow;

use hubproof_model::call::{Body, Call, Template};
use hubproof_model::case::read_answer_placeholder;
use hubproof_model::exchange::{Exchange, Fault};
use serde_json::Value;

/// The call with each placeholder in its body filled in. A text of the body that is a placeholder becomes the answer's value.
///
/// # Errors
/// The first that the earlier answers do not tell.
pub(super) fn filled<'c>(call: &'c Call, earlier: &[Exchange]) -> Result<Cow<'c, Call>, Fault> {
    match &call.body {
        Body::Json(body) if has_placeholder(body) => {
            let mut call = call.clone();
            call.body = Body::Json(fill(body, earlier)?);
            Ok(Cow::Owned(call))
        }
        _ => Ok(Cow::Borrowed(call)),
    }
}

fn has_placeholder(value: &Value) -> bool {
    match value {
        Value::String(text) => read_answer_placeholder(text).is_some(),
        Value::Array(items) => items.iter().any(has_placeholder),
        Value::Object(members) => members.values().any(has_placeholder),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn fill(value: &Value, earlier: &[Exchange]) -> Result<Value, Fault> {
    match value {
        Value::String(text) => match read_answer_placeholder(text) {
            Some((label, pointer)) => told(label, pointer, earlier),
            None => Ok(value.clone()),
        },
        Value::Array(items) => items.iter().map(|item| fill(item, earlier)).collect(),
        Value::Object(members) => {
            let filled = members
                .iter()
                .map(|(name, member)| Ok((name.clone(), fill(member, earlier)?)));
            filled.collect::<Result<_, _>>().map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

fn told(label: &str, pointer: &str, earlier: &[Exchange]) -> Result<Value, Fault> {
    let answer = earlier.iter().find(|exchange| exchange.call.label == label);
    let value = answer.and_then(|exchange| exchange.json()?.pointer(pointer));
    let unresolved = || Fault::Unresolved {
        label: label.to_owned(),
        pointer: pointer.to_owned(),
    };
    value.filter(|value| !value.is_null()).cloned().ok_or_else(unresolved)
}

/// The call with `<n>` in the texts of its body become a number.
pub(super) fn numbered(call: &Call, number: usize) -> Call {
    let put = |text: &str| text.replace("<n>", &number.to_string());
    let body = match &call.body {
        Body::Json(value) => Body::Json(hubproof_model::effect::fill(
            value,
            "<n>",
            &Value::String(number.to_string()),
        )),
        Body::Text(Template(text)) => Body::Text(Template(put(text))),
        other => other.clone(),
    };
    Call { body, ..call.clone() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Intent;
    use hubproof_model::exchange::{Response, SentRequest};
    use serde_json::json;

    use super::*;

    fn answered(label: &str, body: &Value) -> Exchange {
        Exchange {
            number: 1,
            case: String::new(),
            call: Call::post_execute("a.b.create", json!({}), Intent::Refused).labelled(label),
            request: SentRequest {
                method: "POST".to_owned(),
                url: String::new(),
                headers: Vec::new(),
            },
            result: Ok(Response::new(200, Vec::new(), body.to_string().into_bytes())),
            sent_after: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn a_placeholder_becomes_what_the_answer_tells_and_other_calls_stay_as_they_are() {
        let earlier = [answered("made", &json!({"data": {"id": 7}}))];
        let call = |id: &str| Call::post_execute("a.b.get", json!({"input": {"ids": [id]}}), Intent::Read);
        let names = call("<answer:made#/data/id>");
        assert_eq!(
            filled(&names, &earlier).unwrap().json(),
            Some(&json!({"input": {"ids": [7]}}))
        );
        let plain = call("7");
        assert!(matches!(filled(&plain, &earlier), Ok(Cow::Borrowed(_))));
        let untold = call("<answer:made#/data/key>");
        let untold = filled(&untold, &earlier);
        assert!(matches!(untold, Err(Fault::Unresolved { .. })), "{untold:?}");
    }
}
