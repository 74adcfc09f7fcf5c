//! What one place of an instance must be: the conjunction of all schemas that judge it, as facts per type.
//!
//! A goal is a list of literals, "this subschema holds" or "this subschema fails". Applicators that judge the same
//! value are unfolded into facts; those that leave a choice (`anyOf`, a negated object schema) wait until the rest is
//! known. `solve` then decides them one by one and takes a decision back where it contradicts a fact.

use serde_json::Value;

use crate::arrays::ArrayFacts;
use crate::combinators::Choice;
use crate::coverage::Coverage;
use crate::focus::{Action, Focus};
use crate::near::Near;
use crate::numbers::NumberFacts;
use crate::objects::ObjectFacts;
use crate::rule::{NodeId, Program, Rule, Types, equal};
use crate::strings::StringFacts;

/// A subschema that holds or fails; `step` marks the one that the focus is reached through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) node: NodeId,
    pub(crate) holds: bool,
    pub(crate) step: Option<usize>,
}

impl Literal {
    pub(crate) fn holds(node: NodeId) -> Self {
        Self {
            node,
            holds: true,
            step: None,
        }
    }

    pub(crate) fn fails(node: NodeId) -> Self {
        Self {
            node,
            holds: false,
            step: None,
        }
    }
}

/// Adds a literal; the one on the way to the focus stands for its unmarked twins.
pub(crate) fn add_literal(goal: &mut Vec<Literal>, literal: Literal) {
    match goal
        .iter_mut()
        .find(|known| known.node == literal.node && known.holds == literal.holds)
    {
        Some(known) => known.step = known.step.or(literal.step),
        None => goal.push(literal),
    }
}

/// Which end of the possible values is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Low,
    High,
    Random,
}

/// How choices are made while solving.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy<'p> {
    pub(crate) program: &'p Program,
    pub(crate) focus: Option<&'p Focus>,
    pub(crate) extent: Extent,
    /// Whether the other branches of `oneOf` are made to fail from the start; left to chance at first.
    pub(crate) eager: bool,
    /// Prefer what ends soonest.
    pub(crate) deep: bool,
    /// Prefer what has not been exercised.
    pub(crate) coverage: Option<&'p Coverage>,
}

impl Policy<'_> {
    pub(crate) fn wants(&self, node: NodeId) -> bool {
        self.coverage.is_some_and(|coverage| coverage.wants(self.program, node))
    }
}

/// The facts about one place.
#[derive(Debug, Clone)]
pub(crate) struct Shape<'p> {
    /// Literals unfolded so far, each with the one that it came from.
    pub(crate) literals: Vec<(Literal, usize)>,
    pub(crate) types: Types,
    pub(crate) allowed: Option<Vec<&'p Value>>,
    pub(crate) denied: Vec<&'p Value>,
    pub(crate) number: NumberFacts,
    pub(crate) string: StringFacts<'p>,
    pub(crate) array: ArrayFacts,
    pub(crate) object: ObjectFacts<'p>,
    pub(crate) suggestions: Vec<&'p Value>,
    pub(crate) choices: Vec<Choice>,
    /// Which end the focus wants here; overrides the instance's.
    pub(crate) extent: Option<Extent>,
    /// The focus is reached here and its rule broken.
    pub(crate) broken: bool,
    /// A branch of `oneOf` was taken, and nothing keeps the others from holding too.
    pub(crate) lazy: bool,
    /// How close the fault comes, where that is for the value to decide.
    pub(crate) near: Option<Near<'p>>,
}

impl<'p> Shape<'p> {
    pub(crate) fn new() -> Self {
        Self {
            literals: Vec::new(),
            types: Types::ALL,
            allowed: None,
            denied: Vec::new(),
            number: NumberFacts::default(),
            string: StringFacts::default(),
            array: ArrayFacts::default(),
            object: ObjectFacts::default(),
            suggestions: Vec::new(),
            choices: Vec::new(),
            extent: None,
            broken: false,
            lazy: false,
            near: None,
        }
    }

