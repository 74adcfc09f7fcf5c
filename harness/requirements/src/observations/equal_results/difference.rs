//! What two results of the same call have that differs, once what is each vendor's own is left out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::declared::Declared;

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

/// What comes of comparing two results.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Their differences, each in words.
    pub(super) differences: Vec<String>,
    /// What could not be compared, since one of them or both have nothing there, each in words.
    pub(super) open: Vec<String>,
    /// How many declared places were compared: both have something there.
    pub(super) places: usize,
}

impl Compared {
    /// One difference alone.
    pub(super) fn different(difference: String) -> Self {
        Self {
            differences: vec![difference],
            ..Self::default()
        }
    }

    /// Nothing but what could not be compared.
    pub(super) fn open(why: String) -> Self {
        Self {
            open: vec![why],
            ..Self::default()
        }
    }

    /// The same, or that it says nothing for this reason, where no place was compared: nothing is equal to what declares nothing.
    #[must_use]
    pub(super) fn or_open(mut self, why: &str) -> Self {
        if self.places == 0 && self.differences.is_empty() && self.open.is_empty() {
            self.open.push(why.to_owned());
        }
        self
    }
}

/// Compares two values as far as a schema declares them.
pub(super) fn compared(both: [&Value; 2], declared: &Declared<'_>, written: &Written, rest: Rest) -> Compared {
    let mut comparing = Comparing {
        written,
        rest,
        found: Compared::default(),
    };
    let there = |value: &Value| !value.is_null();
    match both.map(there) {
        [true, true] => comparing.values(both.map(|one| vec![one]), declared, "", "", true),
        _ => comparing
            .found
            .open
            .push("one of the results is null, or both are".to_owned()),
    }
    comparing.found
}

struct Comparing<'w> {
    written: &'w Written,
    rest: Rest,
    found: Compared,
}

