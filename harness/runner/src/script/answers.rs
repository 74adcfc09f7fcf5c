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
