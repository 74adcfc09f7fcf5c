//! Visits every subschema of a JSON Schema, of draft-04 to 2020-12, to change it.

use serde_json::{Map, Value};

/// Keywords that hold a subschema.
const ONE: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords that hold a list of subschemas; `items` up to 2019-09.
const LISTS: &[&str] = &["allOf", "anyOf", "items", "oneOf", "prefixItems"];
/// Keywords that hold subschemas by name.
const NAMED: &[&str] = &[
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];
/// Keywords whose subschemas judge members or elements, and not the value itself.
const DOWNWARD: &[&str] = &[
    // Where a definition is used is not followed: it counts as used in a member.
    "$defs",
    "additionalItems",
    "additionalProperties",
    "contains",
    "definitions",
    "items",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Where a subschema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// JSON Pointer into the schema.
    pub(crate) pointer: String,
    /// How many levels below the whole instance the values stand that it judges.
    pub(crate) depth: usize,
}

/// Changes each subschema that is an object, those below it first.
pub(crate) fn change_each(schema: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>, &Place)) {
    let root = Place {
        pointer: String::new(),
        depth: 0,
    };
    change_below(schema, &root, change);
}

fn change_below(schema: &mut Value, place: &Place, change: &mut dyn FnMut(&mut Map<String, Value>, &Place)) {
    let Value::Object(members) = schema else { return };
    for (keyword, value) in members.iter_mut() {
        let keyword = keyword.as_str();
        let below = Place {
            pointer: format!("{}/{keyword}", place.pointer),
            depth: place.depth + usize::from(DOWNWARD.contains(&keyword)),
        };
        let within = |token: &str| Place {
            pointer: format!("{}/{token}", below.pointer),
            ..below
        };
        match value {
            Value::Object(_) if ONE.contains(&keyword) => change_below(value, &below, change),
            Value::Object(named) if NAMED.contains(&keyword) => {
                for (name, subschema) in named.iter_mut() {
                    let token = name.replace('~', "~0").replace('/', "~1");
                    change_below(subschema, &within(&token), change);
                }
            }
            Value::Array(list) if LISTS.contains(&keyword) => {
                for (at, subschema) in list.iter_mut().enumerate() {
                    change_below(subschema, &within(&at.to_string()), change);
                }
            }
            _ => {}
        }
    }
    change(members, place);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn subschemas_are_visited_and_nothing_else() {
        let mut schema = json!({
            "properties": {"pattern": {"const": {"not": {}}}, "a/b": {"items": [{}, true]}},
            "not": {"required": ["x"]},
            "enum": [{"not": {}}],
            "$defs": {"d": {"oneOf": [{}]}}
        });
        let mut seen = Vec::new();
        change_each(&mut schema, &mut |_, place| {
            seen.push((place.pointer.clone(), place.depth));
        });
        let expected = [
            ("/properties/pattern", 1),
            ("/properties/a~1b/items/0", 2),
            ("/properties/a~1b", 1),
            ("/not", 0),
            ("/$defs/d/oneOf/0", 1),
            ("/$defs/d", 1),
            ("", 0),
        ];
        assert_eq!(seen, expected.map(|(pointer, depth)| (pointer.to_owned(), depth)));
    }
}
