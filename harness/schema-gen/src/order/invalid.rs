//! The order of broken instances: each assertion once, then in its other ways, then by chance.

use serde_json::Value;

use super::bases::{Bases, Uses};
use super::{Given, purse};
use crate::draw::Draw;
use crate::faults::{self, Assertion};
use crate::focus::{Action, Focus};
use crate::random::Random;
use crate::rule::Rule;
use crate::shape::Extent;
use crate::{Broken, Generator};

/// The list that `Generator::invalid` gives.
pub(crate) struct InvalidOrder<'g> {
    generator: &'g Generator,
    random: Random,
    wanted: usize,
    given: Given,
    found: Vec<Broken>,
    bases: Bases<'g>,
    /// Assertions that some instance found breaks by themselves.
    told: Vec<bool>,
    /// Assertions that cannot be broken by themselves, as far as looked at.
    implied: Vec<Option<bool>>,
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
            bases: Bases::new(generator, &Random::new(seed)),
            told: vec![false; generator.assertions.len()],
            implied: vec![None; generator.assertions.len()],
            purse: purse(wanted),
        }
    }

    pub(crate) fn run(mut self) -> Vec<Broken> {
        let assertions = &self.generator.assertions;
        let ranked = self.ranked();
        let (first, further): (Vec<usize>, Vec<usize>) = ranked.iter().partition(|index| assertions[**index].turn == 0);
        self.break_each(&first);
        self.break_references(Uses::Recursive);
        self.break_each(&further);
        self.break_references(Uses::All);
        // What no edit breaks may still break where an instance is steered there; half of the purse stays for what comes after.
        let reserve = self.purse / 2;
        for index in ranked {
            if self.is_full() {
                return self.found;
            }
            if !self.told[index] && self.purse > reserve {
                self.steer(index);
            }
        }
        let widest = assertions.iter().map(|assertion| assertion.variants).max().unwrap_or(0);
        for variant in 1..widest {
            for (index, assertion) in assertions.iter().enumerate() {
                if variant < assertion.variants {
                    if self.is_full() {
                        return self.found;
                    }
                    self.edit(index, variant, Extent::Low, 0);
                }
            }
        }
        let (mut round, mut barren) = (1, 0);
        while !self.is_full() && barren < 3 {
            let before = self.found.len();
            self.bases.vary(1_000 + round as u64, &mut self.purse);
            for (index, assertion) in assertions.iter().enumerate() {
                if self.is_full() {
                    break;
                }
                let variant = round % (assertion.variants * 2).max(7);
                self.edit(index, variant, Extent::Random, round as u64);
            }
            barren = if self.found.len() > before { 0 } else { barren + 1 };
            round += 1;
        }
        self.found
    }

    fn break_each(&mut self, indices: &[usize]) {
        for &index in indices {
            if self.is_full() {
                return;
            }
            if !self.told[index] {
                self.edit(index, 0, Extent::Low, 0);
            }
        }
    }

    /// Assertions in the order in which they are broken: one of each keyword, then the next of each. Among them first those inside a
    /// branch, since what breaks one of several branches tells of the others and of the keyword that holds them; last the keywords
    /// that are then told already.
    fn ranked(&self) -> Vec<usize> {
        let assertions = &self.generator.assertions;
        let rank = |index: &usize| {
            let assertion = &assertions[*index];
            if self.wraps(assertion) {
                2
            } else if self
                .generator
                .ways
                .is_in_branch(&self.generator.program, assertion.node)
            {
                0
            } else {
                1
            }
        };
        let mut ranked: Vec<usize> = (0..assertions.len()).collect();
        ranked.sort_by_key(|index| (assertions[*index].turn, rank(index)));
        ranked
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.wanted || self.purse == 0 || self.generator.is_late()
    }

    fn wraps(&self, assertion: &Assertion) -> bool {
        let rule = &self.generator.program.node(assertion.node).rules[assertion.rule].rule;
        matches!(
            rule,
            Rule::AnyOf(_) | Rule::OneOf(_) | Rule::If { .. } | Rule::Contains { .. }
        )
    }

    /// What several references share is broken once by way of each: a check may have been left out at one of them.
    fn break_references(&mut self, uses: Uses) {
        let generator = self.generator;
        for &node in &generator.ways.order {
            for entry in &generator.program.node(node).rules {
                let Rule::Reference(target) = entry.rule else { continue };
                let of_target = generator.assertions.iter().enumerate();
                let mut of_target = of_target.filter(|(_, assertion)| assertion.node == target);
                let Some((index, assertion)) = of_target.find(|(index, _)| !self.is_implied(*index)) else {
                    continue;
                };
                if self.is_full() {
                    return;
                }
                let random = self.random.fork_at(u64::from(node));
                let edited = self
                    .bases
                    .edited_through(node, assertion, uses, &random, &mut self.purse);
                if let Some(edited) = edited {
                    self.keep(index, edited.instance, edited.place, |_| Some(edited.base));
                }
            }
        }
    }

    fn is_implied(&mut self, index: usize) -> bool {
        let generator = self.generator;
        *self.implied[index].get_or_insert_with(|| {
            faults::is_implied(&generator.program, &generator.ways, &generator.assertions[index])
        })
    }

    /// Breaks an assertion by an edit of a valid instance.
    fn edit(&mut self, index: usize, variant: usize, extent: Extent, salt: u64) {
        if self.is_implied(index) {
            return;
        }
        let assertion = &self.generator.assertions[index];
        let random = self.random.fork_at(salt);
        let edited = self.bases.edited(assertion, variant, extent, &random, &mut self.purse);
        if let Some(edited) = edited {
            self.keep(index, edited.instance, edited.place, |_| Some(edited.base));
        }
    }

    /// Breaks an assertion in an instance that is steered there from the root.
    fn steer(&mut self, index: usize) {
        if self.is_implied(index) {
            return;
        }
        let generator = self.generator;
        let assertion = &generator.assertions[index];
        for (attempt, (extent, eager)) in [(Extent::Low, false), (Extent::Low, true), (Extent::Random, true)]
            .into_iter()
            .enumerate()
        {
            let action = Action::Break {
                rule: assertion.rule,
                variant: attempt,
            };
            let focus = generator.ways.to(assertion.node, action);
            let random = self.random.fork_at(attempt as u64);
            let mut draw = Draw::new(&generator.program, &generator.options, Some(&focus), extent, self.purse);
            draw.eager = eager;
            let instance = draw.instance(&random);
            self.purse -= draw.spent();
            if let (Some(instance), Some(place)) = (instance, draw.broken_at.take()) {
                let control = |order: &mut Self| order.control(&focus, extent, eager, &random);
                if self.keep(index, instance, place, control) {
                    return;
                }
            }
        }
    }

    /// Judges an instance; true where it breaks the assertion alone. It is kept where it is new.
    fn keep(
        &mut self,
        index: usize,
        instance: Value,
        place: String,
        base: impl FnOnce(&mut Self) -> Option<Value>,
    ) -> bool {
        let generator = self.generator;
        if !generator.fits(&instance) {
            return false;
        }
        let Some(told) = generator.broken_with(&instance, index) else {
            return false;
        };
        for index in told {
            self.told[index as usize] = true;
        }
        if self.given.is_new(&instance) {
            let base = base(self).unwrap_or_else(|| instance.clone());
            self.found
                .push(broken(instance, &generator.assertions[index], place, base));
        }
        true
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
        instance
            .filter(|instance| generator.usable(instance))
            .or_else(|| self.bases.any(&mut self.purse))
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