impl Comparing<'_> {
    /// Compares what stands at one place: a value of each, or, `is_one` aside, the values of all elements of an array, whose order says
    /// nothing.
    fn values(&mut self, both: [Vec<&Value>; 2], declared: &Declared<'_>, at: &str, name: &str, is_one: bool) {
        self.count(&both, declared, at, is_one);
        self.types(&both, declared, at);
        self.written(&both, at, name, is_one);
        let objects = both
            .each_ref()
            .map(|values| values.iter().filter_map(|value| value.as_object()).collect());
        self.members(objects, declared, at, is_one);
        self.elements(&both, declared, at, name);
    }

    /// Counts the place, if anything is compared at it. That both results are objects, or both lists, says nothing of them.
    fn count(&mut self, both: &[Vec<&Value>; 2], declared: &Declared<'_>, at: &str, is_one: bool) {
        let is_within = |value: &&Value| !at.is_empty() || !(value.is_object() || value.is_array());
        let is_told = |values: &Vec<&Value>| values.iter().any(|value| !value.is_null() && is_within(value));
        let is_compared = declared.has_type() || (self.rest == Rest::IsThere && is_one);
        self.found.places += usize::from(is_compared && both.iter().all(is_told));
    }

    fn types(&mut self, both: &[Vec<&Value>; 2], declared: &Declared<'_>, at: &str) {
        let types = both.each_ref().map(|values| {
            let told = values.iter().filter(|value| !value.is_null());
            told.map(|value| type_of(value)).collect::<BTreeSet<_>>()
        });
        let [one, other] = &types;
        let differ = !one.is_empty() && !other.is_empty() && one != other;
        if differ && !declared.takes(&one.union(other).copied().collect()) {
            let [one, other] = types.map(|types| types.into_iter().collect::<Vec<_>>().join(" or "));
            self.found.differences.push(format!("`{at}` is a {one} and a {other}"));
        }
    }

    /// What was written must stand in both.
    fn written(&mut self, both: &[Vec<&Value>; 2], at: &str, name: &str, is_one: bool) {
        if self.rest == Rest::MayDiffer {
            return;
        }
        let own = both.each_ref().map(|values| {
            let own = values.iter().filter(|value| self.written.has(name, value));
            own.copied().collect::<Vec<_>>()
        });
        let lacks = |there: &[&Value], wanted: &&&Value| !there.iter().any(|value| is_equal(value, wanted));
        let [one, other] = &own;
        let alone: Vec<_> = [(one, other), (other, one)]
            .into_iter()
            .flat_map(|(own, there)| own.iter().filter(move |value| lacks(there, value)))
            .collect();
        match (is_one, &both[0][..], &both[1][..]) {
            _ if alone.is_empty() => {}
            (true, [one], [other]) => {
                if type_of(one) == type_of(other) || one.is_null() || other.is_null() {
                    self.found.differences.push(format!("`{at}` is {one} and {other}"));
                }
            }
            _ => {
                let alone: Vec<_> = alone.iter().map(ToString::to_string).collect();
                let told = format!("`{at}` has {} in one of the results alone", alone.join(", "));
                self.found.differences.push(told);
            }
        }
    }

    fn members(&mut self, both: [Vec<&Map<String, Value>>; 2], declared: &Declared<'_>, at: &str, is_one: bool) {
        let names: BTreeSet<&String> = both.iter().flatten().flat_map(|members| members.keys()).collect();
        for name in names {
            let Some(own) = declared.member(name) else { continue };
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            let values = both.each_ref().map(|objects| {
                let values = objects.iter().filter_map(|members| members.get(name));
                values.collect::<Vec<_>>()
            });
            match values {
                [one, other] if !one.is_empty() && !other.is_empty() => {
                    self.values([one, other], &own, &at, name, is_one);
                }
                // Of no element at all nothing can be missed.
                [one, other] if both.iter().all(|objects| !objects.is_empty()) => {
                    let there = one.iter().chain(&other);
                    if there.clone().any(|there| self.is_missed(name, there, is_one)) {
                        self.found
                            .differences
                            .push(format!("`{at}` is in one of the results alone"));
                    }
                }
                _ => {}
            }
        }
    }

    /// A member that is null says no more than one that is left out, and elements of an array need not have the same ones.
    fn is_missed(&self, name: &str, there: &Value, is_one: bool) -> bool {
        !there.is_null() && self.rest == Rest::IsThere && (is_one || self.written.has(name, there))
    }

    fn elements(&mut self, both: &[Vec<&Value>; 2], declared: &Declared<'_>, at: &str, name: &str) {
        let is_array = both.iter().flatten().any(|value| value.is_array());
        let Some(items) = declared.items().filter(|_| is_array) else {
            return;
        };
        let elements = both.each_ref().map(|values| {
            let arrays = values.iter().filter_map(|value| value.as_array());
            arrays.flatten().collect::<Vec<_>>()
        });
        // What a record has several of is its vendor's own; a list of records that is empty shows nothing of them.
        if self.rest == Rest::MayDiffer && declared.holds_records() && elements.iter().any(Vec::is_empty) {
            let which = if elements.iter().all(Vec::is_empty) {
                "both"
            } else {
                "one"
            };
            self.found
                .open
                .push(format!("`{at}` has no element in {which} of the results"));
        }
        self.values(elements, &items, &format!("{at}/*"), name, false);
    }
}

