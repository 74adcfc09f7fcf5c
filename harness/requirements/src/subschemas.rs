//! Every subschema of a schema document, where it stands, and what its references lead to. Nothing is ever fetched.

use std::collections::{HashMap, HashSet, VecDeque};

use hubproof_model::call::encode_segment;
use jsonschema::{Draft, ReferencingError, Registry, Retrieve, Uri, Validator};
use serde_json::{Value, json};

/// The base URI of documents without one of their own. The name is reserved (RFC 2606 §2): nothing is ever found there.
const BASE: &str = "https://schema.invalid/";

/// The draft that `$schema` names, 2020-12 where it is silent; `None` where it names none of the drafts 4 to 2020-12.
pub(crate) fn draft_of(document: &Value) -> Option<Draft> {
    let draft = Draft::Draft202012.detect(document);
    (draft != Draft::Unknown).then_some(draft)
}

/// A subschema and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Subschema<'a> {
    /// JSON Pointer into the document.
    pub(crate) pointer: String,
    /// The subschema.
    pub(crate) schema: &'a Value,
}

/// A reference that leads to nothing inside the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dangling {
    /// JSON Pointer of the subschema that holds it.
    pub(crate) pointer: String,
    /// `$ref`, `$dynamicRef` or `$recursiveRef`.
    pub(crate) keyword: &'static str,
    /// The reference as written.
    pub(crate) reference: String,
}

/// A schema document, read by a draft.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    draft: Draft,
    registry: Registry<'a>,
    /// The subschemas that are in force: from the root down, then those that only a reference leads to.
    pub(crate) subschemas: Vec<Subschema<'a>>,
    /// The references that lead to nothing in it.
    pub(crate) dangling: Vec<Dangling>,
}

impl<'a> Document<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// An identifier in it that is no URI.
    pub(crate) fn read(document: &'a Value, draft: Draft) -> Result<Self, ReferencingError> {
        let registry = Registry::new()
            .draft(draft)
            .retrieve_known_draft_meta_schemas(false)
            .retriever(NothingOutside)
            .add(BASE, document)?
            .prepare()?;
        let (subschemas, dangling) = walk(document, draft, &registry)?;
        Ok(Self {
            draft,
            registry,
            subschemas,
            dangling,
        })
    }

    /// The validator of the subschema at a pointer, its references resolved in the whole document. `None` where it cannot be
    /// compiled. `format` is not asserted.
    pub(crate) fn validator_at(&self, pointer: &str) -> Option<Validator> {
        let fragment: Vec<_> = pointer.split('/').map(encode_segment).collect();
        jsonschema::options()
            .with_draft(self.draft)
            .should_validate_formats(false)
            .with_registry(&self.registry)
            .build(&json!({"$ref": format!("{BASE}#{}", fragment.join("/"))}))
            .ok()
    }
}

/// Goes through a document from a queue, so that no nesting overflows the stack.
fn walk<'a>(
    document: &'a Value,
    draft: Draft,
    registry: &Registry<'a>,
) -> Result<(Vec<Subschema<'a>>, Vec<Dangling>), ReferencingError> {
    let (mut subschemas, mut dangling) = (Vec::new(), Vec::new());
    let places = places(document);
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([(
        String::new(),
        document,
        registry.resolver(jsonschema::uri::from_str(BASE)?),
    )]);
    while let Some((pointer, schema, resolver)) = queue.pop_front() {
        if !seen.insert(std::ptr::from_ref(schema)) {
            continue;
        }
        let resolver = resolver.in_subresource(draft.create_resource_ref(schema))?;
        for (keyword, reference) in references(schema) {
            let resolved = resolver.lookup(reference).ok();
            let inside = resolved
                .as_ref()
                .and_then(|found| places.get(&std::ptr::from_ref(found.contents())));
            match (resolved.as_ref(), inside) {
                (Some(found), Some((place, target))) => {
                    queue.push_back((place.clone(), *target, found.resolver().clone()));
                }
                _ => dangling.push(Dangling {
                    pointer: pointer.clone(),
                    keyword,
                    reference: reference.to_owned(),
                }),
            }
        }
        let below = children(schema, draft).into_iter();
        queue.extend(below.map(|(step, child)| (format!("{pointer}{step}"), child, resolver.clone())));
        subschemas.push(Subschema { pointer, schema });
    }
    Ok((subschemas, dangling))
}

