//! What an output schema declares of a place in a tool's results. Only that is promised to be alike at two connectors: what a schema leaves
//! open is each vendor's own.

use std::collections::BTreeSet;

use serde_json::Value;

/// The longest chain of references and combinators that is followed: they may go round.
const DEEPEST: usize = 16;
/// Those whose branches speak of the same place.
const COMBINATORS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A place in results, by the schemas that speak of it.
#[derive(Debug, Clone)]
pub(super) struct Declared<'s> {
    root: &'s Value,
    schemas: Vec<&'s Value>,
}

impl<'s> Declared<'s> {
    /// The whole of what this schema describes.
    pub(super) fn of(root: &'s Value) -> Self {
        let mut whole = Self {
            root,
            schemas: Vec::new(),
        };
        whole.add(root, DEEPEST);
        whole
    }

    /// A member, if it is declared.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        self.beneath(|schema| schema.get("properties")?.get(name))
    }

    /// The elements of an array, if they are declared.
    pub(super) fn items(&self) -> Option<Self> {
        self.beneath(|schema| schema.get("items").filter(|items| items.is_object()))
    }

    /// Whether values of these types may stand here beside each other; so they may where no type is declared.
    pub(super) fn takes(&self, types: &BTreeSet<&str>) -> bool {
        let declared: BTreeSet<_> = self.schemas.iter().flat_map(|schema| declared_types(schema)).collect();
        declared.is_empty() || types.is_subset(&declared)
    }

    /// Whether a type is declared.
    pub(super) fn has_type(&self) -> bool {
        self.schemas.iter().any(|schema| !declared_types(schema).is_empty())
    }

    /// Whether there are records in the array that stands here.
    pub(super) fn holds_records(&self) -> bool {
        let has_members = |own: Self| own.schemas.iter().any(|schema| schema.get("properties").is_some());
        self.items().is_some_and(has_members)
    }

    /// The place of a value in others.
    pub(super) fn locate(&self, value: &Value, within: &Value) -> Option<Self> {
        if std::ptr::eq(value, within) {
            return Some(self.clone());
        }
        match within {
            Value::Object(members) => {
                let mut members = members.iter();
                members.find_map(|(name, member)| self.member(name)?.locate(value, member))
            }
            Value::Array(items) => {
                let own = self.items()?;
                items.iter().find_map(|item| own.locate(value, item))
            }
            _ => None,
        }
    }

    fn beneath(&self, of: impl Fn(&'s Value) -> Option<&'s Value>) -> Option<Self> {
        let mut beneath = Self {
            root: self.root,
            schemas: Vec::new(),
        };
        let found: Vec<_> = self.schemas.iter().filter_map(|schema| of(schema)).collect();
        for schema in &found {
            beneath.add(schema, DEEPEST);
        }
        (!found.is_empty()).then_some(beneath)
    }

    fn add(&mut self, schema: &'s Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        self.schemas.push(schema);
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|text| self.root.pointer(text.strip_prefix('#')?));
        let branches = COMBINATORS.iter().filter_map(|name| schema.get(name)?.as_array());
        let all: Vec<_> = target.into_iter().chain(branches.flatten()).collect();
        for branch in all {
            self.add(branch, depth);
        }
    }
}

/// The types that one schema declares, in the words of [`super::difference::type_of`].
fn declared_types(schema: &Value) -> Vec<&str> {
    let spelled = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let in_words = |name| if name == "integer" { "number" } else { name };
    spelled.into_iter().map(in_words).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn takes(schema: &Value, types: &[&str]) -> bool {
        Declared::of(schema).takes(&types.iter().copied().collect())
    }

    #[test]
    fn types_are_those_that_are_declared_wherever_that_is_said() {
        assert!(!takes(&json!({"type": "string"}), &["string", "number"]));
        assert!(takes(&json!({"type": ["integer", "string"]}), &["string", "number"]));
        assert!(takes(&json!({}), &["string", "number"]));
        let referring =
            json!({"$ref": "#/$defs/own", "$defs": {"own": {"anyOf": [{"type": "string"}, {"type": "null"}]}}});
        assert!(takes(&referring, &["string"]) && !takes(&referring, &["string", "boolean"]));
        let round = json!({"$ref": "#"});
        assert!(takes(&round, &["string", "boolean"]));
    }

    #[test]
    fn places_are_found_through_references_and_branches() {
        let schema = json!({
            "allOf": [{"properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/record"}}}}],
            "additionalProperties": true,
            "$defs": {"record": {"properties": {"id": {"type": "string"}}}}
        });
        let whole = Declared::of(&schema);
        let items = whole.member("items").unwrap();
        assert!(items.holds_records() && !whole.holds_records());
        assert!(items.items().unwrap().member("id").is_some());
        assert!(whole.member("custom").is_none());
        let data = json!({"items": [{"id": "1"}, {"id": "2"}], "custom": [{"id": "3"}]});
        let record = whole.locate(&data["items"][1], &data).unwrap();
        assert!(record.member("id").is_some());
        assert!(whole.locate(&data["custom"][0], &data).is_none());
    }
}
