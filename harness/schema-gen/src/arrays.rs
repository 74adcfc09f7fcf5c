//! `items`, `prefixItems`, `contains` and its counts, `uniqueItems`, lengths and `unevaluatedItems`.

use serde_json::Value;

use crate::rule::{NodeId, Rule, equal};
use crate::shape::{Extent, Literal, Policy, Shape, add_literal};

/// A literal for the elements from one index up to (not including) another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: usize,
    pub(crate) to: Option<usize>,
    pub(crate) literal: Literal,
    /// The literal whose rule says so.
    pub(crate) origin: usize,
}

/// Elements that match a subschema are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) node: NodeId,
    pub(crate) least: usize,
    pub(crate) most: Option<usize>,
    /// One more element, which the focus stands in and which breaks: all but the wanted ones must fail too.
    pub(crate) broken: Option<usize>,
    origin: usize,
}

/// What arrays must be.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArrayFacts {
    pub(crate) least: usize,
    pub(crate) most: Option<usize>,
    /// All different, or (`false`) two equal.
    pub(crate) unique: Option<bool>,
    pub(crate) spans: Vec<Span>,
    /// Some element at or after `from` (before `to`) satisfies the literal.
    pub(crate) exists: Vec<Span>,
    pub(crate) counted: Vec<Counted>,
    pub(crate) unevaluated: Vec<(Literal, usize)>,
    /// Some element that nothing else evaluates satisfies the literal.
    pub(crate) exists_unevaluated: Vec<(Literal, usize)>,
    pub(crate) fill: bool,
    /// Whether two equal elements are written differently where they can be: who compares texts does not see that they are equal.
    pub(crate) rewrites: bool,
}

impl ArrayFacts {
    pub(crate) fn is_constrained(&self) -> bool {
        self.least > 0
            || self.most.is_some()
            || self.unique.is_some()
            || !self.spans.is_empty()
            || !self.exists.is_empty()
            || !self.counted.is_empty()
            || !self.unevaluated.is_empty()
            || !self.exists_unevaluated.is_empty()
    }

