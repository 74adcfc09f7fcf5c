//! What can be broken: every assertion of the schema, and the proof that an instance breaks it and nothing else.

use std::collections::hash_map::Entry::{Occupied, Vacant};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::focus::{Action, Focus, Ways};
use crate::random::Random;
use crate::rule::{NodeId, Program, Rule, Types};
use crate::shape::{Extent, Literal, Policy};
use crate::solve::solve;

/// One assertion: a rule of a node that stands in the document.
#[derive(Debug, Clone)]
pub(crate) struct Assertion {
    pub(crate) node: NodeId,
    pub(crate) rule: usize,
    /// Rules read from it; several where a subschema is met in several dynamic scopes.
    pub(crate) rules: Vec<(NodeId, usize)>,
    pub(crate) keyword: &'static str,
    /// JSON Pointer of the keyword in the document.
    pub(crate) pointer: String,
    /// How many different ways of breaking it are worth a case.
    pub(crate) variants: usize,
    /// Which of them comes first: the assertions of one keyword take turns.
    pub(crate) turn: usize,
}

/// All assertions that instances can be steered to, nearest to the root first.
pub(crate) fn assertions(program: &Program, order: &[NodeId]) -> Vec<Assertion> {
    let mut found: Vec<Assertion> = Vec::new();
    // A subschema that is met in several dynamic scopes has a node for each.
    let mut known: FxHashMap<(String, Option<String>), usize> = FxHashMap::default();
    let mut turns: FxHashMap<&'static str, usize> = FxHashMap::default();
    for &id in order {
        let node = program.node(id);
        let Some(place) = &node.pointer else { continue };
        for (rule, entry) in node.rules.iter().enumerate() {
            let Some(variants) = variants(program, &entry.rule) else {
                continue;
            };
            let pointer = match &entry.rule {
                Rule::Nothing => place.clone(),
                _ => format!("{place}/{}", entry.keyword),
            };
            let part = match &entry.rule {
                Rule::Required(name) => Some(name.clone()),
                Rule::DependentRequired { name, needs } => Some(format!("{name} {needs}")),
                _ => None,
            };
            match known.entry((pointer, part)) {
                Occupied(twin) => found[*twin.get()].rules.push((id, rule)),
                Vacant(new) => {
                    let pointer = new.key().0.clone();
                    let turn = turns.entry(entry.keyword).or_default();
                    new.insert(found.len());
                    found.push(Assertion {
                        node: id,
                        rule,
                        rules: vec![(id, rule)],
                        keyword: entry.keyword,
                        pointer,
                        variants,
                        turn: *turn,
                    });
                    *turn += 1;
                }
            }
        }
    }
    found
}

/// In how many ways a rule is worth breaking; `None` for what is no assertion of its own.
fn variants(program: &Program, rule: &Rule) -> Option<usize> {
    match rule {
        Rule::Type(_) => Some(3),
        Rule::OneOf(_) | Rule::If { .. } | Rule::Enum(_) | Rule::UniqueItems => Some(2),
        annotation if annotation.is_annotation() => None,
        Rule::AllOf(_)
        | Rule::Properties(_)
        | Rule::PatternProperties(_)
        | Rule::AdditionalProperties { .. }
        | Rule::Prefix(_)
        | Rule::Items { .. }
        | Rule::UnevaluatedItems(_)
        | Rule::UnevaluatedProperties(_)
        | Rule::PropertyNames(_)
        | Rule::DependentSchema { .. }
        | Rule::Contains { min: 0, .. } => None,
        // What stands in another document is broken as a whole.
        Rule::Reference(target) if program.node(*target).pointer.is_some() => None,
        _ => Some(1),
    }
}

