//! The keywords of one schema object, read into rules: one function per family, drafts told apart here and nowhere else.

use std::sync::Arc;

use jsonschema::Draft;
use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::{Pending, Reader, escaped, inside, unresolved};
use crate::declined::Declined;
use crate::formats::Format;
use crate::pattern::Pattern;
use crate::rule::{Entry, Node, NodeId, Properties, Rule, Types};

/// The keywords of one schema object.
pub(super) struct Keywords<'k, 'r, 'o> {
    pub(super) reader: &'k mut Reader<'r, 'o>,
    pub(super) at: &'k Pending<'r>,
    pub(super) members: &'r Map<String, Value>,
    pub(super) rules: Vec<Entry>,
}

impl<'r> Keywords<'_, 'r, '_> {
    pub(super) fn read(&mut self) -> Result<(), Declined> {
        self.references()?;
        if self.members.contains_key("$ref") && self.draft() <= Draft::Draft7 {
            // Up to draft 7 a reference hides what stands beside it.
            return Ok(());
        }
        self.values();
        self.numbers();
        self.strings()?;
        self.objects()?;
        self.arrays()?;
        self.combinators()?;
        self.unevaluated()
    }

    fn draft(&self) -> Draft {
        self.at.draft
    }

    fn push(&mut self, keyword: &'static str, rule: Rule) {
        self.rules.push(Entry { rule, keyword });
    }

    fn pointer(&self) -> String {
        self.reader.nodes[self.at.id as usize]
            .pointer
            .clone()
            .unwrap_or_default()
    }

    fn child(&mut self, schema: &'r Value, keyword: &'static str, token: Option<&str>) -> Result<NodeId, Declined> {
        let pointer = self.reader.nodes[self.at.id as usize]
            .pointer
            .as_ref()
            .map(|parent| match token {
                Some(token) => format!("{parent}/{keyword}/{}", escaped(token)),
                None => format!("{parent}/{keyword}"),
            });
        let resolver = inside(&self.at.resolver, schema, self.at.draft)?;
        self.reader.enter(schema, resolver, self.at.draft, pointer, keyword)
    }

    fn schema(&mut self, keyword: &'static str) -> Result<Option<NodeId>, Declined> {
        match self.members.get(keyword) {
            Some(schema @ (Value::Object(_) | Value::Bool(_))) => Ok(Some(self.child(schema, keyword, None)?)),
            _ => Ok(None),
        }
    }

    fn list(&mut self, keyword: &'static str) -> Result<Option<Vec<NodeId>>, Declined> {
        let Some(Value::Array(schemas)) = self.members.get(keyword) else {
            return Ok(None);
        };
        let mut nodes = Vec::with_capacity(schemas.len());
        for (index, schema) in schemas.iter().enumerate() {
            nodes.push(self.child(schema, keyword, Some(&index.to_string()))?);
        }
        Ok(Some(nodes))
    }

    fn count(&self, keyword: &str) -> Option<u64> {
        let number = self.members.get(keyword)?.as_number()?;
        // `2.0` counts as 2; what is beyond u64 is as good as endless.
        number.as_u64().or_else(|| number.as_f64().map(|float| float as u64))
    }

    /// A count that every instance has to reach, within the size limit.
    fn least(&self, keyword: &str) -> Result<Option<u64>, Declined> {
        let count = self.count(keyword);
        if count.is_some_and(|count| count > self.reader.options.max_bytes as u64) {
            return Err(Declined::BeyondSize {
                keyword: keyword.to_owned(),
                pointer: self.pointer(),
            });
        }
        Ok(count)
    }

    fn references(&mut self) -> Result<(), Declined> {
        let resolver = self.at.resolver.clone();
        let draft = self.draft();
        for (keyword, since) in [
            ("$ref", Draft::Draft4),
            ("$dynamicRef", Draft::Draft202012),
            ("$recursiveRef", Draft::Draft201909),
        ] {
            let Some(reference) = self.members.get(keyword).and_then(Value::as_str) else {
                continue;
            };
            if draft < since || (keyword == "$recursiveRef" && draft != Draft::Draft201909) {
                continue;
            }
            let resolved = if keyword == "$recursiveRef" {
                resolver.lookup_recursive_ref()
            } else {
                resolver.lookup(reference)
            };
            let (schema, inner, found) = resolved.map_err(|error| unresolved(reference, &error))?.into_inner();
            let found = if found == Draft::Unknown { draft } else { found };
            let node = self.reader.enter(schema, inner, found, None, keyword)?;
            self.push(keyword, Rule::Reference(node));
        }
        Ok(())
    }

