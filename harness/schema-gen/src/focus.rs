//! Where an instance is steered to: one subschema of the program, the way there, and what to do on arrival.

use std::collections::VecDeque;

use crate::rule::{NodeId, Program, Rule};

/// What happens on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Satisfy the subschema: the branch, property or element is exercised.
    Visit,
    /// Satisfy it at the edge of one rule: the bound itself, one member of an enumeration.
    Edge { rule: usize, variant: usize },
    /// Satisfy all but one rule, and break that one.
    Break { rule: usize, variant: usize },
}

/// One step of the way: which child of which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) node: NodeId,
    pub(crate) rule: usize,
    pub(crate) child: usize,
}

/// A target and the shortest way to it.
#[derive(Debug, Clone)]
pub(crate) struct Focus {
    pub(crate) way: Vec<Step>,
    pub(crate) node: NodeId,
    pub(crate) action: Action,
}

impl Focus {
    pub(crate) fn breaks(&self) -> bool {
        matches!(self.action, Action::Break { .. })
    }

    /// The child that the way takes at this rule, where the literal stands on the way.
    pub(crate) fn child_at(&self, at: usize, node: NodeId, rule: usize) -> Option<usize> {
        let step = self.way.get(at)?;
        (step.node == node && step.rule == rule).then_some(step.child)
    }
}

/// Shortest ways from the root to every subschema that instances can satisfy.
#[derive(Debug)]
pub(crate) struct Ways {
    pub(crate) from: Vec<Option<Step>>,
    /// Reachable nodes, nearest first.
    pub(crate) order: Vec<NodeId>,
}

impl Ways {
    pub(crate) fn find(program: &Program) -> Self {
        let mut from: Vec<Option<Step>> = vec![None; program.nodes.len()];
        let mut order = vec![0];
        let mut queue = VecDeque::from([0_u32]);
        while let Some(node) = queue.pop_front() {
            for (rule, entry) in program.node(node).rules.iter().enumerate() {
                for (child, target) in children(&entry.rule).into_iter().enumerate() {
                    if target != 0 && from[target as usize].is_none() {
                        from[target as usize] = Some(Step { node, rule, child });
                        order.push(target);
                        queue.push_back(target);
                    }
                }
            }
        }
        Self { from, order }
    }

    /// Whether the way to a node takes one of several branches.
    pub(crate) fn is_in_branch(&self, program: &Program, mut node: NodeId) -> bool {
        while let Some(step) = self.from[node as usize] {
            if matches!(
                program.node(step.node).rules[step.rule].rule,
                Rule::AnyOf(_) | Rule::OneOf(_)
            ) {
                return true;
            }
            node = step.node;
        }
        false
    }

    /// Whether a node judges the name of a member.
    pub(crate) fn is_of_name(&self, program: &Program, mut node: NodeId) -> bool {
        while let Some(step) = self.from[node as usize] {
            match &program.node(step.node).rules[step.rule].rule {
                Rule::PropertyNames(_) => return true,
                rule if rule.is_in_place() => node = step.node,
                _ => return false,
            }
        }
        false
    }

    pub(crate) fn to(&self, node: NodeId, action: Action) -> Focus {
        let mut way = Vec::new();
        let mut at = node;
        while let Some(step) = self.from[at as usize] {
            way.push(step);
            at = step.node;
        }
        way.reverse();
        Focus { way, node, action }
    }
}

/// Children that an instance can be made to satisfy; `not` has none.
pub(crate) fn children(rule: &Rule) -> Vec<NodeId> {
    let mut found = Vec::new();
    any_child(rule, |child| {
        found.push(child);
        false
    });
    found
}

/// Whether any child that an instance can be made to satisfy is as asked.
pub(crate) fn any_child(rule: &Rule, mut asked: impl FnMut(NodeId) -> bool) -> bool {
    match rule {
        Rule::Prefix(nodes) | Rule::AllOf(nodes) | Rule::AnyOf(nodes) | Rule::OneOf(nodes) => {
            nodes.iter().any(|node| asked(*node))
        }
        Rule::Items { node, .. }
        | Rule::Contains { node, .. }
        | Rule::UnevaluatedItems(node)
        | Rule::AdditionalProperties { node, .. }
        | Rule::PropertyNames(node)
        | Rule::DependentSchema { node, .. }
        | Rule::UnevaluatedProperties(node)
        | Rule::Reference(node) => asked(*node),
        Rule::Properties(nodes) => nodes.iter().any(|(_, node)| asked(*node)),
        Rule::PatternProperties(nodes) => nodes.iter().any(|(_, node)| asked(*node)),
        Rule::If {
            condition,
            then,
            otherwise,
        } => [condition, then, otherwise].into_iter().any(|node| asked(*node)),
        _ => false,
    }
}
