//! Tells the entries of one call from all others in Approvals.

use hubproof_model::exchange::Exchange;
use serde_json::Value;

/// What every marker of a run begins with.
const MARKER: &str = "hubproof";
/// No marker is shorter: it names the run and the scene.
const SHORTEST_MARKER: usize = MARKER.len() + 11;

/// What an entry of a call holds: its idempotency key, the run's marker in its input, or the whole of it. Or else the answer names the
/// entry's id.
pub(super) struct Needles {
    key: Option<String>,
    markers: Vec<String>,
    named: Vec<String>,
    input: Option<Value>,
}

impl Needles {
    /// Those of a call that was answered.
    pub(super) fn of(gated: &Exchange) -> Self {
        let input = gated.call.json().and_then(|body| body.get("input"));
        let (mut markers, mut named) = (Vec::new(), Vec::new());
        if let Some(input) = input {
            scalars(input, &mut |text| markers.extend(markers_in(text).map(str::to_owned)));
        }
        if let Some(details) = gated.json().and_then(|body| body.pointer("/error/details")) {
            scalars(details, &mut |text| named.push(text.to_owned()));
        }
        Self {
            key: gated.call.idempotency_key().map(str::to_owned),
            markers,
            named,
            input: input
                .filter(|input| input.as_object().is_some_and(|members| !members.is_empty()))
                .cloned(),
        }
    }

    /// The entries that belong to the call. An equal input alone tells it from calls of others only where nothing else does.
    pub(super) fn belonging<'e>(&self, entries: &'e [Value], id_at: &str) -> Vec<&'e Value> {
        let is_its_own =
            |entry: &&Value| self.is_named(entry, id_at) || self.holds_key(entry) || self.holds_marker(entry);
        let own: Vec<_> = entries.iter().filter(is_its_own).collect();
        match own.is_empty() {
            true => entries.iter().filter(|entry| self.holds_input(entry)).collect(),
            false => own,
        }
    }

    /// The entry that most surely belongs to the call.
    pub(super) fn best<'e>(&self, entries: &'e [Value], id_at: &str) -> Option<&'e Value> {
        let first = |is_it: &dyn Fn(&Value) -> bool| entries.iter().find(|entry| is_it(entry));
        first(&|entry| self.is_named(entry, id_at))
            .or_else(|| first(&|entry| self.holds_key(entry)))
            .or_else(|| first(&|entry| self.holds_marker(entry)))
            .or_else(|| first(&|entry| self.holds_input(entry)))
    }

    fn is_named(&self, entry: &Value, id_at: &str) -> bool {
        id_of(entry, id_at).is_some_and(|id| self.named.contains(&id))
    }

    fn holds_key(&self, entry: &Value) -> bool {
        self.key
            .as_ref()
            .is_some_and(|key| has_scalar(entry, &|text| text == key))
    }

    fn holds_marker(&self, entry: &Value) -> bool {
        let mut markers = self.markers.iter();
        markers.any(|marker| has_scalar(entry, &|text| text.contains(marker.as_str())))
    }

    fn holds_input(&self, entry: &Value) -> bool {
        self.input.as_ref().is_some_and(|input| holds(entry, input))
    }
}

/// The id of an entry: a text or a number.
pub(super) fn id_of(entry: &Value, pointer: &str) -> Option<String> {
    match entry.pointer(pointer)? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// The run's markers in a text: letters and digits that begin like one.
fn markers_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| word.starts_with(MARKER) && word.len() >= SHORTEST_MARKER)
}

/// Whether a value is another one, or holds it, perhaps as JSON in a text.
fn holds(value: &Value, sought: &Value) -> bool {
    match value {
        _ if value == sought => true,
        Value::Array(items) => items.iter().any(|item| holds(item, sought)),
        Value::Object(members) => members.values().any(|member| holds(member, sought)),
        Value::String(text) if text.starts_with('{') => {
            serde_json::from_str::<Value>(text).is_ok_and(|written| written == *sought)
        }
        _ => false,
    }
}

fn has_scalar(value: &Value, fits: &dyn Fn(&str) -> bool) -> bool {
    let mut found = false;
    scalars(value, &mut |text| found |= fits(text));
    found
}

