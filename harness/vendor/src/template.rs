//! Answers with placeholders: a text `$name` stands for a value, `$name/pointer` for a part of it.

use serde_json::{Map, Value};

use crate::pointer::Pointer;

/// What placeholders stand for.
pub(crate) type Named<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// The template with its placeholders filled in; one that stands for nothing is null.
pub(crate) fn fill(template: &Value, named: Named<'_>) -> Value {
    match template {
        Value::String(text) => placeholder(text, named),
        Value::Array(elements) => elements.iter().map(|element| fill(element, named)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(name, member)| (name.clone(), fill(member, named)));
            Value::Object(filled.collect::<Map<_, _>>())
        }
        scalar => scalar.clone(),
    }
}

fn placeholder(text: &str, named: Named<'_>) -> Value {
    let Some(expression) = text.strip_prefix('$') else {
        return Value::String(text.to_owned());
    };
    let (name, path) = expression.split_at(expression.find('/').unwrap_or(expression.len()));
    let Some(value) = named(name) else {
        return Value::Null;
    };
    let pointer = Pointer::try_from(path.to_owned()).ok();
    pointer
        .and_then(|pointer| pointer.find(&value).cloned())
        .unwrap_or(Value::Null)
}

/// A record as it is shown: members whose names begin with `$` are the stand-in's own.
pub(crate) fn shown(record: &Value) -> Value {
    match record {
        Value::Object(members) => {
            let own = members.iter().filter(|(name, _)| !name.starts_with('$'));
            Value::Object(own.map(|(name, member)| (name.clone(), member.clone())).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_stand_for_values_and_parts_of_them() {
        let named = |name: &str| (name == "record").then(|| json!({"id": 7, "$of": "x"}));
        let template = json!({"ok": true, "id": "$record/id", "all": ["$record"], "none": "$other", "text": "plain"});
        let filled = fill(&template, &named);
        assert_eq!(
            filled,
            json!({"ok": true, "id": 7, "all": [{"id": 7, "$of": "x"}], "none": null, "text": "plain"})
        );
        assert_eq!(shown(&filled["all"][0]), json!({"id": 7}));
    }
}
