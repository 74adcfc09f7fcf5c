//! Drawing one instance: solves the goal of each place and writes a value of the shape found, from the root down.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::arrays::{Counted, is_unique};
use crate::focus::Focus;
use crate::judge;
use crate::objects::{Extra, ExtraName};
use crate::options::Options;
use crate::random::Random;
use crate::rule::{NodeId, Program, Types, equal};
use crate::shape::{Extent, Literal, Policy, Shape, add_literal, solve};

/// Decisions and values that one draw may take before it is given up.
const FUEL: u32 = 5_000;
/// Values after which an instance is only completed, not enlarged.
const AMPLE: usize = 250;
/// Elements that an array at its upper bound is really filled to.
const LONGEST_ARRAY: usize = 2_000;
const TRIES: u64 = 6;

/// One draw. The same fields and seed give the same value.
pub(crate) struct Draw<'p> {
    pub(crate) program: &'p Program,
    pub(crate) options: &'p Options,
    pub(crate) focus: Option<&'p Focus>,
    pub(crate) extent: Extent,
    pub(crate) eager: bool,
    fuel: u32,
    share: u32,
    made: usize,
    place: String,
    /// Where the focus broke its rule.
    pub(crate) broken_at: Option<String>,
    /// Subschemas that the value satisfies by construction.
    pub(crate) visited: Vec<NodeId>,
}

impl<'p> Draw<'p> {
    /// `purse` is what a whole list may still spend; one draw takes its share of it.
    pub(crate) fn new(
        program: &'p Program,
        options: &'p Options,
        focus: Option<&'p Focus>,
        extent: Extent,
        purse: u32,
    ) -> Self {
        Self {
            program,
            options,
            focus,
            extent,
            eager: false,
            fuel: FUEL.min(purse),
            share: FUEL.min(purse),
            made: 0,
            place: String::new(),
            broken_at: None,
            visited: Vec::new(),
        }
    }

    /// An instance, or `None` where there is none or the search grew too long.
    pub(crate) fn instance(&mut self, random: &Random) -> Option<Value> {
        let root = Literal {
            step: self.focus.map(|_| 0),
            ..Literal::holds(0)
        };
        self.value(&[root], random, 1)
    }

    /// What the draw took out of the purse.
    pub(crate) fn spent(&self) -> u32 {
        self.share - self.fuel
    }

    fn value(&mut self, goal: &[Literal], random: &Random, depth: usize) -> Option<Value> {
        if depth > self.options.max_depth {
            return None;
        }
        self.made += 1;
        let (visited, broken) = (self.visited.len(), self.broken_at.clone());
        for attempt in 0..TRIES {
            self.fuel = self.fuel.checked_sub(1)?;
            let mut stream = if attempt == 0 {
                random.clone()
            } else {
                random.fork_at(attempt)
            };
            let policy = Policy {
                program: self.program,
                focus: self.focus,
                extent: if attempt > 2 { Extent::Random } else { self.extent },
                eager: self.eager || attempt > 0,
                deep: depth > 5 || self.made > AMPLE,
            };
            let shape = solve(goal, &policy, &mut stream, &mut self.fuel)?;
            if let Some(value) = self.write(&shape, &mut stream, depth, attempt) {
                if self.agrees(goal, &shape, &value) {
                    self.visited
                        .extend(shape.literals.iter().filter(|(l, _)| l.holds).map(|(l, _)| l.node));
                    if shape.broken {
                        self.broken_at = Some(self.place.clone());
                    }
                    return Some(value);
                }
            }
            self.visited.truncate(visited);
            self.broken_at.clone_from(&broken);
        }
        None
    }

    /// Where something was left to chance, looks whether it came out right. The way to a fault is not looked at: it is
    /// meant to fail.
    fn agrees(&self, goal: &[Literal], shape: &Shape<'p>, value: &Value) -> bool {
        let certain = shape.literals.len() == goal.len() && shape.allowed.is_none() && goal.iter().all(|l| l.holds);
        let faulty = self.focus.is_some_and(Focus::breaks) && goal.iter().any(|literal| literal.step.is_some());
        certain
            || faulty
            || goal
                .iter()
                .all(|literal| judge::holds(self.program, literal.node, value) == literal.holds)
    }

