//! Valid instances to break: a fault is a small edit of one, so that instance and control differ there alone.

use std::rc::Rc;

use serde_json::Value;

use crate::Generator;
use crate::coverage::Coverage;
use crate::draw::{Draw, NOWHERE, Place};
use crate::faults::Assertion;
use crate::focus::{Action, Focus, Step, any_child};
use crate::random::Random;
use crate::rule::{NodeId, Program, Rule};
use crate::shape::{Extent, Literal};

/// Instances that are drawn to be broken, at most; what none of them exercises is steered to by itself.
const MOST: u64 = 24;
/// Places of one subschema that are told apart.
const SITES: usize = 3;

/// Where an instance satisfies a subschema.
#[derive(Debug, Clone)]
struct Site {
    base: Rc<Base>,
    place: usize,
}

#[derive(Debug)]
struct Base {
    instance: Value,
    places: Vec<Place>,
}

/// Instances and where each subschema is satisfied in one of them.
pub(super) struct Bases<'g> {
    generator: &'g Generator,
    random: Random,
    visited: Vec<bool>,
    /// The first few of each.
    sites: Vec<Vec<Site>>,
    /// Instances drawn so far; `None` once no more would be of use.
    drawn: Option<u64>,
}

/// Which uses of a definition are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uses {
    /// Those inside a value that the definition judges already.
    Recursive,
    All,
}

/// An instance with a fault in it, not yet judged.
pub(super) struct Edited {
    pub(super) instance: Value,
    /// JSON Pointer of the value that was changed.
    pub(super) place: String,
    pub(super) base: Value,
}

impl<'g> Bases<'g> {
    pub(super) fn new(generator: &'g Generator, random: &Random) -> Self {
        let nodes = generator.program.nodes.len();
        Self {
            generator,
            random: random.fork("bases"),
            visited: vec![false; nodes],
            sites: vec![Vec::new(); nodes],
            drawn: Some(0),
        }
    }

    /// The first instance, where there is one.
    pub(super) fn any(&mut self, purse: &mut u32) -> Option<Value> {
        self.site(0, 0, purse).map(|site| site.base.instance.clone())
    }

    /// Draws one at random, whose places are preferred from then on.
    pub(super) fn vary(&mut self, salt: u64, purse: &mut u32) {
        let mut draw = Draw::new(
            &self.generator.program,
            &self.generator.options,
            None,
            Extent::Random,
            *purse,
        );
        draw.places = Some(Vec::new());
        let instance = draw.instance(&self.random.fork_at(salt));
        *purse -= draw.spent();
        self.keep(instance, draw.visited, draw.places.unwrap_or_default(), true);
    }

    /// Where a subschema is satisfied, drawing further instances until one does; where it is in several places they take turns, so
    /// that not all its faults stand at the same use of it.
    fn site(&mut self, node: NodeId, turn: usize, purse: &mut u32) -> Option<Site> {
        while self.sites[node as usize].is_empty() {
            self.another(purse)?;
        }
        let sites = &self.sites[node as usize];
        sites.get(turn % sites.len()).cloned()
    }

    /// One more instance, which exercises what none did.
    fn another(&mut self, purse: &mut u32) -> Option<()> {
        let round = self.drawn.filter(|round| *round < MOST && *purse > 0)?;
        let program = &self.generator.program;
        let coverage = match round {
            0 => None,
            _ => Coverage::new(program, &self.generator.ways.order, &self.visited),
        };
        if round > 0 && coverage.is_none() {
            self.drawn = None;
            return None;
        }
        let mut draw = Draw::new(program, &self.generator.options, None, Extent::Low, *purse);
        draw.coverage = coverage.as_ref();
        draw.places = Some(Vec::new());
        let instance = draw.instance(&self.random.fork_at(round));
        *purse -= draw.spent();
        let (visited, places) = (draw.visited, draw.places.unwrap_or_default());
        let news = self.keep(instance, visited, places, false);
        self.drawn = (news || round == 0).then_some(round + 1);
        Some(())
    }

    /// Notes where a valid instance satisfies what; true where something is new.
    fn keep(&mut self, instance: Option<Value>, visited: Vec<(NodeId, u32)>, places: Vec<Place>, prefer: bool) -> bool {
        let Some(instance) = instance.filter(|instance| self.generator.usable(instance)) else {
            return false;
        };
        let base = Rc::new(Base { instance, places });
        let mut news = false;
        for (node, place) in visited {
            news |= !std::mem::replace(&mut self.visited[node as usize], true);
            let sites = &mut self.sites[node as usize];
            if prefer {
                sites.retain(|site| Rc::ptr_eq(&site.base, &base));
            }
            if place != NOWHERE && sites.len() < SITES {
                sites.push(Site {
                    base: Rc::clone(&base),
                    place: place as usize,
                });
            }
        }
        news
    }

    /// An instance with the assertion broken where it judges one of the bases.
    pub(super) fn edited(
        &mut self,
        assertion: &Assertion,
        variant: usize,
        extent: Extent,
        random: &Random,
        purse: &mut u32,
    ) -> Option<Edited> {
        let program = &self.generator.program;
        let rule = &program.node(assertion.node).rules[assertion.rule].rule;
        if matches!(rule, Rule::Nothing) {
            return self.with_something(assertion.node, variant, random, purse);
        }
        let site = self.site(assertion.node, assertion.turn, purse)?;
        self.edited_at(&site, assertion, variant, extent, random, purse)
    }

