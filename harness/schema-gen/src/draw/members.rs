//! Writing objects: which names, in the schema's order, and members whose names must still be found.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::{Draw, LONGEST, NOWHERE};
use crate::judge;
use crate::objects::{Extra, ExtraName};
use crate::random::Random;
use crate::shape::{Extent, Literal, Shape, add_literal};

impl<'p> Draw<'p> {
    pub(super) fn object(
        &mut self,
        shape: &Shape<'p>,
        random: &mut Random,
        depth: usize,
        extent: Extent,
    ) -> Option<Value> {
        let facts = &shape.object;
        let most = facts.most.unwrap_or(usize::MAX);
        if facts.least > self.options.max_bytes / 4 {
            return None;
        }
        let deep = self.is_deep(depth);
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
        if self.coverage.is_some() {
            self.exercise(shape, &mut members, random, depth, root);
        }
        let growing = extent == Extent::High && !deep && facts.extras.is_empty();
        let grown = if facts.fill {
            most.min(LONGEST)
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
        if !members.is_empty() {
            // Each name is one more value that they judge.
            self.visited
                .extend(facts.names.iter().map(|names| (names.node, NOWHERE)));
        }
        (counted && !dependent).then_some(Value::Object(members))
    }

    /// Adds a member of each kind that the schema describes without naming it and that nothing has exercised.
    fn exercise(
        &mut self,
        shape: &Shape<'p>,
        members: &mut Map<String, Value>,
        random: &Random,
        depth: usize,
        root: usize,
    ) {
        let facts = &shape.object;
        let patterns = facts
            .patterns
            .iter()
            .map(|(pattern, literal, _)| (ExtraName::Matching(pattern), literal));
        let additional = facts.additional.iter().map(|additional| {
            let name = ExtraName::Beyond(additional.known, additional.patterns);
            (name, &additional.literal)
        });
        let unevaluated = facts
            .unevaluated
            .iter()
            .map(|(literal, origin)| (ExtraName::Unevaluated(*origin), literal));
        for (name, literal) in patterns.chain(additional).chain(unevaluated) {
            if facts.most.is_some_and(|most| members.len() >= most) || !literal.holds || !self.wants(literal.node) {
                continue;
            }
            let extra = Extra { name, value: None };
            if let Some((name, value)) = self.extra(shape, &extra, members, random, depth, root) {
                members.insert(name, value);
            }
        }
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
        let mut considered: FxHashSet<&'p str> = FxHashSet::default();
        for (name, _, _) in &facts.properties {
            if !facts.is_listed_once() && !considered.insert(name) {
                continue;
            }
            let forced = facts.required.contains(name);
            let optional = !deep
                && !facts.forbidden.contains(name)
                && match extent {
                    Extent::Low if self.coverage.is_some() => {
                        let mut goal = shape.member_goal(name).into_iter();
                        goal.any(|literal| literal.holds && self.wants(literal.node))
                    }
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
                .filter(|name| facts.named(name).next().is_none())
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
        // A name is no place of the instance that could be drawn again.
        let places = self.places.take();
        let text = (0..4).find_map(|attempt| match self.value(goal, &stream.fork_at(attempt), depth + 1) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        });
        self.places = places;
        text
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
