//! `properties`, `required`, `patternProperties`, `additionalProperties`, `propertyNames`, `dependentRequired`, counts
//! and `unevaluatedProperties`.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use crate::pattern::Pattern;
use crate::rule::{Properties, Rule};
use crate::shape::{Extent, Literal, Shape, add_literal};

/// A member that must exist under a name still to be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extra<'p> {
    pub(crate) name: ExtraName<'p>,
    /// What its value must be, beside what its name brings.
    pub(crate) value: Option<Literal>,
}

/// How the name of an [`Extra`] is chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExtraName<'p> {
    /// One that the pattern matches.
    Matching(&'p Pattern),
    /// One that an `additionalProperties` rule applies to.
    Beyond(&'p FxHashSet<String>, &'p [Arc<Pattern>]),
    /// One that nothing under the literal evaluates.
    Unevaluated(usize),
    /// One that satisfies a literal of its own.
    Literal(Literal),
    /// Any.
    Any,
}

/// `additionalProperties` with the names that it leaves alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Additional<'p> {
    pub(crate) known: &'p FxHashSet<String>,
    pub(crate) patterns: &'p [Arc<Pattern>],
    pub(crate) literal: Literal,
    pub(crate) origin: usize,
}

impl Additional<'_> {
    pub(crate) fn applies(&self, name: &str) -> bool {
        !self.known.contains(name) && !self.patterns.iter().any(|pattern| pattern.is_match(name))
    }
}

