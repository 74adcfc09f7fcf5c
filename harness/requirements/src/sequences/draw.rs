//! Draws sequences: each next operation by what the operations before make likely to matter, such as the replay of a call, another input
//! under its key, or the approval that a call waits for.

use std::collections::BTreeSet;

use hubproof_model::approval::Driver;
use hubproof_model::case::ApprovalVerdict;
use hubproof_model::effect::Effect;
use hubproof_model::role::Role;
use hubproof_model::surface::Tool;

use super::operation::{Decision, Manner, Operation, Sent, Sequence, Which};
use super::script::broken;
use crate::effects::scene::Scene;
use crate::site::Site;

/// The fewest and the most operations of a sequence.
const OPERATIONS: (u64, u64) = (6, 20);
/// The fewest and the most calls that go out at once.
const AT_ONCE: (u64, u64) = (2, 8);
/// How many inputs of a tool a sequence has: so few that they collide.
const INPUTS: u64 = 3;
/// How many idempotency keys the plain tool's calls have, and after these the gated one's.
const KEYS: u8 = 4;
/// On how many tools, each of another domain, a run's sequences act.
const TOOLS: usize = 3;

/// What an operation is to the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A call under a key that is not used yet.
    First,
    /// A call without a key.
    Unkeyed,
    /// A call that was sent before, again.
    Replay,
    /// Another input under a used key.
    Other,
    /// A dry run, under a key that is used or not, or without one.
    Dry,
    /// A call with `dry_run: false`.
    NotDry,
    /// An invalid call under an unused key.
    Invalid,
    /// A used key, from another API key of the workspace.
    Second,
    /// A used key, from another workspace.
    Foreign,
    /// A gated call under a key that is not used yet.
    Ask,
    /// A gated call that was sent before, again.
    AskAgain,
    /// Another input under a gated call's key.
    AskOther,
    /// A gated call without a key.
    AskUnkeyed,
    /// A gated dry run.
    GatedDry,
    /// An invalid gated call.
    GatedInvalid,
    /// The decision on a gated call.
    Approve,
    /// The decision on a gated call.
    Reject,
}

use Kind::*;

/// What a sequence is mostly about: kinds of operations, and how often each is drawn.
struct Mix {
    needs: Needs,
    kinds: &'static [(Kind, u64)],
}

/// What a mix is of no use without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// A tool that needs approval.
    Gated,
    /// Another workspace that has a connection.
    Foreign,
}

const REPLAYS: Mix = Mix {
    needs: Needs::Nothing,
    kinds: &[(First, 4), (Replay, 6), (Other, 3), (Unkeyed, 2), (Second, 1)],
};
const REHEARSALS: Mix = Mix {
    needs: Needs::Nothing,
    kinds: &[
        (First, 3),
        (Replay, 2),
        (Dry, 6),
        (NotDry, 3),
        (Invalid, 2),
        (Unkeyed, 1),
    ],
};
const APPROVALS: Mix = Mix {
    needs: Needs::Gated,
    kinds: &[(Ask, 4), (AskAgain, 5), (Approve, 5), (AskOther, 2), (AskUnkeyed, 1)],
};
const REJECTIONS: Mix = Mix {
    needs: Needs::Gated,
    kinds: &[
        (Ask, 4),
        (AskAgain, 4),
        (Reject, 4),
        (Approve, 1),
        (GatedDry, 3),
        (GatedInvalid, 2),
    ],
};
const STRANGERS: Mix = Mix {
    needs: Needs::Foreign,
    kinds: &[(First, 4), (Foreign, 6), (Replay, 3), (Dry, 1), (Unkeyed, 1)],
};
const EVERYTHING: Mix = Mix {
    needs: Needs::Nothing,
    kinds: &[
        (First, 4),
        (Replay, 4),
        (Other, 2),
        (Unkeyed, 1),
        (Dry, 2),
        (NotDry, 1),
        (Invalid, 1),
        (Second, 1),
        (Ask, 2),
        (AskAgain, 3),
        (Approve, 2),
        (AskUnkeyed, 1),
        (Reject, 1),
    ],
};

