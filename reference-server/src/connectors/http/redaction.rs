//! Takes credentials out of what a vendor says: careless ones repeat what they were sent.

use serde_json::Value;

use crate::catalogue::Secret;

/// What stands in the place of credentials.
const MASK: &str = "***";

/// The longest text of a vendor that is passed on as its message.
const LONGEST: usize = 500;

/// The texts that must not be passed on.
pub(crate) struct Credentials<'a> {
    /// The longer before those that they contain.
    texts: Vec<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Those of a header's value: all of it, and what stands behind its scheme.
    pub(super) fn of(value: &'a Secret) -> Self {
        let whole = value.expose();
        let behind = whole.split_once(' ').map(|(_, secret)| secret);
        let texts = std::iter::once(whole).chain(behind);
        Self {
            texts: texts.filter(|text| !text.is_empty()).collect(),
        }
    }

    /// A message without them, cut to what a person reads.
    pub(crate) fn redact(&self, message: &str) -> String {
        let redacted = self
            .texts
            .iter()
            .fold(message.to_owned(), |message, text| message.replace(text, MASK));
        redacted.chars().take(LONGEST).collect()
    }

    /// Takes them out of every text of a value.
    pub(super) fn redact_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for secret in &self.texts {
                    if text.contains(secret) {
                        *text = text.replace(secret, MASK);
                    }
                }
            }
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.redact_value(element)),
            Value::Object(members) => members.values_mut().for_each(|member| self.redact_value(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_go_with_and_without_their_scheme() {
        let secret = Secret::new("Bearer xoxb-1".to_owned());
        let credentials = Credentials::of(&secret);
        assert_eq!(
            credentials.redact("sent Bearer xoxb-1, that is xoxb-1"),
            "sent ***, that is ***"
        );
        assert_eq!(credentials.redact(&"a".repeat(600)).len(), LONGEST);
        let mut value = json!({"a": ["xoxb-1 here", 1], "b": {"c": "fine"}});
        credentials.redact_value(&mut value);
        assert_eq!(value, json!({"a": ["*** here", 1], "b": {"c": "fine"}}));
    }
}
