//! Whether a program ends: references that never step into the instance are refused, and every node learns how far it
//! is from a finite instance.

use super::MAX_NESTING;
use crate::declined::Declined;
use crate::rule::{Node, NodeId, Program, Rule, Types};

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

/// Refuses cycles that never step into the instance, chains too long for validators that recurse, and what unfolds into more than
/// `most` subschemas that judge one value: references to references may double at every step.
pub(super) fn refuse_endless(program: &Program, most: usize) -> Result<(), Declined> {
    // 0: not seen, 1: on the path, 2: done.
    let mut state = vec![0_u8; program.nodes.len()];
    let mut length = vec![0_usize; program.nodes.len()];
    let mut unfolded = vec![1_usize; program.nodes.len()];
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
                    unfolded[*parent] = unfolded[*parent].saturating_add(unfolded[node]);
                }
                if unfolded[node] > most {
                    return Err(Declined::TooLarge { limit: most });
                }
                continue;
            };
            let next = next as usize;
            match state[next] {
                1 => {
                    let pointer = program.nodes[next].pointer.clone().unwrap_or_default();
                    return Err(Declined::EndlessReference { pointer });
                }
                2 => {
                    length[node] = length[node].max(length[next] + 1);
                    unfolded[node] = unfolded[node].saturating_add(unfolded[next]);
                }
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
pub(super) fn heights(program: &Program) -> Vec<u32> {
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
                    Rule::Properties(nodes) => nodes.find(name).map(|at| of(&nodes[at].1)),
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
