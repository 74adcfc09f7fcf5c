//! Every instance is judged by a second, independent validator, over realistic schemas of all drafts.

// The lint spares test functions only; what they share is test code too.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use schema_gen::{Broken, Generator, Options};
use serde_json::{Map, Value};

/// Judges with `boon`, which shares no code with the validator that the generator uses.
struct Second {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Second {
    fn compile(schema: &Value) -> Self {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        let place = "https://schema.invalid/root.json";
        compiler.add_resource(place, schema.clone()).unwrap();
        let index = compiler.compile(place, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn is_valid(&self, instance: &Value) -> bool {
        self.schemas.validate(instance, self.index).is_ok()
    }
}

fn schemas() -> Vec<(String, Value)> {
    let mut all: Map<String, Value> = serde_json::from_str(include_str!("schemas/tools.json")).unwrap();
    let older: Map<String, Value> = serde_json::from_str(include_str!("schemas/drafts.json")).unwrap();
    all.extend(older);
    all.into_iter().chain(catalogue()).collect()
}

/// The input and output schemas of the reference catalogue, wherever they stand in its files.
fn catalogue() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/catalogue/domains");
    let mut found = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
    {
        let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let mut stack = vec![(file.display().to_string(), &document)];
        while let Some((name, value)) = stack.pop() {
            match value {
                Value::Array(items) => stack.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(at, item)| (format!("{name}/{at}"), item)),
                ),
                Value::Object(members) => {
                    for (member, value) in members {
                        let name = format!("{name}/{member}");
                        if matches!(
                            member.as_str(),
                            "input_schema" | "output_schema" | "inputSchema" | "outputSchema"
                        ) {
                            found.push((name, value.clone()));
                        } else {
                            stack.push((name, value));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    found
}

fn compile(name: &str, schema: &Value) -> Generator {
    Generator::compile(schema, &Options::default()).unwrap_or_else(|declined| panic!("{name}: {declined}"))
}

#[test]
fn a_second_validator_agrees_on_every_instance() {
    for (name, schema) in schemas() {
        let generator = compile(&name, &schema);
        let second = Second::compile(&schema);
        for seed in [1, 7] {
            let valid = generator.valid(seed, 40);
            assert!(valid.len() >= 2, "{name}: only {valid:?}");
            for valid in valid {
                assert!(
                    second.is_valid(&valid.instance),
                    "{name}: {} ({}) is not valid",
                    valid.instance,
                    valid.note
                );
            }
            let broken = generator.invalid(seed, 60);
            assert!(!broken.is_empty(), "{name}: nothing broken");
            for broken in broken {
                assert!(!second.is_valid(&broken.instance), "{name}: {broken:?} is valid");
                assert!(
                    second.is_valid(&broken.base),
                    "{name}: the control of {broken:?} is not valid"
                );
            }
        }
    }
}

#[test]
fn nothing_drawn_as_valid_is_contradicted() {
    for (name, schema) in schemas() {
        let generator = compile(&name, &schema);
        for seed in 0..5 {
            generator.valid(seed, 60);
        }
        assert_eq!(generator.dropped(), 0, "{name}");
    }
}

#[test]
fn one_seed_gives_one_list_of_distinct_values() {
    for (name, schema) in schemas() {
        let (first, again) = (compile(&name, &schema), compile(&name, &schema));
        assert_eq!(first.valid(3, 50), again.valid(3, 50), "{name}");
        assert_eq!(first.invalid(3, 50), again.invalid(3, 50), "{name}");
        // A shorter list is the beginning of a longer one.
        assert_eq!(
            first.valid(3, 10),
            again.valid(3, 50)[..10.min(again.valid(3, 50).len())],
            "{name}"
        );
        let texts: Vec<String> = first
            .valid(3, 50)
            .iter()
            .map(|valid| valid.instance.to_string())
            .collect();
        assert_eq!(texts.iter().collect::<HashSet<_>>().len(), texts.len(), "{name}");
        let texts: Vec<String> = first
            .invalid(3, 50)
            .iter()
            .map(|broken| broken.instance.to_string())
            .collect();
        assert_eq!(texts.iter().collect::<HashSet<_>>().len(), texts.len(), "{name}");
    }
}

/// Places where an assertion stands, counted by walking the schema text, with each name of `required` by itself.
fn asserted(schema: &Value) -> HashSet<(String, String)> {
    const ASSERTIONS: [&str; 17] = [
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "required",
        "type",
    ];
    let mut found = HashSet::new();
    let mut stack = vec![(String::new(), schema)];
    while let Some((pointer, value)) = stack.pop() {
        let Value::Object(members) = value else { continue };
        for (name, value) in members {
            let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            match (name.as_str(), value) {
                ("properties" | "patternProperties" | "$defs" | "definitions", Value::Object(members)) => {
                    for (name, value) in members {
                        stack.push((format!("{below}/{}", name.replace('~', "~0").replace('/', "~1")), value));
                    }
                }
                ("additionalProperties", Value::Bool(false)) => {
                    found.insert((below, String::new()));
                }
                ("items" | "additionalProperties", Value::Object(_)) => stack.push((below, value)),
                ("required", Value::Array(names)) => {
                    found.extend(
                        names
                            .iter()
                            .filter_map(Value::as_str)
                            .map(|name| (below.clone(), name.to_owned())),
                    );
                }
                (name, _) if ASSERTIONS.contains(&name) => {
                    found.insert((below, String::new()));
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn each_assertion_is_broken_once() {
    let schemas: Map<String, Value> = serde_json::from_str(include_str!("schemas/tools.json")).unwrap();
    // What no instance can break by itself, each with the assertion beside it that is broken too.
    let impossible = |pointer: &str, schema: &Value| {
        let Some((parent, keyword)) = pointer.rsplit_once('/') else {
            return false;
        };
        let beside = |other: &str| schema.pointer(&format!("{parent}/{other}")).is_some();
        match keyword {
            "type" => {
                // The values of an enumeration have the type already; other types satisfy both branches of this `oneOf`.
                beside("enum") || beside("const") || beside("not") || beside("oneOf")
            }
            _ => false,
        }
    };
    for (name, schema) in schemas {
        let generator = compile(&name, &schema);
        let broken: Vec<Broken> = generator.invalid(1, 200);
        let places: HashSet<&str> = broken.iter().map(|broken| broken.schema_pointer.as_str()).collect();
        for (pointer, required) in asserted(&schema) {
            if impossible(&pointer, &schema) {
                continue;
            }
            if required.is_empty() {
                assert!(places.contains(pointer.as_str()), "{name}: {pointer} is not broken");
            } else {
                let absent = broken.iter().any(|broken| {
                    broken.schema_pointer == pointer
                        && broken
                            .instance
                            .pointer(&broken.instance_pointer)
                            .is_some_and(|object| object.get(&required).is_none())
                });
                assert!(absent, "{name}: {required} of {pointer} is not left out");
            }
        }
    }
}

#[test]
fn a_fault_stands_where_it_says() {
    for (name, schema) in schemas() {
        for broken in compile(&name, &schema).invalid(1, 40) {
            assert!(
                broken.instance.pointer(&broken.instance_pointer).is_some(),
                "{name}: {broken:?}"
            );
            assert!(schema.pointer(&broken.schema_pointer).is_some(), "{name}: {broken:?}");
            assert_ne!(broken.instance, broken.base, "{name}: {broken:?}");
        }
    }
}

#[test]
fn shrinking_keeps_the_verdict_and_ends() {
    for (name, schema) in schemas() {
        let generator = compile(&name, &schema);
        let second = Second::compile(&schema);
        for valid in generator.valid(1, 8) {
            let mut at = valid.instance;
            let mut steps = 0;
            while let Some(smaller) = generator.shrink_valid(&at).into_iter().next() {
                assert!(second.is_valid(&smaller), "{name}: {smaller}");
                at = smaller;
                steps += 1;
                assert!(steps < 500, "{name}: shrinking does not end");
            }
        }
        for broken in generator.invalid(1, 12) {
            let (mut at, mut steps) = (broken.clone(), 0);
            while let Some(smaller) = generator.shrink_broken(&at).into_iter().next() {
                assert!(!second.is_valid(&smaller.instance), "{name}: {smaller:?}");
                assert_eq!(
                    (&smaller.keyword, &smaller.schema_pointer),
                    (&broken.keyword, &broken.schema_pointer),
                    "{name}"
                );
                at = smaller;
                steps += 1;
                assert!(steps < 500, "{name}: shrinking does not end");
            }
        }
    }
}
