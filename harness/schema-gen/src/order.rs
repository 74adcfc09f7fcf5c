//! In which order instances come, so that few of them exercise most of a schema.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::draw::Draw;
use crate::faults::Assertion;
use crate::focus::{Action, Focus};
use crate::random::Random;
use crate::rule::{NodeId, Rule};
use crate::shape::Extent;
use crate::{Broken, Generator, Valid};

/// Decisions and values that the draws of one list may take together, and what each value wanted adds.
const PURSE: u32 = 60_000;
const PURSE_EACH: usize = 500;

fn purse(wanted: usize) -> u32 {
    PURSE.saturating_add(u32::try_from(wanted.saturating_mul(PURSE_EACH)).unwrap_or(u32::MAX))
}

/// Random draws without a new value after which a list ends.
const BARREN: usize = 40;

/// Boundaries in a row that give nothing new (small schemas have fewer) after which random values serve better.
const BARREN_EDGES: usize = 150;

/// Values given out so far, in a form that equal values share.
#[derive(Default)]
struct Given(HashSet<String>);

impl Given {
    fn is_new(&mut self, value: &Value) -> bool {
        self.0.insert(value.to_string())
    }
}

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
        self.branches();
        self.edges();
        self.at_random();
        self.found
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.wanted || self.purse == 0
    }

    /// Draws, checks and keeps a value that is new. True where the draw gave a valid value, new or not.
    fn draw(&mut self, focus: Option<&Focus>, extent: Extent, note: impl Into<Cow<'static, str>>, salt: u64) -> bool {
        if self.is_full() {
            return true;
        }
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
            let Some(instance) = instance else { continue };
            if !self.generator.usable(&instance) {
                continue;
            }
            for node in draw.visited {
                self.visited[node as usize] = true;
            }
            if self.given.is_new(&instance) {
                self.found.push(Valid {
                    instance,
                    note: note.into(),
                });
            }
            return true;
        }
        false
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

/// The list that `Generator::invalid` gives.
pub(crate) struct InvalidOrder<'g> {
    generator: &'g Generator,
    random: Random,
    wanted: usize,
    given: Given,
    found: Vec<Broken>,
    /// A valid instance for faults whose own control could not be drawn.
    fallback: Option<Option<Value>>,
    purse: u32,
}

impl<'g> InvalidOrder<'g> {
    pub(crate) fn new(generator: &'g Generator, seed: u64, wanted: usize) -> Self {
        Self {
            generator,
            random: Random::new(seed),
            wanted,
            given: Given::default(),
            found: Vec::new(),
            fallback: None,
            purse: purse(wanted),
        }
    }

    pub(crate) fn run(mut self) -> Vec<Broken> {
        let assertions = &self.generator.assertions;
        let widest = assertions.iter().map(|assertion| assertion.variants).max().unwrap_or(0);
        // A fault inside a branch breaks the keyword that holds the branch with it: these keywords come after.
        let (wrapping, plain): (Vec<usize>, Vec<usize>) =
            (0..assertions.len()).partition(|index| self.wraps(&assertions[*index]));
        for variant in 0..widest {
            for &index in plain.iter().chain(&wrapping) {
                if variant < assertions[index].variants {
                    if self.is_full() {
                        return self.found;
                    }
                    self.break_one(index, variant, Extent::Low, 0);
                }
            }
        }
        let (mut round, mut barren) = (1, 0);
        while !self.is_full() && barren < 3 {
            let before = self.found.len();
            for (index, assertion) in assertions.iter().enumerate() {
                if self.is_full() {
                    break;
                }
                let variant = round % (assertion.variants * 2).max(7);
                self.break_one(index, variant, Extent::Random, round as u64);
            }
            barren = if self.found.len() > before { 0 } else { barren + 1 };
            round += 1;
        }
        self.found
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.wanted || self.purse == 0
    }

    fn wraps(&self, assertion: &Assertion) -> bool {
        let rule = &self.generator.program.node(assertion.node).rules[assertion.rule].rule;
        matches!(
            rule,
            Rule::AnyOf(_) | Rule::OneOf(_) | Rule::If { .. } | Rule::Contains { .. }
        )
    }

    fn break_one(&mut self, index: usize, variant: usize, extent: Extent, salt: u64) {
        let generator = self.generator;
        let assertion = &generator.assertions[index];
        let action = Action::Break {
            rule: assertion.rule,
            variant,
        };
        let focus = generator.ways.to(assertion.node, action);
        let random = self.random.fork_at(salt);
        let extents: &[Extent] = if extent == Extent::Random {
            &[Extent::Random]
        } else {
            &[extent, Extent::Random, Extent::Random]
        };
        for (attempt, extent) in extents.iter().enumerate() {
            for eager in [false, true] {
                let random = if attempt == 0 {
                    random.clone()
                } else {
                    random.fork_at(attempt as u64)
                };
                let mut draw = Draw::new(
                    &generator.program,
                    &generator.options,
                    Some(&focus),
                    *extent,
                    self.purse,
                );
                draw.eager = eager;
                let instance = draw.instance(&random);
                self.purse -= draw.spent();
                let Some(instance) = instance else { continue };
                if draw.broken_at.is_none() || !generator.fits(&instance) || !generator.breaks(&instance, index) {
                    generator.count_dropped();
                    continue;
                }
                let place = draw.broken_at.take().unwrap_or_default();
                if self.given.is_new(&instance) {
                    let base = self.control(&focus, *extent, eager, &random);
                    let base = base.unwrap_or_else(|| instance.clone());
                    self.found.push(broken(instance, assertion, place, base));
                }
                return;
            }
        }
    }

    /// The valid instance that differs as little as possible: the same draw without the fault.
    fn control(&mut self, focus: &Focus, extent: Extent, eager: bool, random: &Random) -> Option<Value> {
        let generator = self.generator;
        let visit = Focus {
            action: Action::Visit,
            ..focus.clone()
        };
        let mut draw = Draw::new(&generator.program, &generator.options, Some(&visit), extent, self.purse);
        draw.eager = eager;
        let instance = draw.instance(random);
        self.purse -= draw.spent();
        if let Some(instance) = instance.filter(|instance| generator.usable(instance)) {
            return Some(instance);
        }
        self.fallback
            .get_or_insert_with(|| generator.valid(0, 1).into_iter().next().map(|valid| valid.instance))
            .clone()
    }
}

fn broken(instance: Value, assertion: &Assertion, mut place: String, base: Value) -> Broken {
    let of_parent = matches!(
        assertion.keyword,
        "additionalProperties" | "additionalItems" | "unevaluatedProperties" | "unevaluatedItems"
    );
    if of_parent && assertion.pointer.ends_with(assertion.keyword) {
        // The keyword judges the object or array that holds the member too many.
        place.truncate(place.rfind('/').unwrap_or(0));
    }
    Broken {
        instance,
        keyword: assertion.keyword.to_owned(),
        instance_pointer: place,
        schema_pointer: assertion.pointer.clone(),
        base,
    }
}
