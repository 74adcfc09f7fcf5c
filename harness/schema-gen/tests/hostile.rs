//! Schemas made to hurt: each is compiled and drawn from, or declined by name, quickly and without a fetch.

use std::time::{Duration, Instant};

use schema_gen::{Declined, Draft, Generator, Options};
use serde_json::{Value, json};

/// Far above what is needed, even unoptimised on a busy machine: what loops or explodes passes any bound.
const BOUND: Duration = Duration::from_secs(20);

fn survive(name: &str, schema: &Value) -> Option<Declined> {
    let start = Instant::now();
    let outcome = Generator::compile(schema, &Options::default());
    let declined = match outcome {
        Ok(generator) => {
            for valid in generator.valid(1, 5) {
                assert!(generator.is_valid(&valid.instance), "{name}");
            }
            for broken in generator.invalid(1, 5) {
                assert!(!generator.is_valid(&broken.instance), "{name}");
            }
            None
        }
        Err(declined) => Some(declined),
    };
    assert!(start.elapsed() < BOUND, "{name} took {:?}", start.elapsed());
    declined
}

fn nested(levels: usize, wrap: impl Fn(Value) -> Value) -> Value {
    (0..levels).fold(json!({"type": "string"}), |inner, _| wrap(inner))
}

/// Definitions each of which asks for the next one three times over.
fn trebling(levels: usize) -> Value {
    let next = |at| json!({"allOf": vec![json!({"$ref": format!("#/$defs/d{}", at + 1)}); 3]});
    let mut definitions: serde_json::Map<_, _> = (0..levels).map(|at| (format!("d{at}"), next(at))).collect();
    definitions.insert(format!("d{levels}"), json!({"type": "object"}));
    Value::Object(definitions)
}

#[test]
fn what_asks_for_more_levels_than_an_instance_may_have_gives_nothing() {
    let mother = json!({"type": "object", "required": ["child"], "properties": {"child": {"$ref": "#"}}});
    let deep = nested(
        60,
        |inner| json!({"type": "object", "properties": {"a": inner}, "required": ["a"]}),
    );
    for schema in [mother, deep] {
        let generator = Generator::compile(&schema, &Options::default()).unwrap();
        let start = Instant::now();
        assert_eq!(generator.valid(1, 20), vec![]);
        assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    }
}

#[test]
fn what_cannot_be_modelled_is_declined_by_name() {
    type Expected = fn(&Declined) -> bool;
    let cases: Vec<(&str, Value, Expected)> = vec![
        ("remote", json!({"$ref": "http://192.0.2.1/schema.json"}), |d| {
            matches!(d, Declined::UnresolvedReference { .. })
        }),
        ("file", json!({"$ref": "file:///etc/passwd"}), |d| {
            matches!(d, Declined::UnresolvedReference { .. })
        }),
        ("dangling", json!({"$ref": "#/$defs/none"}), |d| {
            matches!(d, Declined::UnresolvedReference { .. })
        }),
        ("dialect", json!({"$schema": "https://example.com/mine"}), |d| {
            matches!(d, Declined::UnknownDialect { .. })
        }),
        ("endless", json!({"$ref": "#"}), |d| {
            matches!(d, Declined::EndlessReference { .. })
        }),
        (
            "endless in a circle",
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}}),
            |d| matches!(d, Declined::EndlessReference { .. }),
        ),
        ("pattern", json!({"pattern": "("}), |d| {
            matches!(d, Declined::Pattern { .. } | Declined::InvalidSchema { .. })
        }),
        ("huge pattern", json!({"pattern": "((a{1000}){1000}){1000}"}), |d| {
            matches!(d, Declined::Pattern { .. })
        }),
        ("minLength", json!({"minLength": 10_000_000}), |d| {
            matches!(d, Declined::BeyondSize { .. })
        }),
        ("minItems", json!({"minItems": 1_000_000}), |d| {
            matches!(d, Declined::BeyondSize { .. })
        }),
        ("minProperties", json!({"minProperties": 1_000_000}), |d| {
            matches!(d, Declined::BeyondSize { .. })
        }),
        ("no schema", json!(42), |d| matches!(d, Declined::InvalidSchema { .. })),
        ("no type", json!({"type": "strin"}), |d| {
            matches!(d, Declined::InvalidSchema { .. })
        }),
        (
            "500 deep",
            nested(500, |inner| json!({"properties": {"a": inner}})),
            |d| matches!(d, Declined::TooDeep { .. }),
        ),
        (
            "500 deep, in place",
            nested(500, |inner| json!({"allOf": [inner]})),
            |d| matches!(d, Declined::TooDeep { .. }),
        ),
        (
            "trebling in place",
            json!({"$ref": "#/$defs/d0", "$defs": trebling(18)}),
            |d| matches!(d, Declined::TooLarge { .. }),
        ),
    ];
    for (name, schema, expected) in cases {
        let declined = survive(name, &schema);
        assert!(declined.as_ref().is_some_and(expected), "{name}: {declined:?}");
    }
}