/// JSON has one kind of numbers.
fn is_equal(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

pub(super) fn type_of(value: &Value) -> &'static str {
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

    fn record() -> Value {
        let text = json!({"type": "string"});
        json!({"type": "object", "properties": {
            "id": text, "title": text, "priority": text, "created_at": text, "assignee": {"type": ["string", "null"]}, "resolution": text,
            "effort": {"type": "number"}, "n": {"type": "integer"}, "body": text, "a": {"properties": {"x/y": {"type": "number"}}},
            "tags": {"type": "array", "items": text}, "any": {}, "mixed": {"type": ["string", "number"]},
            "list": {"type": "array", "items": {"properties": {"k": {"type": "number"}, "l": {}}}},
            "custom_fields": {"type": "object", "additionalProperties": true}
        }})
    }

    fn of(input: &Value, one: &Value, other: &Value, rest: Rest) -> Vec<String> {
        let schema = record();
        let compared = compared([one, other], &Declared::of(&schema), &Written::of([input, input]), rest);
        assert_eq!(compared.open, Vec::<String>::new());
        compared.differences
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
        assert!(found(json!({"priority": "high", "effort": 2, "tags": ["b", "c", "a"]})).is_empty());
        assert_eq!(
            found(json!({"priority": "medium", "effort": 3, "tags": ["a"]})),
            [
                "`/effort` is 2.0 and 3",
                "`/priority` is \"high\" and \"medium\"",
                "`/tags/*` has \"b\" in one of the results alone"
            ]
        );
        assert_eq!(
            found(json!({"priority": null, "effort": 2, "tags": []})),
            [
                "`/priority` is \"high\" and null",
                "`/tags/*` has \"a\", \"b\" in one of the results alone"
            ]
        );
    }

    #[test]
    fn an_id_that_differs_in_the_inputs_was_not_written() {
        let written = Written::of([&json!({"id": "1", "body": "a"}), &json!({"id": "2", "body": "a"})]);
        let (one, other) = (json!({"id": "1", "body": "a"}), json!({"id": "2", "body": "b"}));
        let schema = record();
        let found = compared([&one, &other], &Declared::of(&schema), &written, Rest::IsThere);
        assert_eq!(found.differences, ["`/body` is \"a\" and \"b\""]);
    }

    #[test]
    fn members_and_types_are_the_same() {
        let (one, other) = (
            json!({"a": {"x/y": 1}, "n": 1, "list": [{"k": 1}]}),
            json!({"a": {}, "n": "1", "list": [{}, {"k": true}]}),
        );
        assert_eq!(
            of(&json!({}), &one, &other, Rest::IsThere),
            [
                "`/a/x~1y` is in one of the results alone",
                "`/list/*/k` is a number and a boolean",
                "`/n` is a number and a string"
            ]
        );
        // Of what others own the types alone are compared.
        assert_eq!(
            of(&json!({}), &one, &other, Rest::MayDiffer),
            ["`/list/*/k` is a number and a boolean", "`/n` is a number and a string"]
        );
    }

    #[test]
    fn what_the_schema_leaves_open_is_the_vendors_own() {
        let (one, other) = (
            json!({"custom_fields": {"u_1": 1}, "any": 1, "mixed": 1, "extra": true, "list": [{"k": 1, "l": "a"}]}),
            json!({"custom_fields": {"u_1": "a", "u_2": 1}, "any": {"b": 1}, "mixed": "a", "list": [{"l": 1}, {"k": 1}]}),
        );
        for rest in [Rest::IsThere, Rest::MayDiffer] {
            assert!(of(&json!({}), &one, &other, rest).is_empty());
        }
    }

    #[test]
    fn what_is_empty_shows_nothing_of_what_it_would_hold() {
        let schema = record();
        let open = |one: Value, other: Value| {
            let nothing = Written::default();
            compared([&one, &other], &Declared::of(&schema), &nothing, Rest::MayDiffer)
        };
        let (none, filled) = (json!({"list": []}), json!({"list": [{"k": 1}]}));
        for nothing in [none.clone(), json!({"list": null})] {
            let found = open(nothing, filled.clone());
            assert!(found.differences.is_empty());
            assert_eq!(found.open, ["`/list` has no element in one of the results"]);
        }
        assert_eq!(
            open(none.clone(), none).open,
            ["`/list` has no element in both of the results"]
        );
        assert_eq!(open(Value::Null, filled.clone()).open.len(), 1);
        let found = open(filled.clone(), filled);
        assert!(found.open.is_empty() && found.places == 2, "{found:?}");
    }

    #[test]
    fn an_echo_that_a_read_leaves_out_is_no_difference() {
        let input = json!({"title": "a"});
        let (one, other) = (json!({"title": "a", "list": [{"k": 1}]}), json!({"list": [{"k": 1}]}));
        assert!(of(&input, &one, &other, Rest::MayDiffer).is_empty());
        assert_eq!(
            of(&input, &one, &other, Rest::IsThere),
            ["`/title` is in one of the results alone"]
        );
    }

    #[test]
    fn places_are_those_where_something_is_compared() {
        let schema = record();
        let places = |schema: &Value, value: &Value, rest| {
            compared([value, value], &Declared::of(schema), &Written::default(), rest).places
        };
        let filled = json!({"id": "1", "any": 1, "resolution": null, "extra": 1, "tags": ["a"], "list": [{"l": 1}]});
        // `id`, `tags` and its elements, `list`; and what has no type where it must be there.
        assert_eq!(places(&schema, &filled, Rest::MayDiffer), 4);
        assert_eq!(places(&schema, &filled, Rest::IsThere), 5);
        for open in [json!({}), json!(true), json!({"type": "object"})] {
            assert_eq!(places(&open, &filled, Rest::MayDiffer), 0);
        }
        assert_eq!(places(&json!({"type": "string"}), &json!("a"), Rest::MayDiffer), 1);
    }
}
