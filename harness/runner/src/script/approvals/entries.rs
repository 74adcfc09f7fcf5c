//! Tells the entries of one call from all others in Approvals.

use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use serde_json::Value;

/// What every marker of a run begins with.
const MARKER: &str = "hubproof";
/// No marker is shorter: it names the run and the scene.
const SHORTEST_MARKER: usize = MARKER.len() + 11;

/// How members are called that tell of an approval's entry.
const ENTRIES: [&str; 2] = ["approval", "entry"];

/// What an entry of a call holds: its idempotency key, the run's marker in its input, or the whole of it. Or else the answer that asks for
/// an approval names the entry: a run must never decide on others' entries, so a number that happens to be an entry's id is no name.
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
        let mut markers = Vec::new();
        if let Some(input) = input {
            scalars(input, &mut |text| markers.extend(markers_in(text).map(str::to_owned)));
        }
        Self {
            key: gated.call.idempotency_key().map(str::to_owned),
            markers,
            named: named_in(gated),
            input: input
                .filter(|input| input.as_object().is_some_and(|members| !members.is_empty()))
                .cloned(),
        }
    }

    /// The entries that belong to the call. A name or an equal input alone tells it from calls of others only where nothing else does.
    pub(super) fn belonging<'e>(&self, entries: &'e [Value], id_at: &str) -> Vec<&'e Value> {
        let ways: [&dyn Fn(&Value) -> bool; 3] = [
            &|entry| self.holds_key(entry) || self.holds_marker(entry),
            &|entry| self.is_named(entry, id_at),
            &|entry| self.holds_input(entry),
        ];
        let found = ways.map(|is_its_own| entries.iter().filter(|entry| is_its_own(entry)).collect::<Vec<_>>());
        found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The entry that most surely belongs to the call: of those that hold its key, the one that the answer names.
    pub(super) fn best<'e>(&self, entries: &'e [Value], id_at: &str) -> Option<&'e Value> {
        let first = |is_it: &dyn Fn(&Value) -> bool| entries.iter().find(|entry| is_it(entry));
        first(&|entry| self.holds_key(entry) && self.is_named(entry, id_at))
            .or_else(|| first(&|entry| self.holds_key(entry)))
            .or_else(|| first(&|entry| self.holds_marker(entry)))
            .or_else(|| first(&|entry| self.is_named(entry, id_at)))
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

/// The ids of entries that an answer names which asks for an approval.
pub(super) fn named_in(gated: &Exchange) -> Vec<String> {
    let mut named = Vec::new();
    let details = gated.json().and_then(|body| body.pointer("/error/details"));
    if let (Some(details), true) = (details, Outcome::of(gated).is(&ErrorCode::ApprovalRequired)) {
        names(details, false, &mut named);
    }
    named
}

/// What details name as an entry: what stands under a member that is about the approval or its entry, and is its id, or all that the member
/// says.
fn names(details: &Value, is_about_entry: bool, named: &mut Vec<String>) {
    match details {
        Value::Object(members) => {
            for (name, member) in members {
                let is_id = ["_id", "Id", "ID"].iter().any(|end| name.ends_with(end)) || name == "id";
                let name = name.to_ascii_lowercase();
                let is_entry = ENTRIES.iter().any(|entry| name.contains(entry));
                match member {
                    Value::Object(_) | Value::Array(_) => names(member, is_about_entry || is_entry, named),
                    member if is_id && (is_about_entry || is_entry) => {
                        scalars(member, &mut |text| named.push(text.to_owned()))
                    }
                    member if is_entry && ENTRIES.contains(&name.as_str()) => {
                        scalars(member, &mut |text| named.push(text.to_owned()))
                    }
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, is_about_entry, named)),
        _ => {}
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
    fn an_id_that_stands_for_something_else_names_no_entry() {
        let body = json!({"input": {"note": 1}, "idempotency_key": "k"});
        let details = json!({"approval_id": 42, "required_approvers": 1, "minimum": 2, "limit": {"id": 3},
            "request_id": 1, "approval_paid": 3});
        let needles = asked(body.clone(), details);
        let others: Vec<_> = (1..=3).map(|id| json!({"id": id, "key": "another"})).collect();
        assert!(needles.best(&others, "/id").is_none() && needles.belonging(&others, "/id").is_empty());
        let own = [others[0].clone(), json!({"id": 42})];
        assert_eq!(needles.best(&own, "/id").unwrap()["id"], 42);
        // One that holds the call's key is surer than any name.
        let with_key = [json!({"id": 42, "key": "another"}), json!({"id": 7, "key": "k"})];
        assert_eq!(needles.best(&with_key, "/id").unwrap()["id"], 7);
        let text = asked(body, json!({"approval": "apr_9", "entry": {"href": "x"}}));
        assert_eq!(text.best(&[json!({"id": "apr_9"})], "/id").unwrap()["id"], "apr_9");
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