    fn write(&mut self, shape: &Shape<'p>, random: &mut Random, depth: usize, attempt: u64) -> Option<Value> {
        let extent = shape
            .extent
            .unwrap_or(if attempt > 2 { Extent::Random } else { self.extent });
        if let Some(allowed) = &shape.allowed {
            return pick(allowed, extent, attempt, random).map(|value| (*value).clone());
        }
        if extent == Extent::Random && !shape.broken && !shape.suggestions.is_empty() && random.one_in(4) {
            let suggestion = shape.suggestions[random.below(shape.suggestions.len())];
            let fits = shape.admits(suggestion)
                && shape.literals.iter().all(|(literal, _)| {
                    literal.step.is_none() && judge::holds(self.program, literal.node, suggestion) == literal.holds
                });
            if fits {
                return Some(suggestion.clone());
            }
        }
        let mut fallback = shape.types;
        while fallback != Types::NONE {
            let chosen = self.choose_type(shape, fallback, extent, depth, random);
            let value = match chosen {
                Types::NULL => self.plain(shape, Value::Null),
                Types::BOOLEAN => {
                    let first = extent == Extent::High || (extent == Extent::Random && random.one_in(2));
                    self.plain(shape, Value::Bool(first))
                        .or_else(|| self.plain(shape, Value::Bool(!first)))
                }
                Types::STRING => shape
                    .string
                    .write(extent, &shape.denied, random, self.options, shape.extent.is_some())
                    .map(Value::String),
                Types::ARRAY => self.array(shape, random, depth, extent),
                Types::OBJECT => self.object(shape, random, depth, extent),
                _ => shape
                    .number
                    .write(fallback.and(Types::NUMBER), extent, &shape.denied, random, self.options),
            };
            if value.is_some() {
                return value;
            }
            fallback = fallback.without(if chosen.has(Types::NUMBER) {
                Types::NUMBER
            } else {
                chosen
            });
        }
        None
    }

    fn plain(&self, shape: &Shape<'p>, value: Value) -> Option<Value> {
        (!shape.denied.iter().any(|denied| equal(denied, &value))).then_some(value)
    }

    /// Prefers the types that the schema speaks about.
    fn choose_type(&self, shape: &Shape<'p>, left: Types, extent: Extent, depth: usize, random: &mut Random) -> Types {
        let mut spoken = Types::NONE;
        for (types, constrained) in [
            (Types::OBJECT, shape.object.is_constrained()),
            (Types::ARRAY, shape.array.is_constrained()),
            (Types::STRING, shape.string.is_constrained()),
            (Types::NUMBER, shape.number.is_constrained()),
        ] {
            if constrained {
                spoken = spoken.or(types);
            }
        }
        let spoken = spoken.and(left);
        let mut candidates = if spoken != Types::NONE && (extent != Extent::Random || !random.one_in(6)) {
            spoken
        } else {
            left
        };
        if spoken == Types::NONE && left == Types::ALL && (depth > 2 || self.made > AMPLE) {
            // Anything goes: a scalar says as much as a tree.
            candidates = left.without(Types::ARRAY.or(Types::OBJECT));
        }
        let each: Vec<Types> = Types::EACH.into_iter().filter(|each| candidates.has(*each)).collect();
        match extent {
            Extent::Random => each[random.below(each.len())],
            _ => each.first().copied().unwrap_or(Types::NULL),
        }
    }

