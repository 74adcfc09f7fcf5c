//! Reading a schema document into a [`Program`]: resolves references inside the document, bounds depth and size, and
//! never fetches. Works from a queue, so that no nesting overflows the stack.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jsonschema::{Draft, Registry};
use referencing::Resolver;
use serde_json::{Map, Value};

use crate::declined::Declined;
use crate::options::Options;
use crate::pattern::Pattern;
use crate::rule::{Entry, Node, NodeId, Program, Rule, Types};

/// JSON levels that a schema may nest: as many as serde_json reads.
pub(crate) const MAX_NESTING: usize = 128;
const BASE: &str = "json-schema:///";

/// The draft that a document is read by, and the document as validators should see it.
pub(crate) fn dialect(schema: &Value, options: &Options) -> Result<(Draft, Value), Declined> {
    if nesting_exceeds(schema, MAX_NESTING) {
        return Err(Declined::TooDeep { limit: MAX_NESTING });
    }
    let declared = schema.get("$schema").and_then(Value::as_str);
    let known = declared
        .map(Draft::from_schema_uri)
        .filter(|draft| *draft != Draft::Unknown);
    let mut document = schema.clone();
    let draft = match (options.draft, declared, known) {
        (Some(draft), _, _) => draft,
        (None, None, _) => Draft::Draft202012,
        (None, Some(_), Some(draft)) => draft,
        (None, Some(uri), None) => return Err(Declined::UnknownDialect { uri: uri.to_owned() }),
    };
    if declared.is_some() && known.is_none() {
        // The caller's draft overrides a dialect that nobody here could look up.
        if let Some(object) = document.as_object_mut() {
            object.shift_remove("$schema");
        }
    }
    Ok((draft, document))
}

fn nesting_exceeds(value: &Value, limit: usize) -> bool {
    let mut level: Vec<&Value> = vec![value];
    for _ in 0..=limit {
        let mut below = Vec::new();
        for value in level {
            match value {
                Value::Array(items) => below.extend(items),
                Value::Object(members) => below.extend(members.values()),
                _ => {}
            }
        }
        if below.is_empty() {
            return false;
        }
        level = below;
    }
    true
}

/// Compiles the document.
pub(crate) fn compile(document: &Value, draft: Draft, options: &Options) -> Result<Program, Declined> {
    let registry = Registry::new()
        .draft(draft)
        .retrieve_known_draft_meta_schemas(false)
        .add(BASE, document)
        .and_then(|builder| builder.prepare())
        .map_err(|error| unresolved(BASE, &error))?;
    let uri = jsonschema::uri::from_str(BASE).map_err(|error| unresolved(BASE, &error))?;
    let resolver = inside(&registry.resolver(uri), document, draft)?;
    let mut reader = Reader {
        options,
        dynamic: mentions_dynamic_scope(document),
        pointers: HashMap::new(),
        nodes: Vec::new(),
        seen: HashMap::new(),
        queue: Vec::new(),
    };
    if mentions(document, &["$ref", "$dynamicRef", "$recursiveRef"]) {
        reader.map_pointers(document);
    }
    reader.enter(document, resolver, draft, Some(String::new()), "")?;
    reader.run()?;
    let mut program = Program {
        nodes: reader.nodes,
        heights: Vec::new(),
        contains_evaluates: draft >= Draft::Draft202012,
    };
    refuse_endless(&program)?;
    program.heights = heights(&program);
    Ok(program)
}

/// The resolver for what stands inside a subschema, which may have an `$id` of its own.
fn inside<'r>(resolver: &Resolver<'r>, schema: &Value, draft: Draft) -> Result<Resolver<'r>, Declined> {
    resolver
        .in_subresource(draft.create_resource_ref(schema))
        .map_err(|error| unresolved(draft.id_keyword(), &error))
}

fn mentions(document: &Value, names: &[&str]) -> bool {
    let mut stack = vec![document];
    while let Some(value) = stack.pop() {
        match value {
            Value::Array(items) => stack.extend(items),
            Value::Object(members) => {
                if names.iter().any(|name| members.contains_key(*name)) {
                    return true;
                }
                stack.extend(members.values());
            }
            _ => {}
        }
    }
    false
}

/// Whether what a node means can depend on how it was reached. A reference to a metaschema brings such nodes in.
fn mentions_dynamic_scope(document: &Value) -> bool {
    if mentions(document, &["$dynamicRef", "$recursiveRef"]) {
        return true;
    }
    let mut stack = vec![document];
    while let Some(value) = stack.pop() {
        match value {
            Value::Array(items) => stack.extend(items),
            Value::Object(members) => {
                if members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .is_some_and(|uri| uri.contains("json-schema.org/draft/"))
                {
                    return true;
                }
                stack.extend(members.values());
            }
            _ => {}
        }
    }
    false
}

