//! The order of valid instances: a minimal and a maximal one, what between them has not been exercised, edges, then chance.

use std::borrow::Cow;

use serde_json::Value;

use super::{Given, purse};
use crate::coverage::Coverage;
use crate::draw::Draw;
use crate::focus::{Action, Focus};
use crate::random::Random;
use crate::rule::{NodeId, Rule};
use crate::shape::Extent;
use crate::{Generator, Valid};

/// Random draws without a new value after which a list ends.
const BARREN: usize = 40;

/// Boundaries in a row that give nothing new (small schemas have fewer) after which random values serve better.
const BARREN_EDGES: usize = 150;

/// The list that `Generator::valid` gives.
pub(crate) struct ValidOrder<'g> {
    generator: &'g Generator,
    random: Random,
    wanted: usize,
    given: Given,
    visited: Vec<bool>,
    found: Vec<Valid>,
    purse: u32,
}

impl<'g> ValidOrder<'g> {
    pub(crate) fn new(generator: &'g Generator, seed: u64, wanted: usize) -> Self {
        Self {
            generator,
            random: Random::new(seed),
            wanted,
            given: Given::default(),
            visited: vec![false; generator.program.nodes.len()],
            found: Vec::new(),
            purse: purse(wanted),
        }
    }

    pub(crate) fn run(mut self) -> Vec<Valid> {
        self.draw(None, Extent::Low, "minimal", 0);
        self.draw(None, Extent::High, "maximal", 0);
        self.examples();
        self.cover();
        self.branches();
        self.edges();
        self.at_random();
        self.found
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.wanted || self.purse == 0 || self.generator.is_late()
    }

    /// Draws, checks and keeps a value that is new. True where the draw gave a valid value, new or not.
    fn draw(&mut self, focus: Option<&Focus>, extent: Extent, note: impl Into<Cow<'static, str>>, salt: u64) -> bool {
        if self.is_full() {
            return true;
        }
        let note = note.into();
        for eager in [false, true] {
            let mut draw = Draw::new(
                &self.generator.program,
                &self.generator.options,
                focus,
                extent,
                self.purse,
            );
            draw.eager = eager;
            let instance = draw.instance(&self.random.fork_at(salt));
            self.purse -= draw.spent();
            if self.keep(instance, draw.visited, note.clone()) {
                return true;
            }
        }
        false
    }

    /// Checks a value, and keeps it where it is new; true where it is valid.
    fn keep(&mut self, instance: Option<Value>, visited: Vec<(NodeId, u32)>, note: Cow<'static, str>) -> bool {
        let Some(instance) = instance.filter(|instance| self.generator.usable(instance)) else {
            return false;
        };
        for (node, _) in visited {
            self.visited[node as usize] = true;
        }
        if self.given.is_new(&instance) {
            self.found.push(Valid { instance, note });
        }
        true
    }

    /// What the caller knows to make sense.
    fn examples(&mut self) {
        for example in &self.generator.options.examples {
            if !self.is_full() && self.generator.is_valid(example) {
                self.keep(Some(example.clone()), Vec::new(), "given".into());
            }
        }
    }

    /// Instances that each exercise as much as they can of what nothing has.
    fn cover(&mut self) {
        let generator = self.generator;
        for round in 0.. {
            if self.is_full() {
                return;
            }
            let Some(coverage) = Coverage::new(&generator.program, &generator.ways.order, &self.visited) else {
                return;
            };
            let before = self.visited.iter().filter(|visited| **visited).count();
            let mut draw = Draw::new(&generator.program, &generator.options, None, Extent::Low, self.purse);
            draw.coverage = Some(&coverage);
            let instance = draw.instance(&self.random.fork_at(10 + round));
            self.purse -= draw.spent();
            self.keep(instance, draw.visited, "exercises what is new".into());
            if self.visited.iter().filter(|visited| **visited).count() == before {
                return;
            }
        }
    }

    /// Each subschema that nothing has exercised yet: branches, optional properties, elements.
    fn branches(&mut self) {
        let generator = self.generator;
        for (at, &node) in generator.ways.order.iter().enumerate() {
            if self.is_full() {
                return;
            }
            if self.visited[node as usize] || generator.program.height(node) == u32::MAX {
                continue;
            }
            let focus = generator.ways.to(node, Action::Visit);
            let note = format!("exercises {}", place(generator, node));
            let salt = 10 + at as u64;
            if !self.draw(Some(&focus), Extent::Low, note.clone(), salt) {
                self.draw(Some(&focus), Extent::Random, note, salt);
            }
        }
    }

    /// Each bound exactly, each member of an enumeration, each type of a list.
    fn edges(&mut self) {
        let generator = self.generator;
        let mut barren = 0;
        for &node in &generator.ways.order {
            for (rule, entry) in generator.program.node(node).rules.iter().enumerate() {
                let variants = match &entry.rule {
                    Rule::Lower { .. }
                    | Rule::Upper { .. }
                    | Rule::MinLength(_)
                    | Rule::MaxLength(_)
                    | Rule::MinItems(_)
                    | Rule::MaxItems(_)
                    | Rule::MaxContains { .. }
                    | Rule::MinProperties(_)
                    | Rule::MaxProperties(_)
                    | Rule::DependentRequired { .. } => 1,
                    Rule::Enum(values) if values.len() > 1 => values.len(),
                    Rule::Type(types) if types.0.count_ones() > 1 => types.0.count_ones() as usize,
                    _ => 0,
                };
                for variant in 0..variants {
                    // Half of the purse stays for random values.
                    if self.is_full() || barren > BARREN_EDGES || self.purse < purse(self.wanted) / 2 {
                        return;
                    }
                    let before = self.found.len();
                    let focus = generator.ways.to(node, Action::Edge { rule, variant });
                    let what = if variants > 1 { "member of" } else { "boundary of" };
                    let note = format!("{what} {}/{}", place(generator, node), entry.keyword);
                    self.draw(Some(&focus), Extent::Low, note, 5_000);
                    barren = if self.found.len() > before { 0 } else { barren + 1 };
                }
            }
        }
    }

    fn at_random(&mut self) {
        let (mut salt, mut barren) = (100_000, 0);
        while !self.is_full() && barren < BARREN {
            let before = self.found.len();
            self.draw(None, Extent::Random, "random", salt);
            barren = if self.found.len() > before { 0 } else { barren + 1 };
            salt += 1;
        }
    }
}

fn place(generator: &Generator, node: NodeId) -> &str {
    generator
        .program
        .node(node)
        .pointer
        .as_deref()
        .unwrap_or("an implied branch")
}