/// The texts and numbers in a value.
fn scalars(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Number(number) => see(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| scalars(item, see)),
        Value::Object(members) => members.values().for_each(|member| scalars(member, see)),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::{Call, Intent};
    use hubproof_model::exchange::{Response, SentRequest};
    use serde_json::json;

    use super::*;

    fn asked(body: Value, details: Value) -> Needles {
        let answer = json!({"success": false, "error": {"code": "APPROVAL_REQUIRED", "details": details}});
        let call = Call::post_execute("a.b.c", body, Intent::Refused);
        Needles::of(&Exchange {
            number: 1,
            case: String::new(),
            request: SentRequest {
                method: call.method.clone(),
                url: String::new(),
                headers: Vec::new(),
            },
            call,
            result: Ok(Response::new(403, Vec::new(), answer.to_string().into_bytes())),
            sent_after: Duration::ZERO,
            elapsed: Duration::ZERO,
        })
    }

    fn ids(entries: Vec<&Value>) -> Vec<&Value> {
        entries.into_iter().map(|entry| &entry["id"]).collect()
    }

    #[test]
    fn an_entry_is_known_by_key_or_marker_wherever_it_stands() {
        let marker = "hubprooftestx0123456789";
        let body = json!({"input": {"note": format!("a {marker}, please")}, "idempotency_key": "k-1"});
        let entries = [
            json!({"id": 1, "request": {"idempotencyKey": "k-1"}}),
            json!({"id": 2, "request": {"idempotencyKey": "k-12"}}),
            json!({"id": 3, "summary": format!("asks for {marker}!")}),
            json!({"id": 4, "summary": "hubproof"}),
        ];
        let needles = asked(body, json!({}));
        assert_eq!(ids(needles.belonging(&entries, "/id")), [&json!(1), &json!(3)]);
        assert_eq!(needles.best(&entries, "/id").unwrap()["id"], 1);
    }

    #[test]
    fn the_id_that_the_answer_names_is_the_surest_sign() {
        let body = json!({"input": {"note": 1}, "idempotency_key": "k"});
        let entries = [json!({"id": 1, "key": "k"}), json!({"id": 2, "key": "k"})];
        let needles = asked(body, json!({"approval": {"id": 2}}));
        assert_eq!(needles.best(&entries, "/id").unwrap()["id"], 2);
    }

    #[test]
    fn an_equal_input_counts_where_nothing_else_tells() {
        let input = json!({"user_id": "u-7"});
        let needles = asked(json!({"input": input, "idempotency_key": "k"}), json!({}));
        let shown = [
            json!({"id": 1, "payload": input}),
            json!({"id": 2, "payload": input.to_string()}),
        ];
        assert_eq!(ids(needles.belonging(&shown, "/id")), [&json!(1), &json!(2)]);
        let with_key = [shown[0].clone(), json!({"id": 3, "payload": input, "key": "k"})];
        assert_eq!(ids(needles.belonging(&with_key, "/id")), [&json!(3)]);
    }

    #[test]
    fn what_says_nothing_of_the_call_is_no_sign() {
        // A word of the profile's own, an empty input, an input without a key.
        let needles = asked(json!({"input": {}}), json!({"status": "pending"}));
        assert!(
            needles
                .belonging(&[json!({"id": 1, "input": {}, "status": "pending"})], "/id")
                .is_empty()
        );
        let needles = asked(json!({"input": {"note": "hubproof"}}), json!({}));
        assert!(
            needles
                .best(&[json!({"id": 1, "note": "hubproof tries"})], "/id")
                .is_none()
        );
    }

    #[test]
    fn an_id_is_a_text_or_a_number() {
        let entry = json!({"id": 7, "ref": {"uid": "x"}, "none": null, "empty": ""});
        assert_eq!(id_of(&entry, "/id").as_deref(), Some("7"));
        assert_eq!(id_of(&entry, "/ref/uid").as_deref(), Some("x"));
        assert!(
            ["/none", "/empty", "/ref", "/nowhere"]
                .iter()
                .all(|at| id_of(&entry, at).is_none())
        );
    }
}
