//! Whether the details of an answer identify an entry in Approvals.

use serde_json::Value;

/// The ends of members' names whose values identify what they are a member of.
const IDENTIFYING: [&str; 9] = ["id", "url", "uri", "href", "link", "reference", "ref", "number", "key"];
/// The beginnings of those that identify something else.
const OF_OTHERS: [&str; 12] = [
    "connection",
    "workspace",
    "tenant",
    "account",
    "tool",
    "domain",
    "user",
    "requested_by",
    "requester",
    "agent",
    "policy",
    "input",
];

/// Whether the details name the entry's id, or hold a link with it, or another name that the entry has: one that the call did not say
/// itself.
pub(crate) fn identifies(details: &Value, id: &str, entry: &Value, call: &Value) -> bool {
    let told = told(details, call);
    if told.iter().any(|text| holds_word(text, id)) {
        return true;
    }
    let names = names_of(entry, call);
    told.iter()
        .any(|text| names.iter().any(|name| text == name || is_same_link(text, name)))
}

/// Whether the details hold anything that may identify an entry: a text or a number that the call did not say itself.
pub(crate) fn names_something(details: &Value, call: &Value) -> bool {
    !told(details, call).is_empty()
}

/// The texts and numbers of the details that the call did not say itself.
fn told(details: &Value, call: &Value) -> Vec<String> {
    let (mut told, mut said) = (Vec::new(), Vec::new());
    scalars("", details, &mut |_, text| told.push(text));
    scalars("", call, &mut |_, text| said.push(text));
    told.retain(|text| !said.contains(text));
    told
}

/// What identifies an entry beyond its id.
fn names_of(entry: &Value, call: &Value) -> Vec<String> {
    let (mut names, mut said) = (Vec::new(), Vec::new());
    scalars("", entry, &mut |member, text| {
        let member = member.to_ascii_lowercase();
        let is_name = IDENTIFYING.iter().any(|end| member.ends_with(end));
        if is_name && !OF_OTHERS.iter().any(|beginning| member.starts_with(beginning)) {
            names.push(text);
        }
    });
    scalars("", call, &mut |_, text| said.push(text));
    names.retain(|name| !said.contains(name));
    names
}

/// Whether two links lead to the same place, of which one may lack the host.
fn is_same_link(one: &str, other: &str) -> bool {
    let is_path = |text: &str| text.starts_with('/') && text.len() > 1;
    (is_path(one) && other.ends_with(one)) || (is_path(other) && one.ends_with(other))
}

/// Whether a text holds a word, not as a part of a longer one.
fn holds_word(text: &str, word: &str) -> bool {
    let is_joined = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut places = text.match_indices(word);
    !word.is_empty()
        && places.any(|(at, _)| {
            !is_joined(text[..at].chars().next_back()) && !is_joined(text[at + word.len()..].chars().next())
        })
}

/// The texts and numbers in a value, with the name of the member that holds each.
fn scalars(name: &str, value: &Value, see: &mut dyn FnMut(&str, String)) {
    match value {
        Value::String(text) if !text.is_empty() => see(name, text.clone()),
        Value::Number(number) => see(name, number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| scalars(name, item, see)),
        Value::Object(members) => members.iter().for_each(|(name, member)| scalars(name, member, see)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_identified(details: Value, entry: Value) -> bool {
        let call = json!({"input": {"order_id": "ORD-7"}, "idempotency_key": "k-1"});
        let id = match &entry["id"] {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        };
        identifies(&details, &id, &entry, &call)
    }

    #[test]
    fn an_id_or_a_link_with_it_identifies_the_entry() {
        assert!(is_identified(
            json!({"approval_id": "apr_000001"}),
            json!({"id": "apr_000001"})
        ));
        assert!(is_identified(json!({"approval": {"id": 17}}), json!({"id": 17})));
        assert!(is_identified(
            json!({"see": "https://hub.test/approvals/17?tab=1"}),
            json!({"id": 17})
        ));
        assert!(!is_identified(
            json!({"see": "https://hub.test/approvals/117"}),
            json!({"id": 17})
        ));
    }

    #[test]
    fn another_name_or_link_that_the_entry_has_identifies_it() {
        assert!(is_identified(
            json!({"ticket": "APR-2026-9"}),
            json!({"id": "u1", "reference": "APR-2026-9"})
        ));
        let entry = json!({"id": "u1", "review_url": "https://hub.test/review/x9"});
        assert!(is_identified(json!({"review": "/review/x9"}), entry));
    }

    #[test]
    fn what_the_call_said_itself_or_others_share_does_not() {
        let entry =
            json!({"id": "u1", "status": "pending", "key": "k-1", "connection_id": "conn_9", "order_id": "ORD-7"});
        for details in [
            json!({}),
            json!({"status": "pending"}),
            json!({"idempotency_key": "k-1"}),
            json!({"connection_id": "conn_9"}),
            json!({"order_id": "ORD-7"}),
            json!({"approval_id": "req_1"}),
        ] {
            assert!(!is_identified(details.clone(), entry.clone()), "{details}");
        }
    }

    #[test]
    fn details_that_say_nothing_new_name_nothing() {
        let call = json!({"idempotency_key": "k-1"});
        assert!(!names_something(&json!({}), &call) && !names_something(&json!({"key": "k-1", "is": true}), &call));
        assert!(names_something(&json!({"approval": "a"}), &call));
    }
}