    fn values(&mut self) {
        match self.members.get("type") {
            Some(Value::String(name)) => {
                if let Some(types) = Types::named(name) {
                    self.push("type", Rule::Type(types));
                }
            }
            Some(Value::Array(names)) => {
                let named = names.iter().filter_map(Value::as_str).filter_map(Types::named);
                let types = named.fold(Types::NONE, Types::or);
                self.push("type", Rule::Type(types));
            }
            _ => {}
        }
        if let Some(Value::Array(values)) = self.members.get("enum") {
            self.push("enum", Rule::Enum(values.clone()));
        }
        if let Some(value) = self.members.get("const").filter(|_| self.draft() >= Draft::Draft6) {
            self.push("const", Rule::Enum(vec![value.clone()]));
        }
        if let Some(format) = self.members.get("format").and_then(Value::as_str) {
            let asserts = self.reader.options.assert_format;
            self.push("format", Rule::Format(Format::new(format, asserts, self.draft())));
        }
    }

    fn numbers(&mut self) {
        let members = self.members;
        let number = |keyword: &str| members.get(keyword).and_then(Value::as_number).cloned();
        let flagged = |keyword: &str| members.get(keyword) == Some(&Value::Bool(true));
        let (low, high) = ("exclusiveMinimum", "exclusiveMaximum");
        if let Some(bound) = number("minimum") {
            let exclusive = flagged(low);
            self.push("minimum", Rule::Lower { bound, exclusive });
        }
        if let Some(bound) = number("maximum") {
            let exclusive = flagged(high);
            self.push("maximum", Rule::Upper { bound, exclusive });
        }
        if let Some(bound) = number(low) {
            self.push(low, Rule::Lower { bound, exclusive: true });
        }
        if let Some(bound) = number(high) {
            self.push(high, Rule::Upper { bound, exclusive: true });
        }
        if let Some(step) = number("multipleOf") {
            self.push("multipleOf", Rule::MultipleOf(step));
        }
    }

    fn pattern(&self, source: &str) -> Result<Arc<Pattern>, Declined> {
        Pattern::compile(source).map(Arc::new).ok_or_else(|| Declined::Pattern {
            pointer: self.pointer(),
        })
    }

    fn strings(&mut self) -> Result<(), Declined> {
        if let Some(count) = self.least("minLength")? {
            self.push("minLength", Rule::MinLength(count));
        }
        if let Some(count) = self.count("maxLength") {
            self.push("maxLength", Rule::MaxLength(count));
        }
        if let Some(source) = self.members.get("pattern").and_then(Value::as_str) {
            let pattern = self.pattern(source)?;
            self.push("pattern", Rule::Pattern(pattern));
        }
        Ok(())
    }

    fn arrays(&mut self) -> Result<(), Declined> {
        let members = self.members;
        if let Some(count) = self.least("minItems")? {
            self.push("minItems", Rule::MinItems(count));
        }
        if let Some(count) = self.count("maxItems") {
            self.push("maxItems", Rule::MaxItems(count));
        }
        if members.get("uniqueItems") == Some(&Value::Bool(true)) {
            self.push("uniqueItems", Rule::UniqueItems);
        }
        let modern = self.draft() >= Draft::Draft202012;
        let prefix = if modern { "prefixItems" } else { "items" };
        let mut from = 0;
        if let Some(nodes) = self.list(prefix)? {
            from = nodes.len();
            self.push(prefix, Rule::Prefix(nodes));
        }
        let rest = if !modern && members.get("items").is_some_and(Value::is_array) {
            "additionalItems"
        } else {
            "items"
        };
        if let Some(node) = self.schema(rest)? {
            self.push(rest, Rule::Items { from, node });
        }
        if self.draft() >= Draft::Draft6 {
            self.contains()?;
        }
        Ok(())
    }

    fn contains(&mut self) -> Result<(), Declined> {
        let Some(node) = self.schema("contains")? else {
            return Ok(());
        };
        let counted = self.draft() >= Draft::Draft201909;
        let min = if counted { self.least("minContains")? } else { None };
        self.push(
            "contains",
            Rule::Contains {
                node,
                min: min.unwrap_or(1).min(1),
            },
        );
        if let Some(min) = min.filter(|min| *min > 1) {
            self.push("minContains", Rule::MinContains { node, min });
        }
        if let Some(max) = self.count("maxContains").filter(|_| counted) {
            self.push("maxContains", Rule::MaxContains { node, max });
        }
        Ok(())
    }