/// Where every object and boolean of the document stands.
fn places(document: &Value) -> HashMap<*const Value, (String, &Value)> {
    let mut places = HashMap::new();
    let mut stack = vec![(String::new(), document)];
    while let Some((pointer, value)) = stack.pop() {
        match value {
            Value::Array(items) => {
                stack.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(at, item)| (format!("{pointer}/{at}"), item)),
                );
                continue;
            }
            Value::Object(members) => {
                stack.extend(
                    members
                        .iter()
                        .map(|(name, member)| (format!("{pointer}/{}", token(name)), member)),
                );
            }
            Value::Bool(_) => {}
            _ => continue,
        }
        places.insert(std::ptr::from_ref(value), (pointer, value));
    }
    places
}

/// A member's name as a token of a JSON Pointer (RFC 6901 §3).
pub(crate) fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn references(schema: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    let keywords = ["$ref", "$dynamicRef", "$recursiveRef"].into_iter();
    keywords.filter_map(|keyword| Some((keyword, schema.get(keyword)?.as_str()?)))
}

/// What a keyword holds.
#[derive(Clone, Copy)]
enum Holds {
    /// A schema, or an array of schemas.
    Schemas,
    /// Schemas by name.
    ByName,
}

/// The keywords that hold subschemas, and the first and last draft that has them.
const APPLICATORS: &[(&str, Holds, Draft, Draft)] = &[
    ("properties", Holds::ByName, Draft::Draft4, Draft::Draft202012),
    ("patternProperties", Holds::ByName, Draft::Draft4, Draft::Draft202012),
    (
        "additionalProperties",
        Holds::Schemas,
        Draft::Draft4,
        Draft::Draft202012,
    ),
    ("items", Holds::Schemas, Draft::Draft4, Draft::Draft202012),
    ("additionalItems", Holds::Schemas, Draft::Draft4, Draft::Draft201909),
    ("prefixItems", Holds::Schemas, Draft::Draft202012, Draft::Draft202012),
    ("contains", Holds::Schemas, Draft::Draft6, Draft::Draft202012),
    ("propertyNames", Holds::Schemas, Draft::Draft6, Draft::Draft202012),
    (
        "unevaluatedItems",
        Holds::Schemas,
        Draft::Draft201909,
        Draft::Draft202012,
    ),
    (
        "unevaluatedProperties",
        Holds::Schemas,
        Draft::Draft201909,
        Draft::Draft202012,
    ),
    ("allOf", Holds::Schemas, Draft::Draft4, Draft::Draft202012),
    ("anyOf", Holds::Schemas, Draft::Draft4, Draft::Draft202012),
    ("oneOf", Holds::Schemas, Draft::Draft4, Draft::Draft202012),
    ("not", Holds::Schemas, Draft::Draft4, Draft::Draft202012),
    ("if", Holds::Schemas, Draft::Draft7, Draft::Draft202012),
    ("then", Holds::Schemas, Draft::Draft7, Draft::Draft202012),
    ("else", Holds::Schemas, Draft::Draft7, Draft::Draft202012),
    ("dependencies", Holds::ByName, Draft::Draft4, Draft::Draft7),
    (
        "dependentSchemas",
        Holds::ByName,
        Draft::Draft201909,
        Draft::Draft202012,
    ),
    ("contentSchema", Holds::Schemas, Draft::Draft201909, Draft::Draft202012),
    ("definitions", Holds::ByName, Draft::Draft4, Draft::Draft202012),
    ("$defs", Holds::ByName, Draft::Draft201909, Draft::Draft202012),
];

/// The subschemas directly below a schema, each with the steps that lead there.
fn children(schema: &Value, draft: Draft) -> Vec<(String, &Value)> {
    let mut below = Vec::new();
    // Until draft-07, whatever stands beside `$ref` is ignored.
    if draft <= Draft::Draft7 && schema.get("$ref").is_some() {
        return below;
    }
    for (keyword, holds, first, last) in APPLICATORS {
        if draft < *first || draft > *last {
            continue;
        }
        match (holds, schema.get(keyword)) {
            (Holds::Schemas, Some(Value::Array(schemas))) => {
                below.extend(
                    schemas
                        .iter()
                        .enumerate()
                        .map(|(at, child)| (format!("/{keyword}/{at}"), child)),
                );
            }
            (Holds::Schemas, Some(child)) => below.push((format!("/{keyword}"), child)),
            (Holds::ByName, Some(Value::Object(schemas))) => {
                below.extend(
                    schemas
                        .iter()
                        .map(|(name, child)| (format!("/{keyword}/{}", token(name)), child)),
                );
            }
            _ => {}
        }
    }
    below.retain(|(_, child)| child.is_object() || child.is_boolean());
    below
}

