//! What two results of the same call have that differs, once what is each vendor's own is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// What two calls wrote alike: the scalars of their inputs that are the same in both, by the name of the member that holds them.
#[derive(Debug, Default)]
pub(super) struct Written {
    by_name: BTreeMap<String, Vec<Value>>,
}

impl Written {
    /// What both of these inputs hold. An id that each vendor has given to a record of its own is not among it.
    pub(super) fn of([one, other]: [&Value; 2]) -> Self {
        let [one, other] = [scalars(one), scalars(other)];
        let alike = |(name, values): (String, Vec<Value>)| {
            let of_other = other.get(&name)?;
            let alike: Vec<_> = values.into_iter().filter(|value| of_other.contains(value)).collect();
            (!alike.is_empty()).then_some((name, alike))
        };
        Self {
            by_name: one.into_iter().filter_map(alike).collect(),
        }
    }

    /// Whether a member of this name was written with this value.
    fn has(&self, name: &str, value: &Value) -> bool {
        let mut values = self.by_name.get(name).into_iter().flatten();
        values.any(|written| is_equal(written, value))
    }

    fn names(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }
}

/// The scalars of a value by the name of the innermost member that holds them.
fn scalars(value: &Value) -> BTreeMap<String, Vec<Value>> {
    fn collect(value: &Value, name: &str, found: &mut BTreeMap<String, Vec<Value>>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| collect(member, name, found)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
            Value::Null => {}
            scalar => found.entry(name.to_owned()).or_default().push(scalar.clone()),
        }
    }
    let mut found = BTreeMap::new();
    collect(value, "", &mut found);
    found
}

/// What is known of the members that were not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Both results are of a record that the run made of the same input: they have the same members.
    IsThere,
    /// The results are of records of others: a member that a schema does not ask for may be missing in one.
    MayDiffer,
}

/// The differences of two values that stand at a place, each in words.
pub(super) fn differences(both: [&Value; 2], at: &str, written: &Written, rest: Rest) -> Vec<String> {
    let mut found = Vec::new();
    Comparing { written, rest }.compare(both, at, "", &mut found);
    found
}

struct Comparing<'w> {
    written: &'w Written,
    rest: Rest,
}

impl Comparing<'_> {
    fn compare(&self, both: [&Value; 2], at: &str, name: &str, found: &mut Vec<String>) {
        match both {
            [Value::Object(one), Value::Object(other)] => self.members([one, other], at, found),
            [Value::Array(one), Value::Array(other)] => self.items([one, other], at, name, found),
            [one, other] => self.scalars([one, other], at, name, found),
        }
    }

    fn members(&self, both: [&Map<String, Value>; 2], at: &str, found: &mut Vec<String>) {
        let names: BTreeSet<&String> = both.iter().flat_map(|members| members.keys()).collect();
        for name in names {
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match both.map(|members| members.get(name)) {
                [Some(one), Some(other)] => self.compare([one, other], &at, name, found),
                // A member that is null says no more than one that is left out.
                [Some(there), None] | [None, Some(there)] if !there.is_null() && self.is_missed(name, there) => {
                    found.push(format!("`{at}` is in one of the results alone"));
                }
                _ => {}
            }
        }
    }

    fn is_missed(&self, name: &str, there: &Value) -> bool {
        self.rest == Rest::IsThere || self.written.has(name, there)
    }

    fn items(&self, both: [&Vec<Value>; 2], at: &str, name: &str, found: &mut Vec<String>) {
        let [one, other] = both;
        if self.written.names(name) && self.rest == Rest::IsThere && one.len() != other.len() {
            found.push(format!("`{at}` has {} items and {}", one.len(), other.len()));
            return;
        }
        for (place, (one, other)) in one.iter().zip(other).enumerate() {
            self.compare([one, other], &format!("{at}/{place}"), name, found);
        }
    }

    fn scalars(&self, [one, other]: [&Value; 2], at: &str, name: &str, found: &mut Vec<String>) {
        let was_written = |value: &Value| self.rest == Rest::IsThere && self.written.has(name, value);
        if (was_written(one) || was_written(other)) && !is_equal(one, other) {
            found.push(format!("`{at}` is {one} and {other}"));
        } else if !one.is_null() && !other.is_null() && type_of(one) != type_of(other) {
            found.push(format!("`{at}` is a {} and a {}", type_of(one), type_of(other)));
        }
    }
}

/// JSON has one kind of numbers.
fn is_equal(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(input: &Value, one: &Value, other: &Value, rest: Rest) -> Vec<String> {
        differences([one, other], "", &Written::of([input, input]), rest)
    }

    #[test]
    fn what_is_the_vendors_own_is_no_difference() {
        let input = json!({"title": "a", "priority": "high"});
        let one = json!({"id": "INC1", "title": "a", "priority": "high", "created_at": "2026-01-01", "assignee": null});
        let other = json!({"id": "CHG2", "title": "a", "priority": "high", "created_at": "2025-01-01", "resolution": null,
                           "assignee": "b"});
        assert!(of(&input, &one, &other, Rest::IsThere).is_empty());
    }

    #[test]
    fn what_was_written_must_be_the_same() {
        let input = json!({"changes": {"priority": "high", "effort": 2, "tags": ["a", "b"]}});
        let one = json!({"priority": "high", "effort": 2.0, "tags": ["a", "b"]});
        let found = |other| of(&input, &one, &other, Rest::IsThere);
        assert!(found(json!({"priority": "high", "effort": 2, "tags": ["a", "b"]})).is_empty());
        assert_eq!(
            found(json!({"priority": "medium", "effort": 3, "tags": ["a"]})),
            [
                "`/effort` is 2.0 and 3",
                "`/priority` is \"high\" and \"medium\"",
                "`/tags` has 2 items and 1"
            ]
        );
        assert_eq!(
            found(json!({"priority": null, "effort": 2, "tags": ["a", "c"]})),
            ["`/priority` is \"high\" and null", "`/tags/1` is \"b\" and \"c\""]
        );
    }

    #[test]
    fn an_id_that_differs_in_the_inputs_was_not_written() {
        let written = Written::of([
            &json!({"ticket_id": "1", "body": "a"}),
            &json!({"ticket_id": "2", "body": "a"}),
        ]);
        let (one, other) = (
            json!({"ticket_id": "1", "body": "a"}),
            json!({"ticket_id": "2", "body": "b"}),
        );
        let found = differences([&one, &other], "", &written, Rest::IsThere);
        assert_eq!(found, ["`/body` is \"a\" and \"b\""]);
    }

    #[test]
    fn members_and_types_are_the_same() {
        let (one, other) = (
            json!({"a": {"x/y": 1}, "n": 1, "list": [{"k": 1}]}),
            json!({"a": {}, "n": "1", "list": [{"k": true}, {}]}),
        );
        assert_eq!(
            of(&json!({}), &one, &other, Rest::IsThere),
            [
                "`/a/x~1y` is in one of the results alone",
                "`/list/0/k` is a number and a boolean",
                "`/n` is a number and a string"
            ]
        );
        // Of what others own the types alone are compared.
        assert_eq!(
            of(&json!({}), &one, &other, Rest::MayDiffer),
            ["`/list/0/k` is a number and a boolean", "`/n` is a number and a string"]
        );
    }
}