/// The mixes of a run's sequences, over and over.
const MIXES: [&Mix; 10] = [
    &REPLAYS,
    &APPROVALS,
    &REHEARSALS,
    &REJECTIONS,
    &STRANGERS,
    &APPROVALS,
    &EVERYTHING,
    &REHEARSALS,
    &APPROVALS,
    &REJECTIONS,
];

/// What sequences may be about.
struct Cast {
    /// Tools whose effects are counted and that need no approval.
    plain: Vec<Tools>,
    /// The one among them that another workspace has a connection for.
    shared: Option<Tools>,
    gated: Option<Tools>,
    has_secondary: bool,
}

/// A tool, and whether an input of it can be broken.
#[derive(Debug, Clone)]
struct Tools {
    key: String,
    takes_invalid: bool,
}

/// The sequences of a run: half as many as its generated inputs a tool. None where no tool's effects can be counted.
pub(super) fn drawn(site: &Site<'_>) -> Vec<Sequence> {
    drawn_of(site, site.seed, (site.cases / 2).max(1))
}

/// So many sequences of a seed.
pub(super) fn drawn_of(site: &Site<'_>, seed: u64, many: usize) -> Vec<Sequence> {
    let cast = Cast::of(site);
    (0..many).filter_map(|number| cast.draw(seed, number)).collect()
}

impl Cast {
    fn of(site: &Site<'_>) -> Self {
        let may_decide = matches!(
            site.profile.approvals.driver,
            Some(Driver::Http(_) | Driver::Command(_))
        );
        let foreign = site.profile.connections.foreign.as_ref();
        let foreign = foreign.filter(|_| site.profile.keys.get(Role::Foreign).is_some());
        let plain = tools(site, |tool| !site.is_gated(&tool.key), |_| true, TOOLS);
        let in_foreign = |tool: &Tool| foreign.is_some_and(|foreign| foreign.domain == tool.domain);
        Self {
            shared: tools(site, |tool| !site.is_gated(&tool.key), in_foreign, 1)
                .into_iter()
                .next(),
            gated: tools(site, |tool| may_decide && site.is_gated(&tool.key), |_| true, 1)
                .into_iter()
                .next(),
            plain,
            has_secondary: site.profile.keys.get(Role::Secondary).is_some(),
        }
    }

    /// The sequence of a number.
    fn draw(&self, seed: u64, number: usize) -> Option<Sequence> {
        let offered: Vec<_> = MIXES
            .iter()
            .filter(|mix| match mix.needs {
                Needs::Nothing => true,
                Needs::Gated => self.gated.is_some(),
                Needs::Foreign => self.shared.is_some(),
            })
            .collect();
        let mix = offered.get(number % offered.len().max(1))?;
        let plain = match mix.needs {
            Needs::Foreign => self.shared.as_ref(),
            Needs::Nothing | Needs::Gated => self.plain.get(number % self.plain.len().max(1)),
        }?;
        let mut drawing = Drawing {
            random: Random::new(seed, number as u64),
            mix,
            plain,
            gated: self.gated.as_ref(),
            has_secondary: self.has_secondary,
            groups: Vec::new(),
        };
        // Rather long than short: what a rule needs must come together.
        let length = drawing
            .random
            .between(OPERATIONS)
            .max(drawing.random.between(OPERATIONS));
        drawing.draw(length);
        Some(Sequence {
            plain: plain.key.clone(),
            gated: self.gated.as_ref().map(|gated| gated.key.clone()),
            groups: drawing.groups,
        })
    }
}

