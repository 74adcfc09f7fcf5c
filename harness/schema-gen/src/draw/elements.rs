//! Writing arrays: how many elements, which of them serve `contains` and other existing ones, and uniqueness.

use serde_json::Value;

use super::{Draw, LONGEST};
use crate::arrays::{Counted, is_unique};
use crate::judge;
use crate::near;
use crate::random::Random;
use crate::rule::equal;
use crate::shape::{Extent, Literal, Shape, add_literal};

impl<'p> Draw<'p> {
    pub(super) fn array(
        &mut self,
        shape: &Shape<'p>,
        random: &mut Random,
        depth: usize,
        extent: Extent,
    ) -> Option<Value> {
        let facts = &shape.array;
        let most = facts.most.unwrap_or(usize::MAX);
        let mut needed = facts.needed();
        if needed > LONGEST.max(self.options.max_bytes / 2) {
            return None;
        }
        let deep = self.is_deep(depth);
        let described = facts
            .spans
            .iter()
            .map(|span| span.to.unwrap_or(span.from + 2))
            .max()
            .unwrap_or(1);
        let mut length = match extent {
            _ if deep => needed,
            Extent::Low => needed,
            Extent::High if facts.fill && most <= LONGEST => most,
            Extent::High => needed.max(described.min(64)).max(needed.saturating_add(1)).min(most),
            Extent::Random => (needed + random.below(4).min(described.max(2))).min(most),
        };
        // Elements that must be unevaluated need an index that nothing evaluates.
        let mut placed: Vec<(usize, Literal)> = Vec::new();
        for (literal, within) in &facts.exists_unevaluated {
            let index = (0..64).find(|index| !shape.evaluates_item(*index, *within))?;
            placed.push((index, *literal));
        }
        for span in &facts.exists {
            let end = span.to.unwrap_or(usize::MAX).min(length.max(span.from + 1));
            let free = (span.from..end)
                .rev()
                .find(|index| !placed.iter().any(|(taken, _)| taken == index));
            placed.push((free.unwrap_or(span.from), span.literal));
        }
        if facts.unique == Some(false) {
            needed = needed.max(2);
        }
        needed = placed.iter().map(|(index, _)| index + 1).max().unwrap_or(0).max(needed);
        length = length.max(needed);
        if length > most {
            return None;
        }
        let mut wanted: Vec<(Counted, usize)> = facts.counted.iter().map(|counted| (*counted, 0)).collect();
        let mut broken_once = wanted
            .iter()
            .map(|(counted, _)| counted.broken.is_none())
            .collect::<Vec<_>>();
        let mut items: Vec<Value> = Vec::new();
        let mut index = 0;
        let root = self.place.len();
        loop {
            let lacking = wanted.iter().any(|(counted, count)| *count < counted.least) || broken_once.contains(&false);
            let invited = || {
                let mut goal = shape.element_goal(index).into_iter();
                goal.any(|literal| literal.holds && self.wants(literal.node))
            };
            let more = lacking || (self.coverage.is_some() && invited());
            if index >= length && (!more || index >= most || index > needed + 16) {
                break;
            }
            self.place.truncate(root);
            self.place.push_str(&format!("/{index}"));
            let mut goal = shape.element_goal(index);
            for (_, literal) in placed.iter().filter(|(at, _)| *at == index) {
                add_literal(&mut goal, *literal);
            }
            let stream = random.fork_at(index as u64 + 1);
            match self.element(shape, goal, &mut wanted, &mut broken_once, &items, &stream, depth) {
                Some(item) => items.push(item),
                None if index >= needed && !lacking => break,
                None => {
                    self.place.truncate(root);
                    return None;
                }
            }
            index += 1;
        }
        self.place.truncate(root);
        let enough = wanted.iter().all(|(counted, count)| *count >= counted.least) && !broken_once.contains(&false);
        if !enough || items.len() < facts.least {
            return None;
        }
        if facts.unique == Some(false) && is_unique(&items) {
            self.repeat(shape, &mut items, random, depth)?;
        }
        Some(Value::Array(items))
    }