/// What objects must be.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectFacts<'p> {
    pub(crate) least: usize,
    pub(crate) most: Option<usize>,
    pub(crate) required: BTreeSet<&'p str>,
    pub(crate) forbidden: Vec<&'p str>,
    pub(crate) properties: Vec<(&'p str, Literal, usize)>,
    pub(crate) patterns: Vec<(&'p Pattern, Literal, usize)>,
    pub(crate) additional: Vec<Additional<'p>>,
    pub(crate) names: Vec<Literal>,
    /// The second name must be there where the first is.
    pub(crate) dependents: Vec<(&'p str, &'p str)>,
    pub(crate) unevaluated: Vec<(Literal, usize)>,
    pub(crate) extras: Vec<Extra<'p>>,
    pub(crate) fill: bool,
    impossible: bool,
    /// Runs of `properties` that stem from one keyword, and where each begins.
    tables: Vec<(&'p Properties, usize)>,
    /// Where the other ones stand in `properties`.
    loose: Vec<usize>,
}

impl<'p> ObjectFacts<'p> {
    pub(crate) fn is_constrained(&self) -> bool {
        self.least > 0
            || self.most.is_some()
            || !self.required.is_empty()
            || !self.forbidden.is_empty()
            || !self.properties.is_empty()
            || !self.patterns.is_empty()
            || !self.additional.is_empty()
            || !self.names.is_empty()
            || !self.dependents.is_empty()
            || !self.unevaluated.is_empty()
            || !self.extras.is_empty()
    }

    pub(crate) fn require(&mut self, name: &'p str) {
        self.required.insert(name);
    }

    pub(crate) fn forbid(&mut self, name: &'p str) {
        if !self.forbidden.contains(&name) {
            self.forbidden.push(name);
        }
    }

    pub(crate) fn assume(&mut self, rule: &'p Rule, origin: usize, taken: Option<usize>, next: Option<usize>) {
        match rule {
            Rule::MinProperties(count) => self.least = self.least.max(*count as usize),
            Rule::MaxProperties(count) => self.limit(usize::try_from(*count).unwrap_or(usize::MAX)),
            Rule::Required(name) => self.require(name),
            Rule::Properties(nodes) => {
                self.tables.push((nodes, self.properties.len()));
                for (index, (name, node)) in nodes.iter().enumerate() {
                    let step = next.filter(|_| taken == Some(index));
                    if step.is_some() {
                        self.require(name);
                    }
                    self.properties.push((
                        name,
                        Literal {
                            step,
                            ..Literal::holds(*node)
                        },
                        origin,
                    ));
                }
            }
            Rule::PatternProperties(nodes) => {
                for (index, (pattern, node)) in nodes.iter().enumerate() {
                    self.patterns.push((pattern, Literal::holds(*node), origin));
                    if taken == Some(index) {
                        let value = Some(Literal {
                            step: next,
                            ..Literal::holds(*node)
                        });
                        self.extras.push(Extra {
                            name: ExtraName::Matching(pattern),
                            value,
                        });
                    }
                }
            }
            Rule::AdditionalProperties { node, known, patterns } => {
                self.additional.push(Additional {
                    known,
                    patterns,
                    literal: Literal::holds(*node),
                    origin,
                });
                if taken.is_some() {
                    let value = Some(Literal {
                        step: next,
                        ..Literal::holds(*node)
                    });
                    self.extras.push(Extra {
                        name: ExtraName::Beyond(known, patterns),
                        value,
                    });
                }
            }
            Rule::PropertyNames(node) => {
                if taken.is_some() {
                    let name = Literal {
                        step: next,
                        ..Literal::holds(*node)
                    };
                    self.extras.push(Extra {
                        name: ExtraName::Literal(name),
                        value: None,
                    });
                }
                self.names.push(Literal::holds(*node));
            }
            Rule::DependentRequired { name, needs } => self.dependents.push((name, needs)),
            Rule::UnevaluatedProperties(node) => {
                self.unevaluated.push((Literal::holds(*node), origin));
                if taken.is_some() {
                    let value = Some(Literal {
                        step: next,
                        ..Literal::holds(*node)
                    });
                    self.extras.push(Extra {
                        name: ExtraName::Unevaluated(origin),
                        value,
                    });
                }
            }
            _ => {}
        }
    }

    /// The rule fails (at one of its children); says which end is closest to it.
    pub(crate) fn deny(&mut self, rule: &'p Rule, origin: usize, child: usize) -> Option<Extent> {
        match rule {
            Rule::MinProperties(count) => {
                match usize::try_from(*count).unwrap_or(usize::MAX).checked_sub(1) {
                    Some(most) => self.limit(most),
                    None => self.impossible = true,
                }
                return Some(Extent::High);
            }
            Rule::MaxProperties(count) => {
                self.least = self
                    .least
                    .max(usize::try_from(*count).unwrap_or(usize::MAX).saturating_add(1));
                return Some(Extent::Low);
            }
            Rule::Required(name) => self.forbid(name),
            Rule::Properties(nodes) => {
                if let Some((name, node)) = nodes.get(child) {
                    self.require(name);
                    self.loose.push(self.properties.len());
                    self.properties.push((name, Literal::fails(*node), origin));
                }
            }
            Rule::PatternProperties(nodes) => {
                if let Some((pattern, node)) = nodes.get(child) {
                    let value = Some(Literal::fails(*node));
                    self.extras.push(Extra {
                        name: ExtraName::Matching(pattern),
                        value,
                    });
                }
            }
            Rule::AdditionalProperties { node, known, patterns } => {
                let value = Some(Literal::fails(*node));
                self.extras.push(Extra {
                    name: ExtraName::Beyond(known, patterns),
                    value,
                });
            }
            Rule::PropertyNames(node) => {
                self.extras.push(Extra {
                    name: ExtraName::Literal(Literal::fails(*node)),
                    value: None,
                });
            }
            Rule::DependentRequired { name, needs } => {
                self.require(name);
                self.forbid(needs);
            }
            Rule::UnevaluatedProperties(node) => {
                let value = Some(Literal::fails(*node));
                self.extras.push(Extra {
                    name: ExtraName::Unevaluated(origin),
                    value,
                });
            }
            _ => {}
        }
        None
    }

    /// What `properties` says of a name.
    pub(crate) fn named<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f (&'p str, Literal, usize)> {
        let listed = self
            .tables
            .iter()
            .filter_map(|(table, from)| Some(&self.properties[from + table.find(name)?]));
        let loose = self.loose.iter().map(|at| &self.properties[*at]);
        listed.chain(loose.filter(move |(known, _, _)| *known == name))
    }

    /// Whether no name stands twice in `properties`.
    pub(crate) fn is_listed_once(&self) -> bool {
        self.tables.len() + self.loose.len() < 2
    }

    fn limit(&mut self, count: usize) {
        self.most = Some(self.most.map_or(count, |known| known.min(count)));
    }

    pub(crate) fn contradicts(&self) -> bool {
        self.impossible
            || self.required.iter().any(|name| self.forbidden.contains(name))
            || self.most.is_some_and(|most| most < self.least.max(self.required.len()))
    }

    pub(crate) fn admits(&self, members: &Map<String, Value>) -> bool {
        members.len() >= self.least
            && self.most.is_none_or(|most| members.len() <= most)
            && self.required.iter().all(|name| members.contains_key(*name))
            && !self.forbidden.iter().any(|name| members.contains_key(*name))
            && !self
                .dependents
                .iter()
                .any(|(name, needs)| members.contains_key(*name) && !members.contains_key(*needs))
    }
}

impl Shape<'_> {
    /// What the member of a name must be.
    pub(crate) fn member_goal(&self, name: &str) -> Vec<Literal> {
        let mut goal = Vec::new();
        for (_, literal, _) in self.object.named(name) {
            add_literal(&mut goal, *literal);
        }
        for (pattern, literal, _) in &self.object.patterns {
            if pattern.is_match(name) {
                add_literal(&mut goal, *literal);
            }
        }
        for additional in &self.object.additional {
            if additional.applies(name) {
                add_literal(&mut goal, additional.literal);
            }
        }
        for (literal, origin) in &self.object.unevaluated {
            if !self.evaluates_member(name, *origin) {
                add_literal(&mut goal, *literal);
            }
        }
        goal
    }

    /// Whether a member of the name would be the one that an extra asks for.
    pub(crate) fn extra_applies(&self, kind: &ExtraName<'_>, name: &str) -> bool {
        match kind {
            ExtraName::Matching(pattern) => pattern.is_match(name),
            ExtraName::Beyond(known, patterns) => {
                !known.contains(name) && !patterns.iter().any(|pattern| pattern.is_match(name))
            }
            ExtraName::Unevaluated(within) => !self.evaluates_member(name, *within),
            ExtraName::Literal(_) | ExtraName::Any => true,
        }
    }

    /// Whether something under the literal `within` evaluates the member already.
    pub(crate) fn evaluates_member(&self, name: &str, within: usize) -> bool {
        let counts = |origin: usize| self.literals[origin].0.holds && self.stems_from(origin, within);
        let object = &self.object;
        object
            .properties
            .iter()
            .any(|(known, _, origin)| *known == name && counts(*origin))
            || object
                .patterns
                .iter()
                .any(|(pattern, _, origin)| counts(*origin) && pattern.is_match(name))
            || object
                .additional
                .iter()
                .any(|additional| counts(additional.origin) && additional.applies(name))
            || object
                .unevaluated
                .iter()
                .any(|(_, origin)| *origin != within && counts(*origin))
    }
}
