//! `anyOf`, `oneOf`, `if`, `dependentSchemas` and negated conjunctions: the choices that a goal leaves open.

use crate::random::Random;
use crate::rule::{NodeId, Rule, Types};
use crate::shape::{Extent, Literal, Policy, Shape};

/// A choice that waits: of one rule of a literal, or (`None`) of which rule of a failing literal fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) literal: usize,
    pub(crate) rule: Option<usize>,
}

/// One way to decide a choice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Branch<'p> {
    origin: usize,
    literals: Vec<Literal>,
    denies: Option<usize>,
    denies_child: Option<(&'p Rule, usize)>,
    requires: Option<&'p str>,
    forbids: Option<&'p str>,
    /// Leaves to chance whether another branch holds too.
    lazy: bool,
}

impl<'p> Branch<'p> {
    pub(crate) fn apply(self, shape: &mut Shape<'p>, policy: &Policy<'p>) {
        shape.lazy |= self.lazy;
        if let Some(name) = self.requires {
            shape.only(Types::OBJECT);
            shape.object.require(name);
        }
        if let Some(name) = self.forbids {
            shape.object.forbid(name);
        }
        if let Some((rule, child)) = self.denies_child {
            shape.deny_child(rule, self.origin, child, None);
        }
        let mut queue: Vec<(Literal, Option<usize>)> = Vec::new();
        if let Some(rule) = self.denies {
            shape.deny_rule(self.origin, rule, None, policy, &mut queue);
        }
        queue.extend(self.literals.into_iter().map(|literal| (literal, Some(self.origin))));
        for (literal, origin) in queue {
            shape.assume(literal, origin, policy);
        }
    }
}