fn unresolved(reference: &str, error: &referencing::Error) -> Declined {
    Declined::UnresolvedReference {
        reference: reference.to_owned(),
        reason: error.to_string(),
    }
}

/// `a/b~` as a JSON Pointer token.
pub(crate) fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

struct Pending<'r> {
    id: NodeId,
    schema: &'r Value,
    resolver: Resolver<'r>,
    draft: Draft,
}

struct Reader<'r, 'o> {
    options: &'o Options,
    dynamic: bool,
    pointers: HashMap<*const Value, String>,
    nodes: Vec<Node>,
    seen: HashMap<(*const Value, String), NodeId>,
    queue: Vec<Pending<'r>>,
}

impl<'r> Reader<'r, '_> {
    fn map_pointers(&mut self, document: &Value) {
        let mut stack = vec![(document, String::new())];
        while let Some((value, pointer)) = stack.pop() {
            match value {
                Value::Array(items) => {
                    stack.extend(
                        items
                            .iter()
                            .enumerate()
                            .map(|(index, item)| (item, format!("{pointer}/{index}"))),
                    );
                }
                Value::Object(members) => {
                    let below = members
                        .iter()
                        .map(|(name, member)| (member, format!("{pointer}/{}", escaped(name))));
                    stack.extend(below);
                }
                Value::Bool(_) => {}
                _ => continue,
            }
            self.pointers.insert(std::ptr::from_ref(value), pointer);
        }
    }

    /// The node of a subschema, queued to be read where it is new.
    fn enter(
        &mut self,
        schema: &'r Value,
        resolver: Resolver<'r>,
        draft: Draft,
        pointer: Option<String>,
        keyword: &'static str,
    ) -> Result<NodeId, Declined> {
        let scope = if self.dynamic {
            let mut uris = vec![resolver.base_uri().as_str().to_owned()];
            for uri in &resolver.dynamic_scope() {
                let uri = uri.as_str().to_owned();
                // A scope met again further out decides: keep the outermost of equal ones.
                uris.retain(|known| *known != uri);
                uris.push(uri);
            }
            uris.join(" ")
        } else {
            String::new()
        };
        let key = (std::ptr::from_ref(schema), scope);
        if let Some(id) = self.seen.get(&key) {
            return Ok(*id);
        }
        if self.nodes.len() >= self.options.max_subschemas {
            return Err(Declined::TooLarge {
                limit: self.options.max_subschemas,
            });
        }
        let id = NodeId::try_from(self.nodes.len()).map_err(|_| Declined::TooLarge { limit: usize::MAX })?;
        let pointer = pointer.or_else(|| self.pointers.get(&std::ptr::from_ref(schema)).cloned());
        let mut node = Node {
            pointer,
            ..Node::default()
        };
        if schema == &Value::Bool(false) {
            node.rules.push(Entry {
                rule: Rule::Nothing,
                keyword,
            });
        }
        self.nodes.push(node);
        self.seen.insert(key, id);
        if schema.is_object() {
            self.queue.push(Pending {
                id,
                schema,
                resolver,
                draft,
            });
        }
        Ok(id)
    }

    fn run(&mut self) -> Result<(), Declined> {
        while let Some(pending) = self.queue.pop() {
            let Some(members) = pending.schema.as_object() else {
                continue;
            };
            let mut keywords = Keywords {
                reader: self,
                at: &pending,
                members,
                rules: Vec::new(),
            };
            keywords.read()?;
            let rules = keywords.rules;
            let mut suggestions = Vec::new();
            if let Some(Value::Array(examples)) = members.get("examples") {
                suggestions.extend(examples.iter().take(20).cloned());
            }
            suggestions.extend(members.get("default").cloned());
            let node = &mut self.nodes[pending.id as usize];
            node.rules = rules;
            node.suggestions = suggestions;
        }
        Ok(())
    }
}

/// The keywords of one schema object.
struct Keywords<'k, 'r, 'o> {
    reader: &'k mut Reader<'r, 'o>,
    at: &'k Pending<'r>,
    members: &'r Map<String, Value>,
    rules: Vec<Entry>,
}