    fn array(&mut self, shape: &Shape<'p>, random: &mut Random, depth: usize, extent: Extent) -> Option<Value> {
        let facts = &shape.array;
        let most = facts.most.unwrap_or(usize::MAX);
        let mut needed = facts.needed();
        if needed > LONGEST_ARRAY.max(self.options.max_bytes / 2) {
            return None;
        }
        let deep = depth > 5 || self.made > AMPLE;
        let described = facts
            .spans
            .iter()
            .map(|span| span.to.unwrap_or(span.from + 2))
            .max()
            .unwrap_or(1);
        let mut length = match extent {
            _ if deep => needed,
            Extent::Low => needed,
            Extent::High if facts.fill && most <= LONGEST_ARRAY => most,
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
            if index >= length && (!lacking || index >= most || index > needed + 16) {
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

    /// Makes two elements equal.
    fn repeat(&mut self, shape: &Shape<'p>, items: &mut [Value], random: &Random, depth: usize) -> Option<()> {
        for second in (1..items.len()).rev() {
            for first in 0..second {
                let mut goal = shape.element_goal(first);
                for literal in shape.element_goal(second) {
                    add_literal(&mut goal, literal);
                }
                if let Some(value) = self.value(&goal, &random.fork_at(second as u64), depth + 1) {
                    items[first] = value.clone();
                    items[second] = value;
                    return Some(());
                }
            }
        }
        None
    }

    fn object(&mut self, shape: &Shape<'p>, random: &mut Random, depth: usize, extent: Extent) -> Option<Value> {
        let facts = &shape.object;
        let most = facts.most.unwrap_or(usize::MAX);
        if facts.least > self.options.max_bytes / 4 {
            return None;
        }
        let deep = depth > 5 || self.made > AMPLE;
        let chosen = self.choose_names(shape, extent, deep, random)?;
        let mut members: Map<String, Value> = Map::new();
        let root = self.place.len();
        let served = self.served_by_names(shape, &chosen);
        for (name, forced) in chosen {
            if members.len() >= most && !forced {
                continue;
            }
            let mut goal = shape.member_goal(name);
            for (_, _, value) in served.iter().filter(|(_, by, _)| *by == name) {
                add_literal(&mut goal, *value);
            }
            match self.member(root, name, &goal, random, depth) {
                Some(value) => {
                    members.insert(name.to_owned(), value);
                }
                None if forced => return None,
                None => {}
            }
        }
        for (at, extra) in facts.extras.iter().enumerate() {
            if served.iter().any(|(extra, _, _)| *extra == at) {
                continue;
            }
            let (name, value) = self.extra(shape, extra, &members, random, depth, root)?;
            members.insert(name, value);
        }
        let growing = extent == Extent::High && !deep && facts.extras.is_empty();
        let grown = if facts.fill {
            most.min(LONGEST_ARRAY)
        } else {
            usize::from(growing && self.invites_extras(shape)) + members.len()
        };
        let target = facts.least.max(grown.min(most));
        self.fill(shape, &mut members, target, random, depth, root);
        let dependent = facts
            .dependents
            .iter()
            .any(|(name, needs)| members.contains_key(*name) && !members.contains_key(*needs));
        let counted = members.len() >= facts.least && members.len() <= most;
        (counted && !dependent).then_some(Value::Object(members))
    }

    /// Extras that a member which must be there anyway can serve: (extra, name, what its value must be).
    fn served_by_names(&self, shape: &Shape<'p>, chosen: &[(&'p str, bool)]) -> Vec<(usize, &'p str, Literal)> {
        let mut served = Vec::new();
        for (at, extra) in shape.object.extras.iter().enumerate() {
            let Some(value) = extra.value else { continue };
            let forced = chosen.iter().filter(|(_, forced)| *forced).map(|(name, _)| *name);
            let mut fitting = forced.filter(|name| shape.extra_applies(&extra.name, name));
            if self.program.node(value.node).accepts_nothing() && value.holds {
                served.extend(fitting.map(|name| (at, name, value)));
            } else if !value.holds {
                served.extend(fitting.next().map(|name| (at, name, value)));
            }
        }
        served
    }

    /// A maximal instance has one member of each kind that the schema describes without naming it.
    fn invites_extras(&self, shape: &Shape<'p>) -> bool {
        let facts = &shape.object;
        !facts.patterns.is_empty()
            || facts
                .additional
                .iter()
                .any(|additional| additional.literal.holds && !self.program.node(additional.literal.node).accepts_all())
    }

    /// Names that the schema names, in its order, with those that it forces marked.
    fn choose_names(
        &mut self,
        shape: &Shape<'p>,
        extent: Extent,
        deep: bool,
        random: &mut Random,
    ) -> Option<Vec<(&'p str, bool)>> {
        let facts = &shape.object;
        let mut chosen: Vec<(&'p str, bool)> = Vec::new();
        let mut considered: HashSet<&'p str> = HashSet::new();
        for (name, _, _) in &facts.properties {
            if !considered.insert(name) {
                continue;
            }
            let forced = facts.required.contains(name);
            let optional = !deep
                && !facts.forbidden.contains(name)
                && match extent {
                    Extent::Low => false,
                    Extent::High => true,
                    Extent::Random => random.fork(name).fork_at(1).one_in(2),
                }
                && !shape
                    .member_goal(name)
                    .iter()
                    .any(|literal| literal.holds && self.program.height(literal.node) == u32::MAX);
            if forced || optional {
                chosen.push((name, forced));
            }
        }
        chosen.extend(
            facts
                .required
                .iter()
                .filter(|name| !considered.contains(**name))
                .map(|name| (*name, true)),
        );
        // What names bring with them; a name whose needs cannot be met goes.
        for _ in 0..=facts.dependents.len() {
            let lacking = facts.dependents.iter().find(|(name, needs)| {
                chosen.iter().any(|(known, _)| known == name) && !chosen.iter().any(|(known, _)| known == needs)
            });
            let Some((name, needs)) = lacking else { break };
            let forced = chosen.iter().any(|(known, forced)| known == name && *forced);
            let barred = facts.forbidden.contains(needs)
                || shape
                    .member_goal(needs)
                    .iter()
                    .any(|l| l.holds && self.program.height(l.node) == u32::MAX);
            match (barred, forced) {
                (true, true) => return None,
                (true, false) => chosen.retain(|(known, _)| known != name),
                (false, _) => chosen.push((needs, true)),
            }
        }
        // Forced ones first where the number is limited, else the schema's order.
        if facts.most.is_some_and(|most| chosen.len() > most) {
            chosen.sort_by_key(|(_, forced)| !forced);
        }
        Some(chosen)
    }

    fn member(&mut self, root: usize, name: &str, goal: &[Literal], random: &Random, depth: usize) -> Option<Value> {
        self.place.truncate(root);
        self.place.push('/');
        self.place.push_str(&crate::document::escaped(name));
        let value = self.value(goal, &random.fork(name), depth + 1);
        self.place.truncate(root);
        value
    }

    fn extra(
        &mut self,
        shape: &Shape<'p>,
        extra: &Extra<'p>,
        members: &Map<String, Value>,
        random: &Random,
        depth: usize,
        root: usize,
    ) -> Option<(String, Value)> {
        for attempt in 0..12 {
            let stream = random.fork_at(100 + attempt);
            let Some(name) = self.name(shape, &extra.name, attempt, &stream, depth) else {
                continue;
            };
            let fits = shape.extra_applies(&extra.name, &name);
            let breaks_names = matches!(extra.name, ExtraName::Literal(_));
            if !fits || members.contains_key(&name) || !self.may_be_named(shape, &name, breaks_names) {
                continue;
            }
            let mut goal = shape.member_goal(&name);
            if let Some(value) = extra.value {
                add_literal(&mut goal, value);
            }
            if let Some(value) = self.member(root, &name, &goal, random, depth) {
                if matches!(extra.name, ExtraName::Literal(literal) if literal.step.is_some())
                    && self.broken_at.is_some()
                {
                    self.broken_at = Some(self.place.clone());
                }
                return Some((name, value));
            }
        }
        None
    }

    fn may_be_named(&self, shape: &Shape<'p>, name: &str, breaks_names: bool) -> bool {
        !shape.object.forbidden.contains(&name)
            && (breaks_names
                || shape.object.names.iter().all(|literal| {
                    judge::holds(self.program, literal.node, &Value::String(name.to_owned())) == literal.holds
                }))
    }

    /// A candidate name.
    fn name(
        &mut self,
        shape: &Shape<'p>,
        kind: &ExtraName<'p>,
        attempt: u64,
        stream: &Random,
        depth: usize,
    ) -> Option<String> {
        let mut random = stream.clone();
        match kind {
            ExtraName::Literal(literal) => {
                let mut goal = vec![*literal];
                for name in &shape.object.names {
                    if name.node != literal.node {
                        add_literal(&mut goal, *name);
                    }
                }
                self.text(&goal, stream, depth)
            }
            ExtraName::Matching(pattern) => pattern.write(&mut random, attempt == 0, 1 + attempt as usize),
            _ if !shape.object.names.is_empty() && attempt > 0 => {
                let goal = shape.object.names.clone();
                self.text(&goal, stream, depth)
            }
            _ => Some(match attempt {
                0 => "extra".to_owned(),
                _ => format!("extra{}", random.below(10 * attempt as usize)),
            }),
        }
    }

    /// A string of the goal, for a name.
    fn text(&mut self, goal: &[Literal], stream: &Random, depth: usize) -> Option<String> {
        (0..4).find_map(|attempt| match self.value(goal, &stream.fork_at(attempt), depth + 1) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        })
    }

    /// Adds members until there are `target`, as far as the schema lets them be.
    fn fill(
        &mut self,
        shape: &Shape<'p>,
        members: &mut Map<String, Value>,
        target: usize,
        random: &Random,
        depth: usize,
        root: usize,
    ) {
        let facts = &shape.object;
        let mut misses = 0;
        let named: Vec<&str> = facts.properties.iter().map(|(name, _, _)| *name).collect();
        for name in named {
            if members.len() >= target {
                return;
            }
            let dependent = facts
                .dependents
                .iter()
                .any(|(known, needs)| *known == name && !members.contains_key(*needs));
            if members.contains_key(name) || facts.forbidden.contains(&name) || dependent {
                continue;
            }
            let goal = shape.member_goal(name);
            if let Some(value) = self.member(root, name, &goal, random, depth) {
                members.insert(name.to_owned(), value);
            }
        }
        let mut round = 0;
        while members.len() < target && misses < 24 {
            let stream = random.fork_at(1000 + round);
            let kind = match facts.patterns.get(round as usize % (facts.patterns.len() + 1)) {
                Some((pattern, _, _)) => ExtraName::Matching(pattern),
                None => ExtraName::Any,
            };
            round += 1;
            let name = self.name(shape, &kind, round, &stream, depth);
            let name = name.filter(|name| !members.contains_key(name) && self.may_be_named(shape, name, false));
            let goal = name.as_deref().map(|name| shape.member_goal(name)).unwrap_or_default();
            let barred = goal
                .iter()
                .any(|literal| literal.holds && self.program.node(literal.node).accepts_nothing());
            let value = match &name {
                Some(name) if !barred => self.member(root, name, &goal, random, depth),
                _ => None,
            };
            match (name, value) {
                (Some(name), Some(value)) => {
                    members.insert(name, value);
                }
                _ => misses += 1,
            }
        }
    }
}

fn pick<'v>(allowed: &[&'v Value], extent: Extent, attempt: u64, random: &mut Random) -> Option<&'v Value> {
    let index = match extent {
        Extent::Low => attempt as usize,
        Extent::High => (allowed.len().saturating_sub(1)).saturating_sub(attempt as usize),
        Extent::Random => random.below(allowed.len()),
    };
    allowed.get(index % allowed.len().max(1)).copied()
}
