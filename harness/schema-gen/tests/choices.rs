//! What is chosen among the instances that a schema allows: near misses, every keyword early, every part soon, and what the caller
//! sets.

// The lint spares test functions only; what they share is test code too.
#![allow(clippy::unwrap_used)]

use std::time::Instant;

use schema_gen::{Acceptance, Broken, Generator, Options};
use serde_json::{Value, json};

fn generator(schema: &Value, options: Options) -> Generator {
    Generator::compile(schema, &options).unwrap()
}

fn broken(schema: &Value, count: usize) -> Vec<Broken> {
    generator(schema, Options::default()).invalid(1, count)
}

fn object(members: &[(&str, Value)]) -> Value {
    let properties: serde_json::Map<_, _> = members
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({"type": "object", "properties": properties})
}

#[test]
fn assertions_of_one_keyword_take_turns_at_near_misses() {
    let integer = json!({"type": "integer"});
    let schema = object(&[
        ("a", integer.clone()),
        ("b", integer.clone()),
        ("c", integer.clone()),
        ("d", integer),
    ]);
    let values: Vec<Value> = broken(&schema, 5)
        .iter()
        .filter_map(|broken| broken.instance.pointer(&broken.instance_pointer).cloned())
        .collect();
    assert!(values.contains(&json!("1")), "{values:?}");
    assert!(values.contains(&json!(null)), "{values:?}");
    assert!(
        values
            .iter()
            .any(|value| value.as_f64().is_some_and(|float| float.fract() != 0.0)),
        "{values:?}"
    );
}

#[test]
fn a_member_of_an_enum_is_tried_in_another_case() {
    let state = json!({"enum": ["open", "closed"]});
    let found = broken(&object(&[("a", state.clone()), ("b", state)]), 4);
    let tried = |text: &str| found.iter().any(|broken| broken.instance.to_string().contains(text));
    assert!(tried("OPEN") || tried("CLOSED"), "{found:?}");
}

#[test]
fn equal_elements_are_also_written_differently() {
    let found = broken(
        &json!({"type": "array", "items": {"type": "integer"}, "uniqueItems": true}),
        10,
    );
    let duplicates: Vec<String> = found
        .iter()
        .filter(|broken| broken.keyword == "uniqueItems")
        .map(|broken| broken.instance.to_string())
        .collect();
    assert!(duplicates.iter().any(|text| text.contains(".0")), "{duplicates:?}");
    assert!(duplicates.iter().any(|text| !text.contains(".0")), "{duplicates:?}");
}

#[test]
fn a_keyword_that_stands_once_comes_before_another_that_stands_often() {
    let mut members: Vec<(&str, Value)> = ["a", "b", "c", "d", "e", "f", "g", "h"]
        .map(|name| (name, json!({"type": "string", "minLength": 2})))
        .to_vec();
    members.push((
        "z",
        json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true}),
    ));
    let keywords: Vec<String> = broken(&object(&members), 3)
        .into_iter()
        .map(|broken| broken.keyword)
        .collect();
    assert_eq!(keywords, ["type", "minLength", "uniqueItems"]);
}

#[test]
fn a_fault_stands_inside_a_recursive_definition_too() {
    let schema = json!({
        "$defs": {"node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["name"]
        }},
        "$ref": "#/$defs/node"
    });
    let found = broken(&schema, 6);
    assert!(
        found
            .iter()
            .any(|broken| broken.instance_pointer.starts_with("/below/0")),
        "{found:?}"
    );
}

