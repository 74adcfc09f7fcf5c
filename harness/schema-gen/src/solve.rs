//! Deciding the choices of a goal one by one, and taking a decision back where it contradicts a fact.

use crate::combinators::Branch;
use crate::random::Random;
use crate::shape::{Literal, Policy, Shape};

/// Decides all choices, or `None` where nothing satisfies the goal or the search grew too long.
pub(crate) fn solve<'p>(
    goal: &[Literal],
    policy: &Policy<'p>,
    random: &mut Random,
    fuel: &mut u32,
) -> Option<Shape<'p>> {
    let mut shape = Shape::new();
    // The way to the focus first: its unmarked twins then add nothing.
    for literal in goal.iter().filter(|literal| literal.step.is_some()) {
        shape.assume(*literal, None, policy);
    }
    for literal in goal.iter().filter(|literal| literal.step.is_none()) {
        shape.assume(*literal, None, policy);
    }
    if !shape.consistent() {
        return None;
    }
    // Each entry: the facts before a decision, and the alternatives still to be tried (last first).
    let mut decisions: Vec<(Shape<'p>, Vec<Branch<'p>>)> = Vec::new();
    loop {
        if shape.choices.is_empty() {
            return Some(shape);
        }
        let choice = shape.choices.remove(0);
        let mut branches = choice.branches(&shape, policy, random);
        branches.reverse();
        decisions.push((shape, branches));
        loop {
            // Copying and checking wide facts costs what it weighs.
            let weight = before_weight(&decisions);
            *fuel = fuel.checked_sub(weight)?;
            let (before, branches) = decisions.last_mut()?;
            let Some(branch) = branches.pop() else {
                decisions.pop();
                continue;
            };
            // The last alternative needs no way back; neither does one of very many decisions.
            let mut tried = if branches.is_empty() || decisions_are_many(before) {
                let (before, _) = decisions.pop()?;
                before
            } else {
                before.clone()
            };
            let known = tried.choices.len();
            branch.apply(&mut tried, policy);
            // What a decision opens is decided next: a contradiction then shows beside its cause.
            let opened = tried.choices.len() - known;
            tried.choices.rotate_right(opened);
            if tried.consistent() {
                shape = tried;
                break;
            }
        }
    }
}

fn before_weight(decisions: &[(Shape<'_>, Vec<Branch<'_>>)]) -> u32 {
    let literals = decisions
        .last()
        .map_or(0, |(shape, _)| shape.literals.len() + shape.choices.len());
    1 + u32::try_from(literals / 64).unwrap_or(u32::MAX)
}

fn decisions_are_many(shape: &Shape<'_>) -> bool {
    shape.choices.len() > 256
}
