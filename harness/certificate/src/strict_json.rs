//! JSON that says one thing: nothing after it, no member twice, nothing that is not known.

use hubproof_model::json_body::JsonBody;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads one JSON value whose objects have each member once.
///
/// # Errors
/// What is wrong with the text, in words.
pub(crate) fn value(text: &[u8]) -> Result<Value, String> {
    let body = JsonBody::parse(text).map_err(|fault| fault.to_string().replace("the body", "it"))?;
    match body.duplicate_keys.first() {
        Some(member) => Err(format!("the member {member} stands there twice")),
        None => Ok(body.value),
    }
}

/// Reads one JSON value as what it must be.
///
/// # Errors
/// What is wrong with the text, in words.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    T::deserialize(value(text)?).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_and_what_comes_twice_is_refused() {
        assert_eq!(value(br#"{"a":[{"b":1}]}"#).unwrap()["a"][0]["b"], 1);
        assert!(value(br#"{"a":1} {}"#).unwrap_err().contains("trailing"));
        assert!(
            value(br#"{"a":[{"b":1,"b":1}]}"#)
                .unwrap_err()
                .contains("/a/0/b stands there twice")
        );
        assert!(value(b"").unwrap_err().contains("empty"));
        assert!(value(b"\xff{}").unwrap_err().contains("UTF-8"));
    }
}