#[test]
fn few_instances_exercise_every_branch_and_member() {
    let branch = |name: &str| json!({"type": "object", "properties": {"kind": {"const": name}, "size": {}}, "required": ["kind"]});
    let members: Vec<(String, Value)> = (0..6)
        .map(|at| {
            (
                format!("m{at}"),
                json!({"anyOf": [branch("a"), branch("b"), branch("c")]}),
            )
        })
        .collect();
    let members: Vec<(&str, Value)> = members
        .iter()
        .map(|(name, schema)| (name.as_str(), schema.clone()))
        .collect();
    let found = generator(&object(&members), Options::default()).valid(1, 6);
    for (name, _) in &members {
        for kind in ["a", "b", "c"] {
            let shown = |valid: &&schema_gen::Valid| valid.instance[name]["kind"] == kind;
            assert!(
                found.iter().any(|valid| shown(&valid)),
                "{name} is never of kind {kind}: {found:?}"
            );
        }
    }
}

#[test]
fn what_is_implied_by_its_neighbours_is_not_broken() {
    let schema = json!({"type": "string", "enum": ["a", "b"]});
    assert!(broken(&schema, 20).iter().all(|broken| broken.keyword == "enum"));
}

#[test]
fn integers_are_written_with_a_fraction_and_large_where_that_is_allowed() {
    let schema = json!({"type": "integer"});
    let drawn = |options: Options| generator(&schema, options).valid(1, 300);
    let texts: Vec<String> = drawn(Options::default())
        .iter()
        .map(|valid| valid.instance.to_string())
        .collect();
    assert!(texts.iter().any(|text| text.ends_with(".0")));
    assert!(texts.iter().any(|text| {
        text.parse::<i64>()
            .is_ok_and(|integer| integer.unsigned_abs() > 1 << 53)
    }));
    let kept = Options {
        integral_floats: false,
        max_integer: 1 << 53,
        ..Options::default()
    };
    for valid in drawn(kept) {
        assert!(
            valid
                .instance
                .as_i64()
                .is_some_and(|integer| integer.unsigned_abs() <= 1 << 53),
            "{valid:?}"
        );
    }
    let old = Options {
        draft: Some(schema_gen::Draft::Draft4),
        ..Options::default()
    };
    assert!(drawn(old).iter().all(|valid| !valid.instance.is_f64()));
}

#[test]
fn formats_are_broken_only_on_request() {
    let schema = json!({"type": "string", "format": "date"});
    assert!(broken(&schema, 20).iter().all(|broken| broken.keyword == "type"));
    let asserting = Options {
        assert_format: true,
        ..Options::default()
    };
    let generator = generator(&schema, asserting);
    let found = generator.invalid(1, 20);
    let broken: Vec<&Broken> = found.iter().filter(|broken| broken.keyword == "format").collect();
    assert!(broken.len() > 3, "{found:?}");
    assert!(
        broken
            .iter()
            .all(|broken| broken.instance.is_string() && !generator.is_valid(&broken.instance))
    );
    assert!(
        generator
            .valid(1, 20)
            .iter()
            .all(|valid| generator.is_valid(&valid.instance))
    );
}

#[test]
fn examples_that_the_schema_accepts_are_given_out() {
    let options = Options {
        examples: vec![json!("KB-17"), json!(5)],
        ..Options::default()
    };
    let found = generator(&json!({"type": "string"}), options).valid(1, 4);
    assert!(found.iter().any(|valid| valid.instance == "KB-17"), "{found:?}");
    assert!(found.iter().all(|valid| valid.instance.is_string()));
}

#[test]
fn nothing_is_drawn_after_the_deadline() {
    let options = Options {
        deadline: Some(Instant::now()),
        ..Options::default()
    };
    let generator = generator(&json!({"type": "string"}), options);
    assert_eq!(generator.valid(1, 10), vec![]);
    assert_eq!(generator.invalid(1, 10), vec![]);
}

#[test]
fn an_empty_side_is_proved_where_it_can_be() {
    let acceptance = |schema: &Value| generator(schema, Options::default()).acceptance();
    assert_eq!(
        acceptance(&json!({"allOf": [{"type": "string"}, {"type": "null"}]})),
        Acceptance::Nothing
    );
    assert_eq!(acceptance(&json!({"description": "anything"})), Acceptance::Everything);
    assert_eq!(acceptance(&json!({"type": "string"})), Acceptance::Undecided);
}