    pub(crate) fn assume(
        &mut self,
        rule: &Rule,
        origin: usize,
        taken: Option<usize>,
        next: Option<usize>,
        policy: &Policy<'_>,
    ) {
        let span = |from, to, literal| Span {
            from,
            to,
            literal,
            origin,
        };
        match rule {
            Rule::MinItems(count) => self.least = self.least.max(*count as usize),
            Rule::MaxItems(count) => self.limit(usize::try_from(*count).unwrap_or(usize::MAX)),
            Rule::UniqueItems => self.unique = self.unique.or(Some(true)),
            Rule::Prefix(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    let step = next.filter(|_| taken == Some(index));
                    let literal = Literal {
                        step,
                        ..Literal::holds(*node)
                    };
                    self.spans.push(span(index, Some(index + 1), literal));
                    if step.is_some() {
                        self.least = self.least.max(index + 1);
                    }
                }
            }
            Rule::Items { from, node } => {
                self.spans.push(span(*from, None, Literal::holds(*node)));
                if taken.is_some() {
                    self.exists.push(span(
                        *from,
                        None,
                        Literal {
                            step: next,
                            ..Literal::holds(*node)
                        },
                    ));
                }
            }
            Rule::Contains { node, min } => {
                let broken = taken
                    .and(next)
                    .filter(|_| policy.focus.is_some_and(|focus| focus.breaks()));
                let counted = Counted {
                    node: *node,
                    least: *min as usize,
                    most: None,
                    broken,
                    origin,
                };
                self.counted.push(counted);
                if taken.is_some() && broken.is_none() {
                    self.exists.push(span(
                        0,
                        None,
                        Literal {
                            step: next,
                            ..Literal::holds(*node)
                        },
                    ));
                }
            }
            Rule::MinContains { node, min } => {
                let counted = Counted {
                    node: *node,
                    least: *min as usize,
                    most: None,
                    broken: None,
                    origin,
                };
                self.counted.push(counted);
            }
            Rule::MaxContains { node, max } => {
                let most = usize::try_from(*max).ok();
                self.counted.push(Counted {
                    node: *node,
                    least: 0,
                    most,
                    broken: None,
                    origin,
                });
            }
            Rule::UnevaluatedItems(node) => {
                self.unevaluated.push((Literal::holds(*node), origin));
                if taken.is_some() {
                    self.exists_unevaluated.push((
                        Literal {
                            step: next,
                            ..Literal::holds(*node)
                        },
                        origin,
                    ));
                }
            }
            _ => {}
        }
    }

    /// The rule fails (at one of its children); says which end is closest to it.
    pub(crate) fn deny(&mut self, rule: &Rule, origin: usize, child: usize) -> Option<Extent> {
        let span = |from, to, literal| Span {
            from,
            to,
            literal,
            origin,
        };
        match rule {
            Rule::MinItems(count) => {
                match usize::try_from(*count).unwrap_or(usize::MAX).checked_sub(1) {
                    Some(most) => self.limit(most),
                    None => self.impossible(),
                }
                return Some(Extent::High);
            }
            Rule::MaxItems(count) => {
                self.least = self
                    .least
                    .max(usize::try_from(*count).unwrap_or(usize::MAX).saturating_add(1));
                return Some(Extent::Low);
            }
            Rule::UniqueItems => {
                self.unique = Some(false);
                self.least = self.least.max(2);
            }
            Rule::Prefix(nodes) => {
                if let Some(node) = nodes.get(child) {
                    self.exists.push(span(child, Some(child + 1), Literal::fails(*node)));
                }
            }
            Rule::Items { from, node } => self.exists.push(span(*from, None, Literal::fails(*node))),
            Rule::Contains { node, min } => {
                if *min == 0 {
                    self.impossible();
                }
                self.counted.push(Counted {
                    node: *node,
                    least: 0,
                    most: Some(0),
                    broken: None,
                    origin,
                });
            }
            Rule::MinContains { node, min } => {
                let most = (*min as usize).checked_sub(1);
                self.counted.push(Counted {
                    node: *node,
                    least: 0,
                    most,
                    broken: None,
                    origin,
                });
            }
            Rule::MaxContains { node, max } => {
                let least = usize::try_from(*max).unwrap_or(usize::MAX).saturating_add(1);
                self.counted.push(Counted {
                    node: *node,
                    least,
                    most: None,
                    broken: None,
                    origin,
                });
            }
            Rule::UnevaluatedItems(node) => self.exists_unevaluated.push((Literal::fails(*node), origin)),
            _ => {}
        }
        None
    }

    fn impossible(&mut self) {
        self.least = usize::MAX;
        self.most = Some(0);
    }

    fn limit(&mut self, count: usize) {
        self.most = Some(self.most.map_or(count, |known| known.min(count)));
    }

    /// Fewest elements that the facts ask for.
    pub(crate) fn needed(&self) -> usize {
        let exists = self
            .exists
            .iter()
            .map(|span| span.from.saturating_add(1))
            .max()
            .unwrap_or(0);
        let counted = self.counted.iter().map(|counted| counted.least).max().unwrap_or(0);
        self.least.max(exists).max(counted)
    }

    pub(crate) fn contradicts(&self) -> bool {
        if self.most.is_some_and(|most| most < self.needed()) {
            return true;
        }
        self.counted.iter().any(|counted| {
            counted.least > 0
                && self
                    .counted
                    .iter()
                    .any(|other| other.node == counted.node && other.most.is_some_and(|most| most < counted.least))
        })
    }

    pub(crate) fn admits(&self, items: &[Value]) -> bool {
        items.len() >= self.least
            && self.most.is_none_or(|most| items.len() <= most)
            && self.unique.is_none_or(|unique| unique == is_unique(items))
    }
}

impl Shape<'_> {
    /// What the element at an index must be, `exists` and counts aside.
    pub(crate) fn element_goal(&self, index: usize) -> Vec<Literal> {
        let mut goal = Vec::new();
        for span in &self.array.spans {
            if span.covers(index) {
                add_literal(&mut goal, span.literal);
            }
        }
        for (literal, origin) in &self.array.unevaluated {
            if !self.evaluates_item(index, *origin) {
                add_literal(&mut goal, *literal);
            }
        }
        goal
    }

    /// Whether something under the literal `within` evaluates the element already (matches of `contains` aside).
    pub(crate) fn evaluates_item(&self, index: usize, within: usize) -> bool {
        let spans = self.array.spans.iter().any(|span| {
            span.covers(index)
                && span.literal.holds
                && self.literals[span.origin].0.holds
                && self.stems_from(span.origin, within)
        });
        spans
            || self
                .array
                .unevaluated
                .iter()
                .any(|(_, origin)| *origin != within && self.stems_from(*origin, within))
    }

    /// Whether an element matching this count is thereby evaluated for a keyword of the literal `within`.
    pub(crate) fn counts_as_evaluated(&self, counted: &Counted, within: usize) -> bool {
        self.literals[counted.origin].0.holds && self.stems_from(counted.origin, within)
    }
}

impl Span {
    pub(crate) fn covers(&self, index: usize) -> bool {
        index >= self.from && self.to.is_none_or(|to| index < to)
    }
}

pub(crate) fn is_unique(items: &[Value]) -> bool {
    items
        .iter()
        .enumerate()
        .all(|(at, item)| !items[..at].iter().any(|other| equal(item, other)))
}
