//! Drawing one instance: solves the goal of each place and writes a value of the shape found, from the root down.

mod elements;
mod members;

use serde_json::Value;

use crate::coverage::Coverage;
use crate::focus::Focus;
use crate::judge;
use crate::options::Options;
use crate::random::Random;
use crate::rule::{NodeId, Program, Types, equal};
use crate::shape::{Extent, Literal, Policy, Shape};
use crate::solve::solve;

/// Decisions and values that one draw may take before it is given up.
const FUEL: u32 = 5_000;
/// Values after which an instance is only completed, not enlarged.
const AMPLE: usize = 250;
/// Elements or members that a container at its upper bound is really filled to.
const LONGEST: usize = 2_000;
const TRIES: u64 = 6;
/// The place of what is not kept, or is no place by itself.
pub(crate) const NOWHERE: u32 = u32::MAX;

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
    /// What the draw should exercise.
    pub(crate) coverage: Option<&'p Coverage>,
    /// Subschemas that the value satisfies by construction, and where (by number of `places`).
    pub(crate) visited: Vec<(NodeId, u32)>,
    /// The places of the instance, where they are to be kept.
    pub(crate) places: Option<Vec<Place>>,
}

/// One value of an instance: what it had to be, so that it can be drawn again by itself.
#[derive(Debug)]
pub(crate) struct Place {
    /// JSON Pointer into the instance.
    pub(crate) pointer: String,
    pub(crate) depth: usize,
    pub(crate) goal: Vec<Literal>,
    /// What the goal was unfolded into, each with what it stems from.
    pub(crate) literals: Vec<(Literal, usize)>,
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
            coverage: None,
            visited: Vec::new(),
            places: None,
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

    /// The value of one place of an instance, drawn again by itself.
    pub(crate) fn again(&mut self, pointer: &str, goal: &[Literal], random: &Random, depth: usize) -> Option<Value> {
        self.place.push_str(pointer);
        self.value(goal, random, depth)
    }

    /// Whether an instance should end soon.
    fn is_deep(&self, depth: usize) -> bool {
        match self.coverage {
            Some(_) => depth + 8 > self.options.max_depth,
            None => depth > 5 || self.made > AMPLE,
        }
    }

    fn wants(&self, node: NodeId) -> bool {
        self.coverage.is_some_and(|coverage| coverage.wants(self.program, node))
    }

    fn value(&mut self, goal: &[Literal], random: &Random, depth: usize) -> Option<Value> {
        // On the way to a fault the rules that ask for depth may be the ones that are broken.
        let needed = |literal: &Literal| self.program.height(literal.node) as usize;
        let sound = goal.iter().filter(|literal| literal.holds && literal.step.is_none());
        let deepest = depth.saturating_add(sound.map(needed).max().unwrap_or(0));
        if deepest > self.options.max_depth {
            return None;
        }
        self.made += 1;
        let (visited, broken) = (self.visited.len(), self.broken_at.clone());
        let places = self.places.as_ref().map_or(0, Vec::len);
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
                deep: self.is_deep(depth),
                coverage: self.coverage,
            };
            let shape = solve(goal, &policy, &mut stream, &mut self.fuel)?;
            if let Some(coverage) = self.coverage {
                let holding = shape.literals.iter().filter(|(literal, _)| literal.holds);
                coverage.begin(holding.map(|(literal, _)| literal.node));
            }
            if let Some(value) = self.write(&shape, &mut stream, depth, attempt)
                && self.agrees(goal, &shape, &value)
            {
                let place = self.places.as_ref().map_or(NOWHERE, |places| places.len() as u32);
                let holding = shape.literals.iter().filter(|(literal, _)| literal.holds);
                self.visited.extend(holding.map(|(literal, _)| (literal.node, place)));
                if let Some(places) = &mut self.places {
                    places.push(Place {
                        pointer: self.place.clone(),
                        depth,
                        goal: goal.to_vec(),
                        literals: shape.literals,
                    });
                }
                if shape.broken {
                    self.broken_at = Some(self.place.clone());
                }
                return Some(value);
            }
            self.visited.truncate(visited);
            if let Some(known) = &mut self.places {
                known.truncate(places);
            }
            self.broken_at.clone_from(&broken);
        }
        None
    }

    /// Where something was left to chance, looks whether it came out right. The way to a fault is not looked at: it is
    /// meant to fail.
    fn agrees(&self, goal: &[Literal], shape: &Shape<'p>, value: &Value) -> bool {
        let certain = shape.is_certain();
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
                Types::STRING => self.near_text(shape).or_else(|| {
                    let edge = shape.extent.is_some();
                    let text = shape.string.write(extent, &shape.denied, random, self.options, edge);
                    text.map(Value::String)
                }),
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

    fn near_text(&self, shape: &Shape<'p>) -> Option<Value> {
        let mut texts = shape.near?.texts().into_iter().map(Value::String);
        texts.find(|text| shape.admits(text))
    }

    fn plain(&self, shape: &Shape<'p>, value: Value) -> Option<Value> {
        (!shape.denied.iter().any(|denied| equal(denied, &value))).then_some(value)
    }

    /// Prefers the types that the schema speaks about.
    fn choose_type(&self, shape: &Shape<'p>, left: Types, extent: Extent, depth: usize, random: &mut Random) -> Types {
        if let Some(chosen) = shape.near.and_then(|near| near.choose(left)) {
            return chosen;
        }
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
        if spoken == Types::NONE && left == Types::ALL && (depth > 2 || self.made > AMPLE || self.coverage.is_some()) {
            // Anything goes: a scalar says as much as a tree.
            candidates = left.without(Types::ARRAY.or(Types::OBJECT));
        }
        let each: Vec<Types> = Types::EACH.into_iter().filter(|each| candidates.has(*each)).collect();
        match extent {
            Extent::Random => each[random.below(each.len())],
            _ => each.first().copied().unwrap_or(Types::NULL),
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