    #[allow(clippy::too_many_arguments)] // One element sees all that the array has placed so far.
    fn element(
        &mut self,
        shape: &Shape<'p>,
        mut goal: Vec<Literal>,
        wanted: &mut [(Counted, usize)],
        broken_once: &mut [bool],
        before: &[Value],
        stream: &Random,
        depth: usize,
    ) -> Option<Value> {
        let distinct = shape.array.unique == Some(true);
        for at in 0..wanted.len() {
            let (counted, count) = wanted[at];
            if !broken_once[at] {
                let mut literals = goal.clone();
                add_literal(
                    &mut literals,
                    Literal {
                        step: counted.broken,
                        ..Literal::holds(counted.node)
                    },
                );
                if let Some(item) = self.distinct(&literals, before, stream, depth, distinct) {
                    broken_once[at] = true;
                    return Some(item);
                }
            }
            if counted.broken.is_some() {
                add_literal(&mut goal, Literal::fails(counted.node));
            } else if count < counted.least {
                let mut literals = goal.clone();
                if self.program.contains_evaluates {
                    // Matched elements are evaluated: what unevaluated ones must be does not concern them.
                    literals.retain(|literal| {
                        !shape.array.unevaluated.iter().any(|(unevaluated, within)| {
                            unevaluated.node == literal.node && shape.counts_as_evaluated(&counted, *within)
                        })
                    });
                }
                add_literal(&mut literals, Literal::holds(counted.node));
                if self.distinct(&literals, before, stream, depth, distinct).is_some() {
                    goal = literals;
                }
            } else if counted.most.is_some_and(|most| count >= most) {
                add_literal(&mut goal, Literal::fails(counted.node));
            }
        }
        let item = self.distinct(&goal, before, stream, depth, distinct)?;
        for (counted, count) in wanted.iter_mut() {
            *count += usize::from(judge::holds(self.program, counted.node, &item));
        }
        Some(item)
    }

    /// A value unlike those before it.
    fn distinct(
        &mut self,
        goal: &[Literal],
        before: &[Value],
        stream: &Random,
        depth: usize,
        distinct: bool,
    ) -> Option<Value> {
        let extent = self.extent;
        for attempt in 0..24 {
            let fork = if attempt == 0 {
                stream.clone()
            } else {
                stream.fork_at(attempt)
            };
            if attempt > 0 {
                self.extent = Extent::Random;
            }
            let value = self.value(goal, &fork, depth + 1);
            self.extent = extent;
            let value = value?;
            if !distinct || !before.iter().any(|other| equal(other, &value)) {
                return Some(value);
            }
        }
        None
    }

    /// A value and its equal, by turns written the same way, or differently where it can be.
    fn twins(
        &mut self,
        shape: &Shape<'p>,
        value: Value,
        goal: &[Literal],
        random: &Random,
        depth: usize,
    ) -> (Value, Value) {
        if !shape.array.rewrites {
            return (value.clone(), value);
        }
        if let Some(twin) = near::rewritten(&value) {
            return (value, twin);
        }
        // What has more members can be written in another order.
        let extent = std::mem::replace(&mut self.extent, Extent::High);
        let larger = value.is_object().then(|| self.value(goal, random, depth + 1)).flatten();
        self.extent = extent;
        match larger.map(|larger| (near::rewritten(&larger), larger)) {
            Some((Some(twin), larger)) => (larger, twin),
            _ => (value.clone(), value),
        }
    }

    /// Makes two elements equal.
    fn repeat(&mut self, shape: &Shape<'p>, items: &mut [Value], random: &Random, depth: usize) -> Option<()> {
        for second in (1..items.len()).rev() {
            for first in 0..second {
                let mut goal = shape.element_goal(first);
                for literal in shape.element_goal(second) {
                    add_literal(&mut goal, literal);
                }
                if let Some(value) = self.value(&goal, &random.fork_at(second as u64), depth + 1) {
                    (items[first], items[second]) = self.twins(shape, value, &goal, random, depth);
                    return Some(());
                }
            }
        }
        None
    }
}