/// Stands for everything outside: it is found, so that reading goes on, and is recognised as no part of the document.
struct NothingOutside;

impl Retrieve for NothingOutside {
    fn retrieve(&self, _: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Ok(json!({}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &Value) -> (Vec<String>, Vec<String>) {
        let document = Document::read(document, draft_of(document).unwrap()).unwrap();
        let dangling = document
            .dangling
            .iter()
            .map(|dangling| format!("{} {}", dangling.pointer, dangling.reference));
        (
            document
                .subschemas
                .iter()
                .map(|subschema| subschema.pointer.clone())
                .collect(),
            dangling.collect(),
        )
    }

    #[test]
    fn every_subschema_is_found_once_and_data_is_not_taken_for_one() {
        let (pointers, dangling) = read(&json!({
            "properties": {"a/b": {"items": {"type": "string"}, "default": {"$ref": "#/nowhere"}}, "c": {"$ref": "#/$defs/d"}},
            "$defs": {"d": {"anyOf": [true, {"$ref": "#/$defs/d"}]}},
            "enum": [{"$ref": "#/nowhere"}]
        }));
        assert_eq!(
            pointers,
            [
                "",
                "/properties/a~1b",
                "/properties/c",
                "/$defs/d",
                "/properties/a~1b/items",
                "/$defs/d/anyOf/0",
                "/$defs/d/anyOf/1"
            ]
        );
        assert!(dangling.is_empty(), "{dangling:?}");
    }

    #[test]
    fn references_by_anchor_identifier_and_dynamic_anchor_resolve() {
        let (_, dangling) = read(&json!({
            "$id": "https://example.com/ticket",
            "properties": {
                "a": {"$ref": "#named"},
                "b": {"$ref": "part"},
                "c": {"$dynamicRef": "#node"},
                "d": {"$ref": "https://example.com/part#/$defs/x"}
            },
            "$defs": {
                "named": {"$anchor": "named"},
                "part": {"$id": "part", "$defs": {"x": {"type": "null"}}},
                "node": {"$dynamicAnchor": "node"}
            }
        }));
        assert!(dangling.is_empty(), "{dangling:?}");
    }

    #[test]
    fn references_that_lead_out_or_nowhere_are_named() {
        let (_, dangling) = read(&json!({
            "properties": {
                "a": {"$ref": "#/$defs/gone"},
                "b": {"$ref": "https://example.com/elsewhere"},
                "c": {"$ref": "other.json#/x"},
                "d": {"$dynamicRef": "#gone"},
                "e": {"$ref": "https://json-schema.org/draft/2020-12/schema"}
            }
        }));
        assert_eq!(
            dangling,
            [
                "/properties/a #/$defs/gone",
                "/properties/b https://example.com/elsewhere",
                "/properties/c other.json#/x",
                "/properties/d #gone",
                "/properties/e https://json-schema.org/draft/2020-12/schema"
            ]
        );
    }

    #[test]
    fn before_2019_what_stands_beside_a_reference_is_ignored() {
        let (pointers, _) = read(&json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$ref": "#/definitions/x",
            "properties": {"ignored": {"$ref": "#/nowhere"}},
            "definitions": {"x": {"$id": "#x", "type": "object"}, "unused": {"$ref": "#/nowhere"}}
        }));
        assert_eq!(pointers, ["", "/definitions/x"]);
    }

    #[test]
    fn a_subschema_is_judged_with_the_whole_document_at_hand() {
        let document = json!({
            "properties": {"a b": {"items": {"$ref": "#/$defs/word"}}},
            "$defs": {"word": {"type": "string"}}
        });
        let read = Document::read(&document, Draft::Draft202012).unwrap();
        let validator = read.validator_at("/properties/a b").unwrap();
        assert!(validator.is_valid(&json!(["x"])));
        assert!(!validator.is_valid(&json!([1])));
    }

    #[test]
    fn an_unknown_dialect_is_no_draft() {
        assert_eq!(draft_of(&json!({"$schema": "https://example.com/meta"})), None);
        assert_eq!(draft_of(&json!({})), Some(Draft::Draft202012));
    }
}