impl Choice {
    /// The ways to decide, the best first.
    pub(crate) fn branches<'p>(self, shape: &Shape<'p>, policy: &Policy<'p>, random: &mut Random) -> Vec<Branch<'p>> {
        let literal = shape.literals[self.literal].0;
        let node = policy.program.node(literal.node);
        let new = || Branch {
            origin: self.literal,
            ..Branch::default()
        };
        let Some(rule) = self.rule else {
            return self.failing_rules(literal.node, policy, random);
        };
        let broken_here = literal.step.is_some_and(|step| {
            policy.focus.is_some_and(|focus| {
                step == focus.way.len()
                    && matches!(focus.action, crate::focus::Action::Break { rule: broken, .. } if broken == rule)
            })
        });
        let holds = literal.holds && !broken_here;
        let variant = match policy.focus.map(|focus| focus.action) {
            Some(crate::focus::Action::Break { variant, .. }) if broken_here => variant,
            _ => 0,
        };
        let taken = literal
            .step
            .and_then(|step| policy.focus?.child_at(step, literal.node, rule));
        let next = literal.step.map(|step| step + 1);
        let breaking = policy.focus.is_some_and(|focus| focus.breaks());
        let mut branches: Vec<Branch<'p>> = match (&node.rules[rule].rule, holds) {
            (Rule::AnyOf(nodes), true) => {
                if let Some(index) = taken {
                    let mut branch = new();
                    branch.literals.push(Literal {
                        step: next,
                        ..Literal::holds(nodes[index])
                    });
                    if breaking {
                        branch.literals.extend(others(nodes, index));
                    }
                    return vec![branch];
                }
                let one = |index: usize| Branch {
                    literals: vec![Literal::holds(nodes[index])],
                    ..new()
                };
                return order(nodes, policy, random).into_iter().map(one).collect();
            }
            (Rule::OneOf(nodes), true) => {
                let one = |index: usize, step: Option<usize>, eager: bool| {
                    let mut literals = vec![Literal {
                        step,
                        ..Literal::holds(nodes[index])
                    }];
                    if eager {
                        literals.extend(others(nodes, index));
                    }
                    Branch {
                        literals,
                        lazy: !eager && nodes.len() > 1,
                        ..new()
                    }
                };
                if let Some(index) = taken {
                    return vec![one(index, next, policy.eager || breaking)];
                }
                let indices = order(nodes, policy, random);
                return indices
                    .into_iter()
                    .map(|index| one(index, None, policy.eager))
                    .collect();
            }
            (Rule::OneOf(nodes), false) => {
                let none = Branch {
                    literals: nodes.iter().map(|node| Literal::fails(*node)).collect(),
                    ..new()
                };
                let pairs = (0..nodes.len())
                    .flat_map(|a| (a + 1..nodes.len()).map(move |b| (a, b)))
                    .take(64);
                let mut pairs: Vec<Branch<'p>> = pairs
                    .map(|(a, b)| Branch {
                        literals: vec![Literal::holds(nodes[a]), Literal::holds(nodes[b])],
                        ..new()
                    })
                    .collect();
                if variant % 2 == 1 {
                    pairs.push(none);
                } else {
                    pairs.insert(0, none);
                }
                return pairs;
            }
            (
                Rule::If {
                    condition,
                    then,
                    otherwise,
                },
                holds,
            ) => {
                let end = |node: &NodeId| {
                    if holds {
                        Literal::holds(*node)
                    } else {
                        Literal::fails(*node)
                    }
                };
                let mut then = Branch {
                    literals: vec![Literal::holds(*condition), end(then)],
                    ..new()
                };
                let mut otherwise = Branch {
                    literals: vec![Literal::fails(*condition), end(otherwise)],
                    ..new()
                };
                match taken {
                    Some(0) => then.literals[0].step = next,
                    Some(1) => then.literals[1].step = next,
                    Some(_) => otherwise.literals[1].step = next,
                    None => {}
                }
                match taken {
                    Some(0 | 1) => return vec![then],
                    Some(_) => return vec![otherwise],
                    None => {}
                }
                let new = |branch: &Branch<'p>| branch.literals.iter().any(|l| l.holds && policy.wants(l.node));
                if variant % 2 == 1 || (!new(&then) && new(&otherwise)) {
                    vec![otherwise, then]
                } else {
                    vec![then, otherwise]
                }
            }
            (Rule::AllOf(nodes), _) => {
                let one = |node: &NodeId| Branch {
                    literals: vec![Literal::fails(*node)],
                    ..new()
                };
                nodes.iter().map(one).collect()
            }
            (Rule::DependentSchema { name, node }, _) => {
                let present = Branch {
                    requires: Some(name),
                    literals: vec![Literal {
                        step: taken.and(next),
                        ..Literal::holds(*node)
                    }],
                    ..new()
                };
                if taken.is_some() {
                    return vec![present];
                }
                let absent = Branch {
                    forbids: Some(name),
                    ..new()
                };
                let first = match policy.extent {
                    _ if policy.coverage.is_some() => policy.wants(*node),
                    Extent::Low => false,
                    Extent::High => true,
                    Extent::Random => random.one_in(2),
                };
                return if first && !policy.deep {
                    vec![present, absent]
                } else {
                    vec![absent, present]
                };
            }
            (structural, _) => {
                let count = match structural {
                    Rule::Properties(nodes) => nodes.len(),
                    Rule::PatternProperties(nodes) => nodes.len(),
                    Rule::Prefix(nodes) => nodes.len(),
                    _ => 1,
                };
                let mut children: Vec<usize> = (0..count).collect();
                if let Rule::Properties(nodes) = structural {
                    // A discriminator first: it is what tells branches apart.
                    let discriminates = |node: NodeId| {
                        policy
                            .program
                            .node(node)
                            .rules
                            .iter()
                            .any(|entry| matches!(entry.rule, Rule::Enum(_)))
                    };
                    children.sort_by_key(|child| nodes.get(*child).is_none_or(|(_, node)| !discriminates(*node)));
                }
                let one = |child| Branch {
                    denies_child: Some((structural, child)),
                    ..new()
                };
                children.into_iter().map(one).collect()
            }
        };
        if policy.extent == Extent::Random && !broken_here {
            random.shuffle(&mut branches);
        }
        branches
    }

    /// A literal with several rules fails by any one of them.
    fn failing_rules<'p>(self, node: NodeId, policy: &Policy<'p>, random: &mut Random) -> Vec<Branch<'p>> {
        let rules = &policy.program.node(node).rules;
        let breakable = (0..rules.len()).filter(|rule| !rules[*rule].rule.is_annotation());
        let mut branches: Vec<Branch<'p>> = breakable
            .map(|rule| Branch {
                origin: self.literal,
                denies: Some(rule),
                ..Branch::default()
            })
            .collect();
        // What stays closest to the schema last in the document, the type first: try the closest first.
        branches.reverse();
        if policy.extent == Extent::Random {
            random.shuffle(&mut branches);
        }
        branches
    }
}

fn others(nodes: &[NodeId], taken: usize) -> impl Iterator<Item = Literal> + '_ {
    nodes
        .iter()
        .enumerate()
        .filter(move |(index, _)| *index != taken)
        .map(|(_, node)| Literal::fails(*node))
}

/// Branches in the order in which to try them.
fn order(nodes: &[NodeId], policy: &Policy<'_>, random: &mut Random) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..nodes.len()).collect();
    if policy.extent == Extent::Random {
        random.shuffle(&mut indices);
    }
    if policy.extent == Extent::Low || policy.deep {
        indices.sort_by_key(|index| policy.program.height(nodes[*index]));
    }
    indices.retain(|index| policy.program.height(nodes[*index]) != u32::MAX);
    if policy.coverage.is_some() {
        indices.sort_by_cached_key(|index| !policy.wants(nodes[*index]));
    }
    indices
}