#[test]
fn what_is_only_large_is_borne() {
    let wide = |count: usize, required: bool| {
        let properties: serde_json::Map<String, Value> = (0..count)
            .map(|at| (format!("property_{at}"), json!({"type": "integer", "minimum": at})))
            .collect();
        let names: Vec<&String> = if required {
            properties.keys().collect()
        } else {
            Vec::new()
        };
        json!({"type": "object", "required": names, "properties": properties, "additionalProperties": false})
    };
    let members: Vec<String> = (0..100_000).map(|at| format!("member {at}")).collect();
    let chain: serde_json::Map<String, Value> = (0..5_000)
        .map(|at| {
            (
                format!("d{at}"),
                json!({"properties": {"next": {"$ref": format!("#/$defs/d{}", (at + 1) % 5_000)}}}),
            )
        })
        .collect();
    for (name, schema) in [
        ("5,000 optional properties", wide(5_000, false)),
        ("1,000 required properties", wide(1_000, true)),
        ("100,000 enum members", json!({"enum": members})),
        (
            "5,000 references in a row",
            json!({"$ref": "#/$defs/d0", "$defs": chain}),
        ),
        (
            "100 branches of 20",
            json!({"anyOf": (0..100).map(|at| json!({"oneOf": (0..20).map(|b| json!({"const": at * 20 + b})).collect::<Vec<_>>()})).collect::<Vec<_>>()}),
        ),
        (
            "doubling recursion",
            json!({"type": "object", "required": ["a", "b"], "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}),
        ),
        (
            "optional doubling",
            json!({"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {"type": "array", "minItems": 3, "items": {"$ref": "#"}}}}),
        ),
        (
            "catastrophic pattern",
            json!({"type": "string", "pattern": "^(a+)+$", "not": {"pattern": "^(a|aa)+$"}}),
        ),
        (
            "catastrophic look-ahead",
            json!({"type": "string", "pattern": "^(?=(a+)+b)(a+)+c$"}),
        ),
        (
            "far bounds",
            json!({"type": "integer", "minimum": 1e300, "maximum": 1e308}),
        ),
        (
            "negated many",
            json!({"not": {"anyOf": (0..200).map(|at| json!({"properties": {format!("p{at}"): {"type": "string"}}, "required": [format!("p{at}")]})).collect::<Vec<_>>()}}),
        ),
    ] {
        survive(name, &schema);
    }
}

#[test]
fn nesting_up_to_the_limit_fits_the_stack() {
    survive(
        "properties",
        &nested(60, |inner| json!({"properties": {"a": inner}, "required": ["a"]})),
    );
    survive("in place", &nested(60, |inner| json!({"allOf": [inner]})));
    survive("not", &nested(120, |inner| json!({"not": inner})));
    survive("items", &nested(120, |inner| json!({"items": inner})));
}

#[test]
fn contradictions_have_no_valid_instance_and_no_error() {
    for schema in [
        json!(false),
        json!({"not": {}}),
        json!({"enum": []}),
        json!({"type": "integer", "minimum": 3, "maximum": 2}),
        json!({"type": "string", "minLength": 3, "maxLength": 2}),
        json!({"type": "object", "required": ["a"], "properties": {"a": false}}),
        json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({"type": "array", "minItems": 1, "items": false}),
        json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}),
        json!({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}),
        json!({"const": 1, "not": {"const": 1.0}}),
    ] {
        let generator = Generator::compile(
            &schema,
            &Options {
                draft: Some(Draft::Draft202012),
                ..Options::default()
            },
        )
        .unwrap();
        assert_eq!(generator.valid(1, 5), vec![], "{schema}");
    }
    for schema in [json!(true), json!({})] {
        let generator = Generator::compile(&schema, &Options::default()).unwrap();
        assert_eq!(generator.invalid(1, 5), vec![], "{schema}");
        assert!(generator.valid(1, 5).len() >= 2, "{schema}");
    }
}

#[test]
fn instances_keep_to_the_limits() {
    fn depth(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    let schema = json!({
        "type": "object",
        "properties": {"n": {"type": "integer", "maximum": 9_223_372_036_854_775_807_i64}, "s": {"type": "string", "maxLength": 1_000_000}, "in": {"$ref": "#"}},
        "required": ["n"]
    });
    let options = Options {
        max_integer: 1 << 53,
        integral_floats: false,
        ..Options::default()
    };
    let generator = Generator::compile(&schema, &options).unwrap();
    for valid in generator.valid(1, 300) {
        assert!(depth(&valid.instance) <= 32);
        assert!(valid.instance.to_string().len() <= 64 * 1024);
        assert!(
            valid.instance["n"]
                .as_i64()
                .is_some_and(|n| n.unsigned_abs() <= 1 << 53),
            "{}",
            valid.instance
        );
    }
}