    /// Whether a value written from these facts satisfies the goal by construction.
    pub(crate) fn is_certain(&self) -> bool {
        let is_plain = |value: &&Value| !value.is_array() && !value.is_object();
        !self.lazy
            && self.literals.iter().all(|(literal, _)| literal.holds)
            && self.allowed.iter().flatten().all(is_plain)
            && self.array.counted.is_empty()
            && self.array.unevaluated.is_empty()
            && self.object.unevaluated.is_empty()
            && self.object.names.is_empty()
    }

    /// Whether literal `at` is `ancestor` or was unfolded from it.
    pub(crate) fn stems_from(&self, mut at: usize, ancestor: usize) -> bool {
        loop {
            if at == ancestor {
                return true;
            }
            let parent = self.literals[at].1;
            if parent == at {
                return false;
            }
            at = parent;
        }
    }

    pub(crate) fn only(&mut self, types: Types) {
        self.types = self.types.and(types);
    }

    /// Adds a literal and all that follows from it without a choice.
    pub(crate) fn assume(&mut self, literal: Literal, origin: Option<usize>, policy: &Policy<'p>) {
        let mut queue = vec![(literal, origin)];
        while let Some((literal, origin)) = queue.pop() {
            let twin = self.literals.iter().any(|(known, _)| {
                known.node == literal.node
                    && known.holds == literal.holds
                    && (literal.step.is_none() || known.step == literal.step)
            });
            if twin && policy.focus.is_none_or(|_| literal.step.is_none()) {
                // Evaluation of properties is traced by origin: an equal literal elsewhere adds nothing but its origin.
                if !self.traces_evaluation() {
                    continue;
                }
            }
            if self.literals.len() > 4096 {
                self.types = Types::NONE;
                return;
            }
            let at = self.literals.len();
            self.literals.push((literal, origin.unwrap_or(at)));
            let node = policy.program.node(literal.node);
            if literal.holds {
                self.suggestions.extend(&node.suggestions);
                for rule in 0..node.rules.len() {
                    self.assume_rule(at, rule, policy, &mut queue);
                }
            } else {
                let breakable = node.rules.iter().filter(|entry| !entry.rule.is_annotation()).count();
                match breakable {
                    0 => self.types = Types::NONE,
                    1 => {
                        let rule = node.rules.iter().position(|entry| !entry.rule.is_annotation());
                        self.deny_rule(at, rule.unwrap_or(0), None, policy, &mut queue);
                    }
                    _ => self.choices.push(Choice {
                        literal: at,
                        rule: None,
                    }),
                }
            }
        }
    }

    fn traces_evaluation(&self) -> bool {
        !self.object.unevaluated.is_empty() || !self.array.unevaluated.is_empty()
    }

    /// The rule holds, unless the focus says to break it or to stand at its edge.
    fn assume_rule(&mut self, at: usize, rule: usize, policy: &Policy<'p>, queue: &mut Vec<(Literal, Option<usize>)>) {
        let literal = self.literals[at].0;
        if let (Some(focus), Some(step)) = (policy.focus, literal.step)
            && step == focus.way.len()
            && literal.node == focus.node
        {
            match focus.action {
                Action::Break { rule: broken, variant } if broken == rule => {
                    self.broken = true;
                    self.deny_rule(at, rule, Some(variant), policy, queue);
                    return;
                }
                Action::Edge { rule: edged, variant } if edged == rule => {
                    self.edge(policy, literal.node, rule, variant)
                }
                _ => {}
            }
        }
        let taken = literal
            .step
            .and_then(|step| policy.focus.and_then(|focus| focus.child_at(step, literal.node, rule)));
        let next = taken.and(literal.step).map(|step| step + 1);
        let program = policy.program;
        match &program.node(literal.node).rules[rule].rule {
            Rule::Nothing => self.types = Types::NONE,
            Rule::Type(types) => self.only(*types),
            Rule::Enum(values) => self.allow(values),
            Rule::Lower { .. } | Rule::Upper { .. } | Rule::MultipleOf(_) => {
                self.number.assume(&program.node(literal.node).rules[rule].rule);
            }
            Rule::MinLength(_) | Rule::MaxLength(_) | Rule::Pattern(_) | Rule::Format(_) => {
                self.string.assume(&program.node(literal.node).rules[rule].rule);
            }
            Rule::AllOf(nodes) => {
                queue.extend(nodes.iter().enumerate().rev().map(|(index, node)| {
                    let step = next.filter(|_| taken == Some(index));
                    (
                        Literal {
                            step,
                            ..Literal::holds(*node)
                        },
                        Some(at),
                    )
                }));
            }
            Rule::Reference(node) => queue.push((
                Literal {
                    step: next,
                    ..Literal::holds(*node)
                },
                Some(at),
            )),
            Rule::Not(node) => queue.push((Literal::fails(*node), Some(at))),
            Rule::AnyOf(_) | Rule::OneOf(_) | Rule::If { .. } | Rule::DependentSchema { .. } => {
                self.choices.push(Choice {
                    literal: at,
                    rule: Some(rule),
                });
            }
            structural => {
                self.array.assume(structural, at, taken, next, policy);
                self.object.assume(structural, at, taken, next);
                if taken.is_some() {
                    match structural {
                        Rule::Prefix(_) | Rule::Items { .. } | Rule::Contains { .. } | Rule::UnevaluatedItems(_) => {
                            self.only(Types::ARRAY);
                        }
                        _ => self.only(Types::OBJECT),
                    }
                }
            }
        }
    }

