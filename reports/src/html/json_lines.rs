//! A JSON value over several lines, in colours, with what differs from another marked.

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::printable::visible;

/// Lines below this depth stand on one line.
const DEEPEST: usize = 24;
/// An array or object of so few characters stands on one line.
const SHORT: usize = 60;

/// What a value is held against.
#[derive(Clone, Copy)]
enum Against<'v> {
    /// Nothing: there is nothing to mark.
    Nothing,
    /// A value that has nothing in this place.
    Absent,
    /// The value in this place.
    Value(&'v Value),
}

impl<'v> Against<'v> {
    fn differs(self, value: &Value) -> bool {
        match self {
            Against::Nothing => false,
            Against::Absent => true,
            Against::Value(other) => other != value,
        }
    }

    /// What a part of the value is held against.
    fn part(self, part: impl FnOnce(&'v Value) -> Option<&'v Value>) -> Self {
        match self {
            Against::Value(other) => part(other).map_or(Against::Absent, Against::Value),
            same => same,
        }
    }

    /// Whether the two can be compared part by part: all of what stands against nothing is marked as one.
    fn has_parts(self, value: &Value) -> bool {
        match (value, self) {
            (_, Against::Nothing) => true,
            (Value::Object(_), Against::Value(other)) => other.is_object(),
            (Value::Array(_), Against::Value(other)) => other.is_array(),
            _ => false,
        }
    }
}

/// A value over several lines. What the other value does not have, or has otherwise, is marked.
pub(super) fn pretty(value: &Value, against: Option<&Value>) -> Markup {
    html! { code { (node(value, against.map_or(Against::Nothing, Against::Value), 0)) } }
}

fn node(value: &Value, against: Against<'_>, depth: usize) -> Markup {
    let differs = against.differs(value);
    let is_branch = depth < DEEPEST && against.has_parts(value) && (differs || value.to_string().len() > SHORT);
    match value {
        Value::Object(members) if is_branch => html! {
            "{\n"
            @for (index, (name, member)) in members.iter().enumerate() {
                (indent(depth + 1)) span.name { (quoted(name)) } ": "
                (node(member, against.part(|other| other.get(name)), depth + 1))
                @if index + 1 < members.len() { "," } "\n"
            }
            (gone(members, against, depth + 1))
            (indent(depth)) "}"
        },
        Value::Array(elements) if is_branch => html! {
            "[\n"
            @for (index, element) in elements.iter().enumerate() {
                (indent(depth + 1)) (node(element, against.part(|other| other.get(index)), depth + 1))
                @if index + 1 < elements.len() { "," } "\n"
            }
            (indent(depth)) "]"
        },
        _ if differs => html! { mark { (leaf(value)) } },
        _ => leaf(value),
    }
}

/// Members that the other value has and this one lacks.
fn gone(own: &Map<String, Value>, against: Against<'_>, depth: usize) -> Markup {
    let other = match against {
        Against::Value(Value::Object(other)) => Some(other),
        _ => None,
    };
    let gone = other
        .into_iter()
        .flat_map(Map::keys)
        .filter(|name| !own.contains_key(*name));
    html! {
        @for name in gone {
            (indent(depth)) del { (quoted(name)) } "\n"
        }
    }
}

fn leaf(value: &Value) -> Markup {
    match value {
        Value::String(text) => html! { span.text { (quoted(text)) } },
        Value::Number(_) => html! { span.number { (value.to_string()) } },
        Value::Bool(_) | Value::Null => html! { span.word { (value.to_string()) } },
        Value::Array(_) | Value::Object(_) => html! { (visible(&value.to_string())) },
    }
}

fn quoted(text: &str) -> String {
    visible(&Value::String(text.to_owned()).to_string()).into_owned()
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The text of a markup.
    fn text(markup: &Markup) -> String {
        let mut text = String::new();
        let mut is_tag = false;
        for character in markup.0.chars() {
            match character {
                '<' => is_tag = true,
                '>' => is_tag = false,
                other if !is_tag => text.push(other),
                _ => {}
            }
        }
        text.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&")
    }

    #[test]
    fn it_is_the_same_value() {
        let value = json!({"a": [1, 2.5, {"long": "a text that is long enough to need a line, or two of them"}], "b<": null, "c": []});
        let shown = text(&pretty(&value, None));
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
        assert!(shown.lines().count() > 4, "{shown}");
        assert_eq!(text(&pretty(&json!({"a": 1}), None)), r#"{"a":1}"#);
    }

    #[test]
    fn what_differs_is_marked_where_it_differs() {
        let (first, second) = (
            json!({"a": 1, "b": {"c": [1, 2], "gone": 0}}),
            json!({"a": 1, "b": {"c": [1, 3], "d": null}}),
        );
        let shown = pretty(&second, Some(&first)).0;
        let marked: Vec<_> = shown
            .split("<mark>")
            .skip(1)
            .filter_map(|rest| rest.split("</mark>").next())
            .collect();
        assert_eq!(
            marked,
            [r#"<span class="number">3</span>"#, r#"<span class="word">null</span>"#],
            "{shown}"
        );
        assert!(shown.contains("<del>&quot;gone&quot;</del>"), "{shown}");
        assert!(!pretty(&first, Some(&first)).0.contains("<mark>"));
    }

    #[test]
    fn texts_of_a_target_stay_texts() {
        let shown = pretty(&json!({"<script>": "</code>\u{202e}&"}), None).0;
        assert!(
            !shown.contains("<script>") && !shown.contains("</code>\u{202e}"),
            "{shown}"
        );
        assert!(shown.contains(r"\u{202e}"), "{shown}");
    }
}