impl<'r> Keywords<'_, 'r, '_> {
    fn read(&mut self) -> Result<(), Declined> {
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
            self.push("format", Rule::Format(format.to_owned()));
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
        let mut known = HashSet::new();
        if let Some(Value::Object(properties)) = members.get("properties") {
            let mut nodes = Vec::with_capacity(properties.len());
            for (name, schema) in properties {
                nodes.push((name.clone(), self.child(schema, "properties", Some(name))?));
                known.insert(name.clone());
            }
            self.push("properties", Rule::Properties(nodes));
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
        if self.draft() >= Draft::Draft6 {
            if let Some(node) = self.schema("propertyNames")? {
                self.push("propertyNames", Rule::PropertyNames(node));
            }
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
        if self.draft() >= Draft::Draft7 {
            if let Some(condition) = self.schema("if")? {
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

/// Subschemas that judge the same value as their parent.
fn in_place(rule: &Rule) -> Vec<NodeId> {
    match rule {
        Rule::AllOf(nodes) | Rule::AnyOf(nodes) | Rule::OneOf(nodes) => nodes.clone(),
        Rule::Not(node) | Rule::Reference(node) | Rule::DependentSchema { node, .. } => vec![*node],
        Rule::If {
            condition,
            then,
            otherwise,
        } => vec![*condition, *then, *otherwise],
        _ => Vec::new(),
    }
}

/// Refuses cycles that never step into the instance, and chains too long for validators that recurse.
fn refuse_endless(program: &Program) -> Result<(), Declined> {
    // 0: not seen, 1: on the path, 2: done.
    let mut state = vec![0_u8; program.nodes.len()];
    let mut length = vec![0_usize; program.nodes.len()];
    for start in 0..program.nodes.len() {
        if state[start] != 0 {
            continue;
        }
        let mut path: Vec<(usize, Vec<NodeId>)> = vec![(start, below(program, start))];
        state[start] = 1;
        while let Some((node, rest)) = path.last_mut() {
            let node = *node;
            let Some(next) = rest.pop() else {
                state[node] = 2;
                path.pop();
                if let Some((parent, _)) = path.last() {
                    length[*parent] = length[*parent].max(length[node] + 1);
                }
                continue;
            };
            let next = next as usize;
            match state[next] {
                1 => {
                    let pointer = program.nodes[next].pointer.clone().unwrap_or_default();
                    return Err(Declined::EndlessReference { pointer });
                }
                2 => length[node] = length[node].max(length[next] + 1),
                _ => {
                    state[next] = 1;
                    path.push((next, below(program, next)));
                }
            }
            if length[node] > MAX_NESTING || path.len() > MAX_NESTING {
                return Err(Declined::TooDeep { limit: MAX_NESTING });
            }
        }
    }
    Ok(())
}

fn below(program: &Program, node: usize) -> Vec<NodeId> {
    program.nodes[node]
        .rules
        .iter()
        .flat_map(|entry| in_place(&entry.rule))
        .collect()
}

/// Least number of levels that an instance of each node needs, from above, until nothing changes.
fn heights(program: &Program) -> Vec<u32> {
    let mut heights = vec![u32::MAX; program.nodes.len()];
    loop {
        let mut changed = false;
        for id in (0..program.nodes.len()).rev() {
            let height = height(&program.nodes[id], &heights);
            if height < heights[id] {
                heights[id] = height;
                changed = true;
            }
        }
        if !changed {
            return heights;
        }
    }
}

fn height(node: &Node, heights: &[u32]) -> u32 {
    let of = |id: &NodeId| heights[*id as usize];
    let types = node.rules.iter().find_map(|entry| match &entry.rule {
        Rule::Type(types) => Some(*types),
        Rule::Enum(_) => Some(Types::NULL),
        _ => None,
    });
    let types = types.unwrap_or(Types::ALL);
    let only = |container: Types| types.without(container) == Types::NONE;
    let mut least = 0;
    for entry in &node.rules {
        let needed = match &entry.rule {
            Rule::Nothing => u32::MAX,
            Rule::AllOf(nodes) => nodes.iter().map(of).max().unwrap_or(0),
            Rule::AnyOf(nodes) | Rule::OneOf(nodes) => nodes.iter().map(of).min().unwrap_or(0),
            Rule::Reference(node) => of(node),
            Rule::If { then, otherwise, .. } => of(then).min(of(otherwise)),
            Rule::Required(name) if only(Types::OBJECT) => {
                let property = node.rules.iter().find_map(|entry| match &entry.rule {
                    Rule::Properties(nodes) => nodes.iter().find(|(known, _)| known == name).map(|(_, id)| of(id)),
                    _ => None,
                });
                property.unwrap_or(0).saturating_add(1)
            }
            Rule::MinItems(count) if *count > 0 && only(Types::ARRAY) => {
                let item = node.rules.iter().filter_map(|entry| match &entry.rule {
                    Rule::Prefix(nodes) => nodes.iter().take(*count as usize).map(of).max(),
                    Rule::Items { from, node } if (*from as u64) < *count => Some(of(node)),
                    _ => None,
                });
                item.max().unwrap_or(0).saturating_add(1)
            }
            Rule::Contains { node, min } if *min > 0 && only(Types::ARRAY) => of(node).saturating_add(1),
            _ => 0,
        };
        least = least.max(needed);
    }
    least
}
