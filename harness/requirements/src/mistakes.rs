//! Bodies that clients send by mistake or malice, and that break hubs which do not expect them.

use hubproof_model::call::{Body, Call, Template};
use serde_json::{Value, json};

use crate::traffic::{changed, with_member};

/// The name of the mistake that a hub may refuse before it has read it to its end.
pub(crate) const LARGE_BODY: &str = "10 MiB";
const LARGE_BYTES: usize = 10 * 1024 * 1024;
const DEEP_LEVELS: usize = 10_000;
const LONG_ID: usize = 8 * 1024;
/// Stands in a body where raw JSON is to be put.
const MARK: &str = "hubproof-mark";

/// Bodies like the control's but for one mistake each, with what that is.
pub(crate) fn mistakes(control: &Call) -> Vec<(String, Body)> {
    let mut mistakes = Vec::new();
    let places = [
        ("a text of the input", in_input(control)),
        ("connection_id", in_member(control, "connection_id")),
        ("idempotency_key", in_member(control, "idempotency_key")),
    ];
    let texts = [
        ("a lone surrogate", r#""\ud800""#),
        ("NUL", r#""hubproof\u0000""#),
        ("a quote", r#""' OR 1=1; --""#),
    ];
    for (place, (before, after)) in &places {
        mistakes.extend(texts.map(|(name, raw)| (format!("{name} in {place}"), text(format!("{before}{raw}{after}")))));
    }
    let (before, after) = &places[0].1;
    let raw = |name: &str, raw: &str| (name.to_owned(), text(format!("{before}{raw}{after}")));
    mistakes.push(raw("1e400", "1e400"));
    mistakes.push(raw("-1e999999999", "-1e999999999"));
    mistakes.push(raw("an integer of 400 digits", &"9".repeat(400)));
    mistakes.push(raw("a raw control character", "\"\u{1}\""));
    let long = with_member(control, "connection_id", Value::from("c".repeat(LONG_ID)));
    mistakes.push(("a connection_id of 8 KiB".to_owned(), long.body));
    mistakes.push(("duplicate keys".to_owned(), duplicated(control)));
    mistakes.push((
        "a byte order mark".to_owned(),
        text(format!("\u{feff}{before}\"\"{after}")),
    ));
    let repeat = |unit: &str, times, end: String| Body::Repeat {
        head: before.clone(),
        unit: unit.to_owned(),
        times,
        tail: format!("{end}{after}"),
    };
    mistakes.push((
        "arrays nested 10,000 deep".to_owned(),
        repeat("[", DEEP_LEVELS, "]".repeat(DEEP_LEVELS)),
    ));
    let closed = format!("null{}", "}".repeat(DEEP_LEVELS));
    mistakes.push((
        "objects nested 10,000 deep".to_owned(),
        repeat("{\"a\":", DEEP_LEVELS, closed),
    ));
    mistakes.push((
        "10,000 arrays left open".to_owned(),
        repeat("[", DEEP_LEVELS, String::new()),
    ));
    let large = Body::Repeat {
        head: format!("{before}\""),
        unit: "hubproof".to_owned(),
        times: LARGE_BYTES / "hubproof".len(),
        tail: format!("\"{after}"),
    };
    mistakes.push((LARGE_BODY.to_owned(), large));
    mistakes
}

fn text(text: String) -> Body {
    Body::Text(Template(text))
}

/// What stands before and after the first text of the input; a member of its own where it has none.
fn in_input(control: &Call) -> (String, String) {
    let marked = changed(control, |body| {
        let Some(Value::Object(input)) = body.get_mut("input") else {
            return;
        };
        match input.values_mut().find(|value| value.is_string()) {
            Some(text) => *text = json!(MARK),
            None => drop(input.insert("hubproof_probe".to_owned(), json!(MARK))),
        }
    });
    split(&marked)
}

fn in_member(control: &Call, name: &str) -> (String, String) {
    split(&with_member(control, name, json!(MARK)))
}

fn split(marked: &Call) -> (String, String) {
    let body = marked.json().map(ToString::to_string).unwrap_or_default();
    match body.split_once(&format!("\"{MARK}\"")) {
        Some((before, after)) => (before.to_owned(), after.to_owned()),
        None => (body, String::new()),
    }
}

/// The control's members, each twice.
fn duplicated(control: &Call) -> Body {
    let body = control.json().map(ToString::to_string).unwrap_or_default();
    let members = body
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or_default();
    text(format!("{{{members},{members}}}"))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Intent;

    use super::*;

    fn bodies(input: Value) -> Vec<(String, Body)> {
        mistakes(&Call::post_execute("a.b.c", json!({"input": input}), Intent::Read))
    }

    fn body_of<'b>(bodies: &'b [(String, Body)], name: &str) -> &'b Body {
        &bodies.iter().find(|(own, _)| own == name).unwrap().1
    }

    #[test]
    fn the_mistake_stands_in_the_inputs_own_text_where_it_has_one() {
        let text_of = |input: Value| match body_of(&bodies(input), "1e400") {
            Body::Text(text) => text.0.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            text_of(json!({"limit": 1, "query": "x"})),
            r#"{"input":{"limit":1,"query":1e400}}"#
        );
        assert_eq!(
            text_of(json!({"limit": 1})),
            r#"{"input":{"limit":1,"hubproof_probe":1e400}}"#
        );
    }

    #[test]
    fn names_are_unique_and_keys_are_duplicated() {
        let bodies = bodies(json!({}));
        let names: std::collections::BTreeSet<_> = bodies.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), bodies.len());
        let Body::Text(text) = body_of(&bodies, "duplicate keys") else {
            panic!("no text")
        };
        assert_eq!(text.0, r#"{"input":{},"input":{}}"#);
    }

    #[test]
    fn deep_and_large_bodies_are_whole_json_but_held_small() {
        for (name, least) in [("arrays nested 10,000 deep", 20_000), (LARGE_BODY, LARGE_BYTES)] {
            let Body::Repeat {
                head,
                unit,
                times,
                tail,
            } = body_of(&bodies(json!({})), name).clone()
            else {
                panic!("{name} is held as it is");
            };
            let whole = format!("{head}{}{tail}", unit.repeat(times));
            assert!(whole.len() >= least);
            let opened = whole.matches(['[', '{']).count();
            assert_eq!(opened, whole.matches([']', '}']).count(), "{name}");
        }
    }
}
