//! Reading a schema document into a [`Program`]: resolves references inside the document, bounds depth and size, and
//! never fetches. Works from a queue, so that no nesting overflows the stack.

mod finite;
mod keywords;

use std::collections::HashMap;

use jsonschema::{Draft, Registry};
use referencing::Resolver;
use serde_json::Value;

use crate::declined::Declined;
use crate::options::Options;
use crate::rule::{Entry, Node, NodeId, Program, Rule};

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
    finite::refuse_endless(&program, options.max_subschemas)?;
    program.heights = finite::heights(&program);
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
            let mut keywords = keywords::Keywords {
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
