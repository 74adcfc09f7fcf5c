//! Whether a subschema holds for a value: a small evaluator over the program, for decisions inside the generator.
//!
//! What leaves the crate is judged by the `jsonschema` validator; this only keeps the search from wasting draws.

use serde_json::Value;

use crate::rule::{NodeId, Program, Rule, Types, equal};

/// Levels of schemas and values together; deeper than either may be by itself.
const MAX_DEPTH: usize = 512;

/// Members and elements that a subschema has evaluated.
#[derive(Default)]
struct Evaluated<'v> {
    members: Vec<&'v str>,
    items: Vec<usize>,
}

/// Whether the subschema holds.
pub(crate) fn holds(program: &Program, node: NodeId, value: &Value) -> bool {
    Judge { program }.node(node, value, &mut Evaluated::default(), 0)
}

/// Whether one rule holds whose verdict does not hang on what its neighbours evaluate.
pub(crate) fn rule_holds(program: &Program, rule: &Rule, value: &Value) -> bool {
    Judge { program }.rule(rule, value, &mut Evaluated::default(), 0)
}

struct Judge<'p> {
    program: &'p Program,
}

impl<'p> Judge<'p> {
    fn node<'v>(&self, node: NodeId, value: &'v Value, seen: &mut Evaluated<'v>, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let rules = &self.program.node(node).rules;
        let mut here = Evaluated::default();
        for entry in rules {
            if !self.rule(&entry.rule, value, &mut here, depth + 1) {
                return false;
            }
        }
        seen.members.append(&mut here.members);
        seen.items.append(&mut here.items);
        true
    }

    fn apart(&self, node: NodeId, value: &Value, depth: usize) -> bool {
        self.node(node, value, &mut Evaluated::default(), depth)
    }

    fn rule<'v>(&self, rule: &Rule, value: &'v Value, seen: &mut Evaluated<'v>, depth: usize) -> bool {
        match rule {
            Rule::Nothing => false,
            Rule::Format(format) => value.as_str().is_none_or(|text| format.admits(text)),
            Rule::Type(types) => types.has(Types::of(value)),
            Rule::Enum(values) => values.iter().any(|other| equal(other, value)),
            Rule::AllOf(nodes) => nodes.iter().all(|node| self.node(*node, value, seen, depth)),
            Rule::AnyOf(nodes) => {
                nodes
                    .iter()
                    .filter(|node| self.node(**node, value, seen, depth))
                    .count()
                    > 0
            }
            Rule::OneOf(nodes) => {
                nodes
                    .iter()
                    .filter(|node| self.node(**node, value, seen, depth))
                    .count()
                    == 1
            }
            Rule::Not(node) => !self.apart(*node, value, depth),
            Rule::Reference(node) => self.node(*node, value, seen, depth),
            Rule::If {
                condition,
                then,
                otherwise,
            } => {
                let branch = if self.node(*condition, value, seen, depth) {
                    then
                } else {
                    otherwise
                };
                self.node(*branch, value, seen, depth)
            }
            Rule::DependentSchema { name, node } => value.get(name).is_none() || self.node(*node, value, seen, depth),
            _ => match value {
                Value::Number(number) => {
                    let mut facts = crate::numbers::NumberFacts::default();
                    facts.assume(rule);
                    facts.admits(number)
                }
                Value::String(text) => match rule {
                    Rule::MinLength(count) => text.chars().count() as u64 >= *count,
                    Rule::MaxLength(count) => text.chars().count() as u64 <= *count,
                    Rule::Pattern(pattern) => pattern.is_match(text),
                    _ => true,
                },
                Value::Array(items) => self.array(rule, items, seen, depth),
                Value::Object(members) => self.object(rule, members, seen, depth),
                _ => true,
            },
        }
    }

    fn array<'v>(&self, rule: &Rule, items: &'v [Value], seen: &mut Evaluated<'v>, depth: usize) -> bool {
        match rule {
            Rule::MinItems(count) => items.len() as u64 >= *count,
            Rule::MaxItems(count) => items.len() as u64 <= *count,
            Rule::UniqueItems => crate::arrays::is_unique(items),
            Rule::Prefix(nodes) => nodes.iter().zip(items).enumerate().all(|(index, (node, item))| {
                seen.items.push(index);
                self.apart(*node, item, depth)
            }),
            Rule::Items { from, node } => items.iter().enumerate().skip(*from).all(|(index, item)| {
                seen.items.push(index);
                self.apart(*node, item, depth)
            }),
            Rule::Contains { node, min } | Rule::MinContains { node, min } => {
                let mut count = 0;
                for (index, item) in items.iter().enumerate() {
                    if self.apart(*node, item, depth) {
                        count += 1;
                        if self.program.contains_evaluates {
                            seen.items.push(index);
                        }
                    }
                }
                count >= *min
            }
            Rule::MaxContains { node, max } => {
                items.iter().filter(|item| self.apart(*node, item, depth)).count() as u64 <= *max
            }
            Rule::UnevaluatedItems(node) => items.iter().enumerate().all(|(index, item)| {
                let known = seen.items.contains(&index);
                seen.items.push(index);
                known || self.apart(*node, item, depth)
            }),
            _ => true,
        }
    }

    fn object<'v>(
        &self,
        rule: &Rule,
        members: &'v serde_json::Map<String, Value>,
        seen: &mut Evaluated<'v>,
        depth: usize,
    ) -> bool {
        match rule {
            Rule::MinProperties(count) => members.len() as u64 >= *count,
            Rule::MaxProperties(count) => members.len() as u64 <= *count,
            Rule::Required(name) => members.contains_key(name),
            Rule::DependentRequired { name, needs } => !members.contains_key(name) || members.contains_key(needs),
            Rule::Properties(nodes) => nodes.of(members).all(|(name, node, member)| {
                seen.members.push(name);
                self.apart(node, member, depth)
            }),
            Rule::PatternProperties(nodes) => nodes.iter().all(|(pattern, node)| {
                members
                    .iter()
                    .filter(|(name, _)| pattern.is_match(name))
                    .all(|(name, member)| {
                        seen.members.push(name);
                        self.apart(*node, member, depth)
                    })
            }),
            Rule::AdditionalProperties { node, known, patterns } => members.iter().all(|(name, member)| {
                if known.contains(name) || patterns.iter().any(|pattern| pattern.is_match(name)) {
                    return true;
                }
                seen.members.push(name);
                self.apart(*node, member, depth)
            }),
            Rule::PropertyNames(node) => members
                .keys()
                .all(|name| self.apart(*node, &Value::String(name.clone()), depth)),
            Rule::UnevaluatedProperties(node) => members.iter().all(|(name, member)| {
                let known = seen.members.contains(&name.as_str());
                seen.members.push(name);
                known || self.apart(*node, member, depth)
            }),
            _ => true,
        }
    }
}