    fn objects(&mut self) -> Result<(), Declined> {
        let members = self.members;
        if let Some(Value::Array(names)) = members.get("required") {
            for name in names.iter().filter_map(Value::as_str) {
                self.push("required", Rule::Required(name.to_owned()));
            }
        }
        if let Some(count) = self.least("minProperties")? {
            self.push("minProperties", Rule::MinProperties(count));
        }
        if let Some(count) = self.count("maxProperties") {
            self.push("maxProperties", Rule::MaxProperties(count));
        }
        let mut known = FxHashSet::default();
        if let Some(Value::Object(properties)) = members.get("properties") {
            let mut nodes = Vec::with_capacity(properties.len());
            for (name, schema) in properties {
                nodes.push((name.clone(), self.child(schema, "properties", Some(name))?));
                known.insert(name.clone());
            }
            self.push("properties", Rule::Properties(Properties::new(nodes)));
        }
        let mut patterns = Vec::new();
        if let Some(Value::Object(properties)) = members.get("patternProperties") {
            let mut nodes = Vec::with_capacity(properties.len());
            for (source, schema) in properties {
                let pattern = self.pattern(source)?;
                patterns.push(Arc::clone(&pattern));
                nodes.push((pattern, self.child(schema, "patternProperties", Some(source))?));
            }
            self.push("patternProperties", Rule::PatternProperties(nodes));
        }
        if let Some(node) = self.schema("additionalProperties")? {
            self.push(
                "additionalProperties",
                Rule::AdditionalProperties { node, known, patterns },
            );
        }
        if self.draft() >= Draft::Draft6
            && let Some(node) = self.schema("propertyNames")?
        {
            self.push("propertyNames", Rule::PropertyNames(node));
        }
        self.dependents()?;
        Ok(())
    }

    fn dependents(&mut self) -> Result<(), Declined> {
        let modern = self.draft() >= Draft::Draft201909;
        let sources: &[&'static str] = if modern {
            &["dependentRequired", "dependentSchemas"]
        } else {
            &["dependencies"]
        };
        for keyword in sources {
            let Some(Value::Object(dependents)) = self.members.get(*keyword) else {
                continue;
            };
            for (name, dependent) in dependents {
                match dependent {
                    Value::Array(needs) => {
                        for needs in needs.iter().filter_map(Value::as_str) {
                            let rule = Rule::DependentRequired {
                                name: name.clone(),
                                needs: needs.to_owned(),
                            };
                            self.push(keyword, rule);
                        }
                    }
                    schema => {
                        let node = self.child(schema, keyword, Some(name))?;
                        self.push(
                            keyword,
                            Rule::DependentSchema {
                                name: name.clone(),
                                node,
                            },
                        );
                    }
                }
            }
        }
        Ok(())
    }

    fn combinators(&mut self) -> Result<(), Declined> {
        if let Some(nodes) = self.list("allOf")? {
            self.push("allOf", Rule::AllOf(nodes));
        }
        if let Some(nodes) = self.list("anyOf")? {
            self.push("anyOf", Rule::AnyOf(nodes));
        }
        if let Some(nodes) = self.list("oneOf")? {
            self.push("oneOf", Rule::OneOf(nodes));
        }
        if let Some(node) = self.schema("not")? {
            self.push("not", Rule::Not(node));
        }
        if self.draft() >= Draft::Draft7
            && let Some(condition) = self.schema("if")?
        {
            let then = self.schema("then")?;
            let otherwise = self.schema("else")?;
            let (then, otherwise) = (self.or_true(then), self.or_true(otherwise));
            self.push(
                "if",
                Rule::If {
                    condition,
                    then,
                    otherwise,
                },
            );
        }
        Ok(())
    }

    /// Read last: what the other keywords evaluate comes before them.
    fn unevaluated(&mut self) -> Result<(), Declined> {
        if self.draft() < Draft::Draft201909 {
            return Ok(());
        }
        if let Some(node) = self.schema("unevaluatedItems")? {
            self.push("unevaluatedItems", Rule::UnevaluatedItems(node));
        }
        if let Some(node) = self.schema("unevaluatedProperties")? {
            self.push("unevaluatedProperties", Rule::UnevaluatedProperties(node));
        }
        Ok(())
    }

    fn or_true(&mut self, node: Option<NodeId>) -> NodeId {
        if let Some(node) = node {
            return node;
        }
        // A node for each absent branch, so that taking it can be told from taking another.
        let id = self.reader.nodes.len() as NodeId;
        self.reader.nodes.push(Node::default());
        id
    }
}