/// Tools like this whose effects are counted, each of another domain: the least risky first, of these such as make what can be removed
/// again.
fn tools(site: &Site<'_>, is_wanted: impl Fn(&Tool) -> bool, is_in: impl Fn(&Tool) -> bool, most: usize) -> Vec<Tools> {
    let effect = |tool: &Tool| match site.effects.of_tool(&tool.key) {
        Some(Effect::Creates(creates)) => Some(creates.undo.as_ref().is_some_and(|undo| !site.is_gated(&undo.tool))),
        _ => None,
    };
    let makes = |tool: &&Tool| {
        tool.risk().is_state_changing()
            && !site.lacks_connection(&tool.domain)
            && effect(tool).is_some()
            && is_wanted(tool)
            && is_in(tool)
    };
    let mut makers: Vec<_> = site.executable_tools().filter(makes).collect();
    makers.sort_by_key(|tool| (tool.risk(), effect(tool) != Some(true)));
    let mut domains = BTreeSet::new();
    let mut found = Vec::new();
    for tool in makers {
        if found.len() == most || domains.contains(&tool.domain) {
            continue;
        }
        if let Ok(scene) = Scene::of(site, tool, "sequence") {
            domains.insert(tool.domain.clone());
            found.push(Tools {
                key: tool.key.clone(),
                takes_invalid: broken(site, tool, scene.body().input).is_some(),
            });
        }
    }
    found
}

/// A sequence that is being drawn.
struct Drawing<'c> {
    random: Random,
    mix: &'c Mix,
    plain: &'c Tools,
    gated: Option<&'c Tools>,
    has_secondary: bool,
    groups: Vec<Vec<Operation>>,
}