    /// An instance with the assertion broken where it judges by way of one reference, if not broken there anyway.
    pub(super) fn edited_through(
        &mut self,
        reference: NodeId,
        assertion: &Assertion,
        uses: Uses,
        random: &Random,
        purse: &mut u32,
    ) -> Option<Edited> {
        let site = self.site(reference, 0, purse)?;
        let usual = self.site(assertion.node, assertion.turn, purse)?;
        if Rc::ptr_eq(&site.base, &usual.base) && site.place == usual.place {
            return None;
        }
        let pointer = |site: &Site| site.base.places[site.place].pointer.clone();
        let inner = pointer(&site);
        let mut known = self.sites[assertion.node as usize].iter();
        let nested = known.any(|outer| {
            let outer = pointer(outer);
            inner.len() > outer.len() && inner.starts_with(&outer)
        });
        if uses == Uses::Recursive && !nested {
            return None;
        }
        self.edited_at(&site, assertion, 0, Extent::Low, random, purse)
    }

    fn edited_at(
        &self,
        site: &Site,
        assertion: &Assertion,
        variant: usize,
        extent: Extent,
        random: &Random,
        purse: &mut u32,
    ) -> Option<Edited> {
        let program = &self.generator.program;
        let rule = &program.node(assertion.node).rules[assertion.rule].rule;
        let place = &site.base.places[site.place];
        let mut instance = site.base.instance.clone();
        let target = instance.pointer_mut(&place.pointer)?;
        if let (Rule::Required(name), Value::Object(members)) = (rule, &mut *target) {
            members.shift_remove(name)?;
        } else {
            let action = Action::Break {
                rule: assertion.rule,
                variant: assertion.turn + variant,
            };
            let (goal, way) = way_within(program, place, assertion.node)?;
            let focus = Focus {
                way,
                node: assertion.node,
                action,
            };
            let mut draw = Draw::new(program, &self.generator.options, Some(&focus), extent, *purse);
            draw.eager = true;
            let value = draw.again(&place.pointer, &goal, random, place.depth);
            *purse -= draw.spent();
            *target = value?;
        }
        Some(Edited {
            instance,
            place: place.pointer.clone(),
            base: site.base.instance.clone(),
        })
    }

    /// An instance with a member or element where the schema `false` lets there be none.
    fn with_something(&mut self, node: NodeId, variant: usize, random: &Random, purse: &mut u32) -> Option<Edited> {
        let step = self.generator.ways.from[node as usize]?;
        let site = self.site(step.node, node as usize, purse)?;
        let place = &site.base.places[site.place];
        let mut instance = site.base.instance.clone();
        let mut pointer = place.pointer.clone();
        let something = || match variant % 3 {
            0 => Value::from("a"),
            1 => Value::from(0),
            _ => Value::Bool(true),
        };
        let mut insert = |target: &mut Value, name: &str| {
            pointer = format!("{pointer}/{}", crate::document::escaped(name));
            let members = target.as_object_mut()?;
            members.insert(name.to_owned(), something()).is_none().then_some(())
        };
        let target = instance.pointer_mut(&place.pointer)?;
        match &self.generator.program.node(step.node).rules[step.rule].rule {
            Rule::Properties(nodes) => insert(target, &nodes.get(step.child)?.0)?,
            Rule::PatternProperties(nodes) => {
                let name = nodes.get(step.child)?.0.write(&mut random.clone(), true, 1)?;
                insert(target, &name)?;
            }
            Rule::AdditionalProperties { .. } | Rule::UnevaluatedProperties(_) => {
                let name = match variant {
                    0 => "extra".to_owned(),
                    _ => format!("extra{variant}"),
                };
                insert(target, &name)?;
            }
            Rule::Items { .. } | Rule::UnevaluatedItems(_) => {
                let items = target.as_array_mut()?;
                pointer = format!("{pointer}/{}", items.len());
                items.push(something());
            }
            _ => return None,
        }
        Some(Edited {
            instance,
            place: pointer,
            base: site.base.instance.clone(),
        })
    }
}

/// What a place had to be, with the literal marked that the node was unfolded from, and the way from there to the node.
fn way_within(program: &Program, place: &Place, node: NodeId) -> Option<(Vec<Literal>, Vec<Step>)> {
    let mut at = place
        .literals
        .iter()
        .position(|(literal, _)| literal.node == node && literal.holds)?;
    let mut way = Vec::new();
    loop {
        let (literal, parent) = place.literals[at];
        if parent == at {
            let mut goal = place.goal.clone();
            let marked = goal
                .iter_mut()
                .find(|known| known.node == literal.node && known.holds)?;
            marked.step = Some(0);
            way.reverse();
            return Some((goal, way));
        }
        let above = place.literals[parent].0.node;
        way.push(step_between(program, above, literal.node)?);
        at = parent;
    }
}

fn step_between(program: &Program, above: NodeId, below: NodeId) -> Option<Step> {
    program.node(above).rules.iter().enumerate().find_map(|(rule, entry)| {
        let mut child = 0;
        let found = any_child(&entry.rule, |node| {
            child += 1;
            node == below
        });
        found.then(|| Step {
            node: above,
            rule,
            child: child - 1,
        })
    })
}