    /// The rule fails. Where it is the fault itself, `variant` picks among the ways in which it can.
    pub(crate) fn deny_rule(
        &mut self,
        at: usize,
        rule: usize,
        variant: Option<usize>,
        policy: &Policy<'p>,
        queue: &mut Vec<(Literal, Option<usize>)>,
    ) {
        let literal = self.literals[at].0;
        match &policy.program.node(literal.node).rules[rule].rule {
            Rule::Nothing => {}
            annotation if annotation.is_annotation() => self.types = Types::NONE,
            Rule::Type(types) => {
                self.only(Types::ALL.without(*types));
                // Which other type: decided once it is known what the rest of the schema leaves.
                self.near = variant.map(|turn| Near::Type { meant: *types, turn }).or(self.near);
            }
            Rule::Enum(values) => {
                self.denied.extend(values);
                self.near = variant.map(|turn| Near::Enum { members: values, turn }).or(self.near);
            }
            numeric @ (Rule::Lower { .. } | Rule::Upper { .. } | Rule::MultipleOf(_)) => {
                self.only(Types::NUMBER);
                let extent = self.number.deny(numeric);
                self.lean(extent, variant);
            }
            textual @ (Rule::MinLength(_) | Rule::MaxLength(_) | Rule::Pattern(_) | Rule::Format(_)) => {
                self.only(Types::STRING);
                let extent = self.string.deny(textual);
                self.lean(extent, variant);
            }
            Rule::AnyOf(nodes) => queue.extend(nodes.iter().map(|node| (Literal::fails(*node), Some(at)))),
            Rule::Not(node) => queue.push((Literal::holds(*node), Some(at))),
            Rule::Reference(node) => queue.push((Literal::fails(*node), Some(at))),
            Rule::AllOf(_) | Rule::OneOf(_) | Rule::If { .. } => {
                self.choices.push(Choice {
                    literal: at,
                    rule: Some(rule),
                });
            }
            Rule::DependentSchema { name, node } => {
                self.only(Types::OBJECT);
                self.object.require(name);
                queue.push((Literal::fails(*node), Some(at)));
            }
            Rule::Properties(_) | Rule::PatternProperties(_) => {
                self.only(Types::OBJECT);
                self.choices.push(Choice {
                    literal: at,
                    rule: Some(rule),
                });
            }
            Rule::Prefix(_) => {
                self.only(Types::ARRAY);
                self.choices.push(Choice {
                    literal: at,
                    rule: Some(rule),
                });
            }
            structural => self.deny_child(structural, at, 0, variant),
        }
    }

    /// A structural rule fails at its child number `child`.
    pub(crate) fn deny_child(&mut self, rule: &'p Rule, at: usize, child: usize, variant: Option<usize>) {
        match rule {
            Rule::MinItems(_)
            | Rule::MaxItems(_)
            | Rule::UniqueItems
            | Rule::Prefix(_)
            | Rule::Items { .. }
            | Rule::Contains { .. }
            | Rule::MinContains { .. }
            | Rule::MaxContains { .. }
            | Rule::UnevaluatedItems(_) => {
                self.only(Types::ARRAY);
                let extent = self.array.deny(rule, at, child);
                self.array.rewrites |= matches!(rule, Rule::UniqueItems) && variant.is_some_and(|turn| turn % 2 == 0);
                self.lean(extent, variant);
            }
            _ => {
                self.only(Types::OBJECT);
                let extent = self.object.deny(rule, at, child);
                self.lean(extent, variant);
            }
        }
    }

