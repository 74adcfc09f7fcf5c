//! Looks for what explains a history: an order of the operations that went out at once, and for each operation what happened in it, with
//! the fewest breaches.
//!
//! Whether a sound hub explains it is asked first, however late its effects show. Where none does, a breach more costs as much as an effect
//! that one look does not show yet: else what acted early and showed late would stand for several breaches.
//!
//! The search goes through the states of the model cheapest first, and comes to each only once: operations that are alike stand for one
//! another, and orders that lead to the same state are one. A group of eight duplicates has a few hundred states.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};

use super::model::{Answer, Breach, Event, Model, State};

/// The most states that a search comes to.
const MOST_STATES: usize = 40_000;
/// What a breach costs, the first of its kind.
const BREACH: u32 = 1 << 8;
/// What each effect costs that a look does not show yet: that it came after the look is the likelier explanation.
const LATE: u32 = BREACH;
/// What it costs that a call acted which was refused, or that one acted twice: that another did, which succeeded, is likelier.
const UNLIKELY: u32 = 1;

/// What was done and seen, group by group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct History {
    pub(super) groups: Vec<Group>,
    /// At how many places effects are counted.
    pub(super) slots: usize,
}

/// Operations that went out at once, and the effects that showed after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) events: Vec<Event>,
    /// Effects by slot: no fewer had happened.
    pub(super) looks: Vec<(usize, u64)>,
}

/// A breach, and in which event of the history it shows first: the group and the place in it.
pub(super) type Shown = (Breach, (usize, usize));

/// Why there is no explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unexplained {
    /// None of the model's happenings fit.
    NoOrder,
    /// There are too many orders to try.
    TooMany,
}

/// A moment of an order: before some of the operations of a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Moment {
    group: usize,
    /// Which of the group's operations have happened, by bit.
    happened: u32,
    state: State,
}

/// How a moment was come to.
struct Step {
    moment: Moment,
    from: Option<usize>,
    shown: Option<Shown>,
}

impl History {
    /// The fewest breaches that explain it under one of the models; none of them for a sound hub.
    pub(super) fn explained(&self, models: &[Model]) -> Result<Vec<Shown>, Unexplained> {
        if models.iter().any(|model| self.explained_by(model, false).is_ok()) {
            return Ok(Vec::new());
        }
        let mut best = Err(Unexplained::NoOrder);
        let mut least = u32::MAX;
        for model in models {
            match self.explained_by(model, true) {
                Ok((cost, shown)) if cost < least => {
                    least = cost;
                    best = Ok(shown);
                }
                Err(Unexplained::TooMany) if best.is_err() => best = Err(Unexplained::TooMany),
                Ok(_) | Err(_) => {}
            }
        }
        best
    }

    fn explained_by(&self, model: &Model, may_break: bool) -> Result<(u32, Vec<Shown>), Unexplained> {
        let mut steps: Vec<Step> = Vec::new();
        let mut known: HashMap<Moment, u32> = HashMap::new();
        // The latest of equally cheap ones first, so that a sound history is gone through without turning back.
        let mut open: BinaryHeap<(Reverse<u32>, usize)> = BinaryHeap::new();
        let first = Moment {
            group: 0,
            happened: 0,
            state: State::new(self.slots),
        };
        known.insert(first.clone(), 0);
        open.push((Reverse(0), 0));
        steps.push(Step {
            moment: first,
            from: None,
            shown: None,
        });
        while let Some((Reverse(cost), at)) = open.pop() {
            let moment = steps[at].moment.clone();
            let Some(group) = self.groups.get(moment.group) else {
                return Ok((cost, shown(&steps, at)));
            };
            if known.get(&moment).is_some_and(|least| *least < cost) {
                continue;
            }
            let steps_on = next(model, group, &moment).into_iter();
            for (next, cost_of_step, shown) in steps_on.filter(|(.., shown)| may_break || shown.is_none()) {
                let cost = cost + cost_of_step;
                match known.entry(next.clone()) {
                    Entry::Occupied(least) if *least.get() <= cost => continue,
                    Entry::Occupied(mut least) => drop(least.insert(cost)),
                    Entry::Vacant(unknown) => drop(unknown.insert(cost)),
                }
                if steps.len() >= MOST_STATES {
                    return Err(Unexplained::TooMany);
                }
                open.push((Reverse(cost), steps.len()));
                steps.push(Step {
                    moment: next,
                    from: Some(at),
                    shown,
                });
            }
        }
        Err(Unexplained::NoOrder)
    }
}

/// The moments after this one, with what each costs and what it shows.
fn next(model: &Model, group: &Group, moment: &Moment) -> Vec<(Moment, u32, Option<Shown>)> {
    let all = (1_u32 << group.events.len()) - 1;
    if moment.happened == all {
        return Vec::from_iter(seen(group, moment));
    }
    let mut found = Vec::new();
    for (at, event) in group.events.iter().enumerate() {
        let has_happened = |at: usize| moment.happened & (1 << at) != 0;
        // Of those that are alike, the first stands for all.
        let is_like_earlier = (0..at).any(|other| !has_happened(other) && group.events[other] == *event);
        if has_happened(at) || is_like_earlier {
            continue;
        }
        for happening in model.happenings(&moment.state, event) {
            let next = Moment {
                group: moment.group,
                happened: moment.happened | (1 << at),
                state: happening.after,
            };
            let total = |state: &State| state.effects.iter().map(|own| u32::from(*own)).sum::<u32>();
            let is_told = matches!(event.answer, Answer::Success(_) | Answer::Decided);
            let is_unlikely = total(&next.state) - total(&moment.state) > u32::from(is_told);
            let cost = if happening.breach.is_some() { BREACH } else { 0 };
            let cost = if is_unlikely { cost + UNLIKELY } else { cost };
            let shown = happening.breach.map(|breach| (breach, (moment.group, at)));
            found.push((next, cost, shown));
        }
    }
    found
}

/// The moment after a group was looked at; none where more effects show than happened. Each that shows late costs a little: that it shows
/// at once is the likelier explanation.
fn seen(group: &Group, moment: &Moment) -> Option<(Moment, u32, Option<Shown>)> {
    let mut late = 0;
    for (slot, seen) in &group.looks {
        let happened = u64::from(moment.state.effects.get(*slot).copied().unwrap_or_default());
        late += LATE * u32::try_from(happened.checked_sub(*seen)?).unwrap_or_default();
    }
    let next = Moment {
        group: moment.group + 1,
        happened: 0,
        state: moment.state.clone(),
    };
    Some((next, late, None))
}

/// The breaches on the way to a step, the first first.
fn shown(steps: &[Step], at: usize) -> Vec<Shown> {
    let mut breaches = Vec::new();
    let mut at = Some(at);
    while let Some(step) = at.and_then(|at| steps.get(at)) {
        breaches.extend(step.shown);
        at = step.from;
    }
    breaches.reverse();
    breaches
}
