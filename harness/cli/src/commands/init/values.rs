//! Values as a profile has them.

use hubproof_reports::toml_text::{key, quoted};
use serde_json::Value;

/// A text that is meant as it stands: `${` in it names no variable.
pub(super) fn text(text: &str) -> String {
    quoted(&text.replace("${", "$${"))
}

/// The environment variable's value.
pub(super) fn variable(name: &str) -> String {
    quoted(&format!("${{{name}}}"))
}

/// A list of texts.
pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let texts: Vec<_> = texts.into_iter().map(text).collect();
    format!("[{}]", texts.join(", "))
}

/// An inline table of TOML values.
pub(super) fn table<'n>(members: impl IntoIterator<Item = (&'n str, String)>) -> String {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| format!("{} = {value}", key(name)))
        .collect();
    match members.is_empty() {
        true => "{}".to_owned(),
        false => format!("{{ {} }}", members.join(", ")),
    }
}

/// JSON as TOML. `None` where a `null` stands in it, which TOML lacks.
pub(super) fn json(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(string) => Some(text(string)),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(items) => {
            let items = items.iter().map(json).collect::<Option<Vec<_>>>()?;
            Some(format!("[{}]", items.join(", ")))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Some((name.as_str(), json(value)?)))
                .collect::<Option<Vec<_>>>()?;
            Some(table(members))
        }
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::profile::Profile;
    use serde_json::json as value;

    use super::*;

    #[test]
    fn json_is_read_again_as_it_was() {
        let example = value!({
            "text": "l'été \"x\" C:\\ ${HOME} $${A} <b>\n\u{202e}",
            "numbers": [0, -7, 1.5, 1e300, 9_007_199_254_740_993_u64, 1.0],
            "": {"a.b": [], "none": {}, "yes": true},
        });
        let text = format!(
            "[target]\nurl = \"http://localhost\"\n[inputs.\"a.b.c\"]\nexamples = [{}]",
            json(&example).unwrap()
        );
        let profile = Profile::parse(&text, &|_| None).unwrap();
        assert_eq!(profile.inputs["a.b.c"].examples, [example]);
    }

    #[test]
    fn toml_has_no_null() {
        assert_eq!(json(&value!({"a": [1, null]})), None);
    }
}