/// Whether the rest of its own subschema leaves room to break an assertion: `type` beside an `enum` that has it does not.
pub(crate) fn is_implied(program: &Program, ways: &Ways, assertion: &Assertion) -> bool {
    const FUEL: u32 = 200;
    let action = Action::Break {
        rule: assertion.rule,
        // Of no more than what breaking it asks for.
        variant: 1,
    };
    let focus = Focus {
        way: Vec::new(),
        node: assertion.node,
        action,
    };
    let policy = Policy {
        program,
        focus: Some(&focus),
        extent: Extent::Low,
        eager: false,
        deep: false,
        coverage: None,
    };
    let goal = Literal {
        step: Some(0),
        ..Literal::holds(assertion.node)
    };
    let mut fuel = FUEL;
    match solve(&[goal], &policy, &mut Random::new(0), &mut fuel) {
        Some(shape) => ways.is_of_name(program, assertion.node) && !shape.types.has(Types::STRING),
        None => fuel > FUEL / 2,
    }
}

/// Whether every error stems from the assertion, going by where the validator places them. `false` may mean only that
/// a wrapper hides it: then the schema without the assertion decides.
pub(crate) fn blames(validator: &Validator, program: &Program, instance: &Value, assertion: &Assertion) -> bool {
    let name = match program
        .node(assertion.node)
        .rules
        .get(assertion.rule)
        .map(|entry| &entry.rule)
    {
        Some(Rule::Required(name)) => Some(name.as_str()),
        // Several rules of one keyword that errors do not tell apart.
        Some(Rule::DependentRequired { .. }) => return false,
        _ => None,
    };
    let mut any = false;
    for error in validator.iter_errors(instance) {
        any = true;
        if !stems(&error, assertion, name) {
            return false;
        }
    }
    any
}

fn stems(error: &ValidationError<'_>, assertion: &Assertion, name: Option<&str>) -> bool {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }
            if error.schema_path().as_str() != assertion.pointer =>
        {
            context
                .iter()
                .any(|branch| !branch.is_empty() && branch.iter().all(|error| stems(error, assertion, name)))
        }
        ValidationErrorKind::PropertyNames { error } => stems(error, assertion, name),
        ValidationErrorKind::Required { property } => {
            name == property.as_str() && error.schema_path().as_str() == assertion.pointer
        }
        _ => error.schema_path().as_str() == assertion.pointer,
    }
}

/// The document without the assertion; `None` where it cannot be taken out by itself.
pub(crate) fn without(document: &Value, program: &Program, assertion: &Assertion) -> Option<Value> {
    let node = program.node(assertion.node);
    let place = node.pointer.as_deref()?;
    let mut loosened = document.clone();
    match &node.rules.get(assertion.rule)?.rule {
        Rule::Nothing => {
            *loosened.pointer_mut(place)? = Value::Object(serde_json::Map::new());
        }
        rule => {
            let schema = loosened.pointer_mut(place)?.as_object_mut()?;
            match rule {
                Rule::Required(name) => {
                    let names = schema.get_mut("required")?.as_array_mut()?;
                    names.retain(|known| known.as_str() != Some(name));
                    if names.is_empty() {
                        // Draft 4 forbids an empty list.
                        schema.shift_remove("required");
                    }
                }
                Rule::DependentRequired { name, needs } => {
                    let names = schema.get_mut(assertion.keyword)?.get_mut(name)?.as_array_mut()?;
                    names.retain(|known| known.as_str() != Some(needs));
                    if names.is_empty() {
                        schema.get_mut(assertion.keyword)?.as_object_mut()?.shift_remove(name);
                    }
                }
                Rule::Contains { .. } => {
                    schema.shift_remove("contains");
                }
                Rule::Lower { .. } | Rule::Upper { .. } => {
                    schema.shift_remove(assertion.keyword);
                    // Draft 4: the flag may not stand without its bound.
                    let flag = if assertion.keyword == "minimum" {
                        "exclusiveMinimum"
                    } else {
                        "exclusiveMaximum"
                    };
                    if schema.get(flag).is_some_and(Value::is_boolean) {
                        schema.shift_remove(flag);
                    }
                }
                _ => {
                    schema.shift_remove(assertion.keyword);
                }
            }
        }
    }
    Some(loosened)
}