    /// A fault stands as close to the rule as it can.
    fn lean(&mut self, extent: Option<Extent>, variant: Option<usize>) {
        if variant.is_some() {
            self.extent = extent.or(self.extent);
        }
    }

    fn allow(&mut self, values: &'p [Value]) {
        self.allowed = Some(match self.allowed.take() {
            None => values.iter().collect(),
            Some(known) => known
                .into_iter()
                .filter(|value| values.iter().any(|other| equal(value, other)))
                .collect(),
        });
    }

    /// Stands at the edge of a rule that holds.
    fn edge(&mut self, policy: &Policy<'p>, node: NodeId, rule: usize, variant: usize) {
        match &policy.program.node(node).rules[rule].rule {
            Rule::Type(types) => {
                let each = Types::EACH
                    .into_iter()
                    .filter(|each| types.has(*each))
                    .collect::<Vec<_>>();
                self.only(each[variant % each.len().max(1)]);
            }
            Rule::Enum(values) => self.allow(std::slice::from_ref(&values[variant % values.len()])),
            Rule::Lower { .. } => self.at_edge(Types::NUMBER, Extent::Low),
            Rule::Upper { .. } => self.at_edge(Types::NUMBER, Extent::High),
            Rule::MinLength(_) => self.at_edge(Types::STRING, Extent::Low),
            Rule::MaxLength(_) => self.at_edge(Types::STRING, Extent::High),
            Rule::MinItems(_) => self.at_edge(Types::ARRAY, Extent::Low),
            Rule::MaxItems(_) => {
                self.at_edge(Types::ARRAY, Extent::High);
                self.array.fill = true;
            }
            Rule::MaxContains { .. } => self.at_edge(Types::ARRAY, Extent::High),
            Rule::MinProperties(_) => self.at_edge(Types::OBJECT, Extent::Low),
            Rule::MaxProperties(_) => {
                self.at_edge(Types::OBJECT, Extent::High);
                self.object.fill = true;
            }
            Rule::DependentRequired { name, .. } => {
                self.only(Types::OBJECT);
                self.object.require(name);
            }
            _ => {}
        }
    }

    fn at_edge(&mut self, types: Types, extent: Extent) {
        self.only(types);
        self.extent = Some(extent);
    }

    /// Takes away the types whose facts contradict; false where none is left.
    pub(crate) fn consistent(&mut self) -> bool {
        if self.types.has(Types::NUMBER) && self.number.contradicts(self.types) {
            self.types = self.types.without(Types::NUMBER);
        }
        if self.types.has(Types::STRING) && self.string.contradicts() {
            self.types = self.types.without(Types::STRING);
        }
        if self.types.has(Types::ARRAY) && self.array.contradicts() {
            self.types = self.types.without(Types::ARRAY);
        }
        if self.types.has(Types::OBJECT) && self.object.contradicts() {
            self.types = self.types.without(Types::OBJECT);
        }
        if self.allowed.is_some() {
            let values = self.allowed.take().unwrap_or_default();
            let kept: Vec<&Value> = values.into_iter().filter(|value| self.admits(value)).collect();
            self.types = self
                .types
                .and(kept.iter().map(|value| Types::of(value)).fold(Types::NONE, Types::or));
            self.allowed = Some(kept);
        }
        self.types != Types::NONE
    }

    /// Whether a given value fits the facts that need no look at its members.
    pub(crate) fn admits(&self, value: &Value) -> bool {
        self.types.has(Types::of(value))
            && !self.denied.iter().any(|denied| equal(denied, value))
            && match value {
                Value::Number(number) => self.number.admits(number),
                Value::String(text) => self.string.admits(text),
                Value::Array(items) => self.array.admits(items),
                Value::Object(members) => self.object.admits(members),
                _ => true,
            }
    }
}