impl Drawing<'_> {
    fn draw(&mut self, length: u64) {
        let mut left = length;
        // Kinds that do not fit yet are drawn again; a bound, so that it ends whatever is left.
        for _ in 0..length * 16 {
            if left == 0 {
                // What a dry run leaves of its key shows in the next call alone.
                let has_room = self.before().count() < OPERATIONS.1 as usize;
                let last = self.follow_up().filter(|_| has_room);
                self.groups.extend(last.map(|operation| vec![operation]));
                return;
            }
            let kind = self.kind();
            let Some(operation) = self.follow_up().or_else(|| self.operation(kind)) else {
                continue;
            };
            let group = match operation {
                Operation::Call(sent) if left >= AT_ONCE.0 && self.random.one_in(2) => self.at_once(kind, sent, left),
                operation => vec![operation],
            };
            left -= (group.len() as u64).min(left);
            self.groups.push(group);
        }
    }

    fn kind(&mut self) -> Kind {
        let all: u64 = self.mix.kinds.iter().map(|(_, weight)| weight).sum();
        let mut at = self.random.below(all);
        for (kind, weight) in self.mix.kinds {
            if at < *weight {
                return *kind;
            }
            at -= weight;
        }
        First
    }

    /// What matters most after the operation before, most often: after a call that asks, the decision on it; after a decision, the call that
    /// it is about or another under its key; after a dry run or an invalid call, one that executes under its key.
    fn follow_up(&mut self) -> Option<Operation> {
        let before = *self.groups.last()?.first()?;
        if self.random.one_in(4) {
            return None;
        }
        let drawn = self.random.below(INPUTS) as u8;
        match before {
            Operation::Decide(decision) => {
                let (key, input) = match self.random.below(6) {
                    0 => (None, decision.input),
                    1 | 2 => (Some(decision.key), other(decision.input, drawn)),
                    _ => (Some(decision.key), decision.input),
                };
                Some(Operation::Call(Sent {
                    actor: Role::Primary,
                    tool: Which::Gated,
                    input,
                    key,
                    manner: Manner::Real,
                }))
            }
            Operation::Call(sent) if sent.manner.executes() => match sent.tool {
                Which::Gated if self.random.one_in(2) => {
                    let decisions = self
                        .mix
                        .kinds
                        .iter()
                        .filter(|(kind, _)| matches!(kind, Approve | Reject));
                    let offered: Vec<_> = decisions
                        .flat_map(|(kind, often)| vec![*kind; *often as usize])
                        .collect();
                    let verdict = self.random.one_of(&offered)?;
                    self.operation(verdict)
                }
                Which::Gated | Which::Plain => None,
            },
            Operation::Call(sent) => {
                let is_used = self.owners(sent.tool).iter().any(|owner| owner.key == sent.key);
                let leaves_unused = sent.key.is_some() && !is_used;
                leaves_unused.then_some(Operation::Call(Sent {
                    manner: Manner::Real,
                    ..sent
                }))
            }
        }
    }

    /// Calls that go out at once: duplicates of one, or some beside others. Those that are not alike have different inputs, so that an
    /// effect too many tells which of them had it.
    fn at_once(&mut self, kind: Kind, sent: Sent, left: u64) -> Vec<Operation> {
        // Two show most races, and leave operations for other steps.
        let most = if self.random.one_in(2) { AT_ONCE.0 } else { AT_ONCE.1 };
        let many = self.random.between((AT_ONCE.0, most.min(left)));
        let mut group = vec![Operation::Call(sent)];
        // Of different gated calls nobody would know which a decision is about.
        let are_alike = sent.tool == Which::Gated || self.random.one_in(2);
        while (group.len() as u64) < many {
            let drawn = match are_alike {
                true => None,
                false => self.operation(kind),
            };
            let fits = |other: &Operation| {
                let is_apart = group
                    .iter()
                    .all(|own| own == other || own.slot().input != other.slot().input);
                is_apart && other.sent().is_some_and(|sent| sent.tool == Which::Plain)
            };
            let again = self.random.one_of(&group);
            let next = drawn.filter(fits).or(again);
            group.extend(next);
        }
        group
    }

    /// An operation of the kind; `None` where what came before offers nothing for it.
    fn operation(&mut self, kind: Kind) -> Option<Operation> {
        let input = self.random.below(INPUTS) as u8;
        let plain = |actor, input, key, manner| {
            Operation::Call(Sent {
                actor,
                tool: Which::Plain,
                input,
                key,
                manner,
            })
        };
        Some(match kind {
            First => plain(self.actor(), input, Some(self.unused_key(Which::Plain)?), Manner::Real),
            Unkeyed => plain(self.actor(), input, None, Manner::Real),
            Replay => Operation::Call(self.used(Which::Plain)?),
            Other => {
                let used = self.used(Which::Plain)?;
                Operation::Call(Sent {
                    input: other(used.input, input),
                    ..used
                })
            }
            Dry => match self.random.below(5) {
                0 => plain(Role::Primary, input, None, Manner::Dry),
                1 => Operation::Call(Sent {
                    manner: Manner::Dry,
                    ..self.used(Which::Plain)?
                }),
                _ => plain(Role::Primary, input, Some(self.unused_key(Which::Plain)?), Manner::Dry),
            },
            NotDry => match self.random.below(3) {
                0 => plain(Role::Primary, input, None, Manner::NotDry),
                _ => plain(
                    Role::Primary,
                    input,
                    Some(self.unused_key(Which::Plain)?),
                    Manner::NotDry,
                ),
            },
            Invalid if self.plain.takes_invalid => plain(
                Role::Primary,
                input,
                Some(self.unused_key(Which::Plain)?),
                Manner::Invalid,
            ),
            Second if self.has_secondary => Operation::Call(Sent {
                actor: Role::Secondary,
                ..self.used(Which::Plain)?
            }),
            Foreign => Operation::Call(Sent {
                actor: Role::Foreign,
                ..self.used(Which::Plain)?
            }),
            Ask | AskAgain | AskOther | AskUnkeyed | GatedDry | GatedInvalid | Approve | Reject => {
                self.gated?;
                return self.gated_operation(kind, input);
            }
            Invalid | Second => return None,
        })
    }

    fn gated_operation(&mut self, kind: Kind, input: u8) -> Option<Operation> {
        let gated = |input, key, manner| {
            Operation::Call(Sent {
                actor: Role::Primary,
                tool: Which::Gated,
                input,
                key,
                manner,
            })
        };
        Some(match kind {
            Ask => gated(input, Some(self.unused_key(Which::Gated)?), Manner::Real),
            AskAgain => Operation::Call(self.used(Which::Gated)?),
            AskOther => {
                let used = self.used(Which::Gated)?;
                Operation::Call(Sent {
                    input: other(used.input, input),
                    ..used
                })
            }
            AskUnkeyed => gated(input, None, Manner::Real),
            GatedDry => match self.random.one_in(2) {
                true => gated(input, None, Manner::Dry),
                false => gated(input, Some(self.unused_key(Which::Gated)?), Manner::Dry),
            },
            GatedInvalid if self.gated?.takes_invalid => {
                gated(input, Some(self.unused_key(Which::Gated)?), Manner::Invalid)
            }
            Approve | Reject => {
                let decided: Vec<_> = self
                    .before()
                    .filter_map(|own| decision(own).map(|own| own.key))
                    .collect();
                let used = self.used_of(Which::Gated, |sent| !sent.key.is_some_and(|key| decided.contains(&key)))?;
                Operation::Decide(Decision {
                    verdict: match kind {
                        Approve => ApprovalVerdict::Approve,
                        _ => ApprovalVerdict::Reject,
                    },
                    key: used.key?,
                    input: used.input,
                })
            }
            _ => return None,
        })
    }

    fn before(&self) -> impl Iterator<Item = &Operation> {
        self.groups.iter().flatten()
    }

    /// The actor of a call of its own.
    fn actor(&mut self) -> Role {
        match self.has_secondary && self.random.one_in(4) {
            true => Role::Secondary,
            false => Role::Primary,
        }
    }

    /// A key under which no call of the tool has executed or asked. Dry runs and invalid calls leave theirs unused.
    fn unused_key(&mut self, tool: Which) -> Option<u8> {
        let used: BTreeSet<_> = self.owners(tool).iter().filter_map(|sent| sent.key).collect();
        let keys = match tool {
            Which::Plain => 0..KEYS,
            Which::Gated => KEYS..2 * KEYS,
        };
        let unused: Vec<_> = keys.filter(|key| !used.contains(key)).collect();
        let is_touched = |key: &u8| self.before().any(|own| own.key() == Some(*key));
        let touched: Vec<_> = unused.iter().copied().filter(is_touched).collect();
        match touched.is_empty() || self.random.one_in(3) {
            true => self.random.one_of(&unused),
            false => self.random.one_of(&touched),
        }
    }

    /// The first call under a used key.
    fn used(&mut self, tool: Which) -> Option<Sent> {
        self.used_of(tool, |_| true)
    }

    fn used_of(&mut self, tool: Which, is_wanted: impl Fn(&Sent) -> bool) -> Option<Sent> {
        let owners: Vec<_> = self.owners(tool).into_iter().filter(is_wanted).collect();
        self.random.one_of(&owners)
    }

    /// The calls to which keys belong: the first under each that executes or asks.
    fn owners(&self, tool: Which) -> Vec<Sent> {
        let mut owners: Vec<Sent> = Vec::new();
        let sent = self.before().filter_map(Operation::sent);
        for sent in sent.filter(|sent| sent.tool == tool && sent.manner.executes() && sent.key.is_some()) {
            if !owners.iter().any(|owner| owner.key == sent.key) {
                owners.push(*sent);
            }
        }
        owners
    }
}

fn decision(operation: &Operation) -> Option<&Decision> {
    match operation {
        Operation::Decide(decision) => Some(decision),
        Operation::Call(_) => None,
    }
}

/// An input other than this one.
fn other(input: u8, drawn: u8) -> u8 {
    match input == drawn {
        true => (input + 1) % INPUTS as u8,
        false => drawn,
    }
}

/// A seeded source of choices: SplitMix64 (Steele, Lea, Flood 2014), written out so that no library version changes a sequence.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: u64) -> Self {
        let mut random = Self(seed ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        // Neighbouring seeds must not give neighbouring first draws.
        random.0 = random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn between(&mut self, (least, most): (u64, u64)) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(choices.len() as u64)).ok()?;
        choices.get(at).copied()
    }
}
