//! Makes a case of a sequence: its operations as steps, and the looks at their effects.

use std::collections::BTreeSet;

use hubproof_model::call::{Call, Credentials, Intent};
use hubproof_model::case::{Case, Decide, EntryCount, Step};
use hubproof_model::effect::Effect;
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::surface::Tool;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::draw::drawn;
use super::operation::{Manner, Operation, Sent, Sequence, Slot, Which, letter};
use crate::effects::scene::Scene;
use crate::site::Site;

/// What the ids of all sequences' cases begin with.
const PREFIX: &str = "sequence/";

/// What a judge must know of a sequence's case: its facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) sequence: Sequence,
    /// The marker of each input.
    pub(super) markers: Vec<(Which, u8, String)>,
    /// Where the data of a success of each tool name the record that was made, as far as it is known.
    pub(super) names_at: Vec<(Which, String)>,
}

impl Facts {
    /// Those of a sequence's case.
    pub(super) fn of(case: &Case) -> Option<Self> {
        case.id.starts_with(PREFIX).then_some(())?;
        Facts::deserialize(&case.facts).ok()
    }

    /// The marker of an input.
    pub(super) fn marker(&self, slot: Slot) -> Option<&str> {
        let mut markers = self.markers.iter();
        let own = markers.find(|(tool, input, _)| (*tool, *input) == (slot.tool, slot.input));
        own.map(|(.., marker)| marker.as_str())
    }
}

/// The sequence of a case, if it is one.
pub fn sequence_of(case: &Case) -> Option<Sequence> {
    Facts::of(case).map(|facts| facts.sequence)
}

/// Whether a case is a sequence's.
pub(super) fn is_sequence(case: &Case) -> bool {
    case.id.starts_with(PREFIX)
}

/// The cases of the run's sequences that may break a requirement: none where no tool's effects can be counted.
pub(super) fn cases(site: &Site<'_>, id: RequirementId) -> Vec<Case> {
    let sequences = drawn(site).into_iter().enumerate();
    let own = sequences.filter(|(_, sequence)| may_break(sequence, id));
    own.filter_map(|(number, sequence)| case(site, &sequence, &format!("{PREFIX}{}", number + 1)))
        .collect()
}

/// Whether a sequence may break a rule: one of approvals needs calls that need them.
fn may_break(sequence: &Sequence, id: RequirementId) -> bool {
    let is_gated = |own: &Operation| own.slot().tool == Which::Gated;
    match id {
        RequirementId { area: Area::Apr, .. }
        | RequirementId {
            area: Area::Dry,
            number: 5,
        } => sequence.groups.iter().flatten().any(is_gated),
        _ => true,
    }
}

/// The case of a sequence, with markers and idempotency keys that nothing but this id has. `None` where the site has no such tools.
pub fn case(site: &Site<'_>, sequence: &Sequence, id: &str) -> Option<Case> {
    let stage = Stage { site, sequence, id };
    let mut steps = Vec::new();
    let mut number = 0;
    for (index, group) in sequence.groups.iter().enumerate() {
        let mut calls = Vec::new();
        for operation in group {
            number += 1;
            match operation {
                Operation::Call(sent) => calls.push(stage.call(sent, number)?),
                Operation::Decide(decision) => steps.push(Step::Decide(Decide {
                    label: label(number),
                    verdict: decision.verdict,
                    of: label(sequence.asked(decision, number)?),
                })),
            }
        }
        match calls.len() {
            0 => {}
            1 => steps.extend(calls.into_iter().map(Step::call)),
            _ => steps.push(Step::AtOnce(calls)),
        }
        for (at, slot) in looks(sequence, index).into_iter().enumerate() {
            steps.push(stage.look(index, at, slot)?);
        }
    }
    let counts = counted_keys(sequence).into_iter().map(|(key, of)| EntryCount {
        label: entries_label(key),
        of: label(of),
        expected: most_entries(sequence, of, |_| true),
        // A list may leave decided entries out.
        least: u64::from(!sequence.decides(key)),
    });
    steps.extend(counts.map(Step::CountEntries));
    let title = format!(
        "{} operations of several actors on {}",
        sequence.operations(),
        sequence.plain
    );
    let case = Case::of_steps(id, title, steps).about(&sequence.plain);
    Some(case.with_facts(json!(stage.facts()?)))
}

/// The label of an operation.
pub(super) fn label(number: usize) -> String {
    format!("operation {number}")
}

/// The label of a look at a slot after a group.
pub(super) fn look_label(sequence: &Sequence, group: usize, slot: Slot) -> String {
    let last = sequence.groups.iter().take(group + 1).map(Vec::len).sum::<usize>();
    format!("after operation {last}: {slot}")
}

/// The label of the count of a key's entries.
pub(super) fn entries_label(key: u8) -> String {
    format!("entries of key {}", letter(key))
}

/// What is looked at after a group: the effects of what it touched, and after the last one all.
pub(super) fn looks(sequence: &Sequence, group: usize) -> Vec<Slot> {
    if group + 1 == sequence.groups.len() {
        return sequence.slots();
    }
    let touched = sequence.groups.get(group).into_iter().flatten();
    BTreeSet::from_iter(touched.map(Operation::slot)).into_iter().collect()
}

/// The gated keys whose entries are counted, each with the number of the first call under it.
pub(super) fn counted_keys(sequence: &Sequence) -> Vec<(u8, usize)> {
    let mut keys: Vec<(u8, usize)> = Vec::new();
    for (number, _, operation) in sequence.numbered() {
        if let Operation::Call(Sent {
            tool: Which::Gated,
            key: Some(key),
            ..
        }) = operation
            && !keys.iter().any(|(known, _)| known == key)
        {
            keys.push((*key, number));
        }
    }
    keys
}

/// The most entries that may be found for the call of this number: an entry is known by its key and by its input's marker, and each
/// different call that `may_wait`, and each without a key, may have one.
pub(super) fn most_entries(sequence: &Sequence, of: usize, may_wait: impl Fn(usize) -> bool) -> u64 {
    let call = |number: usize| {
        let mut numbered = sequence.numbered();
        numbered.find(|(own, ..)| *own == number)?.2.sent().copied()
    };
    let Some(counted) = call(of) else { return 0 };
    let is_alike = |sent: &Sent| {
        sent.tool == Which::Gated && sent.manner.executes() && (sent.key == counted.key || sent.input == counted.input)
    };
    let numbered = sequence.numbered().filter(|(number, ..)| may_wait(*number));
    let asking = numbered.filter_map(|(_, _, operation)| operation.sent().filter(|sent| is_alike(sent)));
    let mut different = BTreeSet::new();
    let entries = asking.filter(|sent| sent.key.is_none() || different.insert((sent.actor, sent.key, sent.input)));
    entries.count() as u64
}

/// How many effects of a slot a sound hub has at least had after a group: what a look waits for.
fn least_effects(sequence: &Sequence, group: usize, slot: Slot) -> u64 {
    let mut used = BTreeSet::new();
    let mut approved = BTreeSet::new();
    let mut least = 0;
    for operations in sequence.groups.iter().take(group + 1) {
        let sent = operations.iter().filter_map(Operation::sent);
        let sent: Vec<_> = sent.filter(|sent| sent.manner.executes()).collect();
        for operation in operations {
            let own = operation.slot() == slot && !slot.is_foreign;
            match operation {
                Operation::Decide(decision) => {
                    approved.insert((decision.key, decision.input));
                }
                Operation::Call(call) if !call.manner.executes() => {}
                Operation::Call(call) => {
                    let is_approved = call.key.is_some_and(|key| approved.contains(&(key, call.input)));
                    let may_execute = call.tool == Which::Plain || is_approved;
                    let is_first = call
                        .key
                        .is_none_or(|key| used.insert((call.tool, slot.is_foreign, key)));
                    // Of different calls that come at once under one key, any may be the first.
                    let is_sure = sent
                        .iter()
                        .all(|other| other.key != call.key || other.input == call.input);
                    least += u64::from(own && may_execute && is_first && (is_sure || call.key.is_none()));
                }
            }
        }
    }
    least
}

/// A sequence on the way to its case.
struct Stage<'a> {
    site: &'a Site<'a>,
    sequence: &'a Sequence,
    id: &'a str,
}

impl<'a> Stage<'a> {
    fn tool(&self, which: Which) -> Option<&'a Tool> {
        self.site.surface.tool(self.sequence.tool(which)?)
    }

    fn scene(&self, which: Which, input: u8) -> Option<Scene<'a>> {
        let name = format!("{}/{which:?}/{input}", self.id);
        Scene::of(self.site, self.tool(which)?, &name).ok()
    }

    fn call(&self, sent: &Sent, number: usize) -> Option<Call> {
        let scene = self.scene(sent.tool, sent.input)?;
        let key = sent
            .key
            .map(|key| self.site.idempotency_key(&format!("{}/{key}", self.id)));
        let call = scene.call(&label(number), |mut body| {
            body.idempotency_key = key;
            body.dry_run = match sent.manner {
                Manner::Dry => Some(true),
                Manner::NotDry => Some(false),
                Manner::Real | Manner::Invalid => None,
            };
            body
        });
        let call = match sent.manner {
            Manner::Invalid => {
                let input = broken(self.site, scene.tool, scene.body().input)?;
                let call = crate::traffic::with_member(&call, "input", input);
                let intent = Intent::refused(&scene.tool.risk());
                call.labelled(label(number)).with_intent(intent)
            }
            _ => call,
        };
        Some(call.with_credentials(Credentials::Bearer(sent.actor)))
    }

    fn look(&self, group: usize, at: usize, slot: Slot) -> Option<Step> {
        let scene = self.scene(slot.tool, slot.input)?;
        let scene = match slot.is_foreign {
            true => scene.read_as(Credentials::Bearer(Role::Foreign)),
            false => scene,
        };
        let label = look_label(self.sequence, group, slot);
        let is_last = group + 1 == self.sequence.groups.len();
        Some(match is_last && at == 0 {
            // What should not be there gets the time to show, once for all.
            true => {
                let operations = self.sequence.groups.iter().flatten();
                let most = operations.filter(|own| own.slot() == slot).count() as u64;
                scene.shows_no_more(&label, most)
            }
            false => scene.shows(&label, least_effects(self.sequence, group, slot)),
        })
    }

    fn facts(&self) -> Option<Facts> {
        let mut inputs: Vec<_> = self.sequence.slots();
        inputs.dedup_by_key(|slot| (slot.tool, slot.input));
        let markers = inputs.iter().map(|slot| {
            let scene = self.scene(slot.tool, slot.input)?;
            Some((slot.tool, slot.input, scene.marker().to_owned()))
        });
        let names_at = [Which::Plain, Which::Gated].into_iter().filter_map(|which| {
            match self.site.effects.of_tool(self.sequence.tool(which)?)? {
                Effect::Creates(creates) => Some((which, creates.id.clone()?)),
                _ => None,
            }
        });
        Some(Facts {
            sequence: self.sequence.clone(),
            markers: markers.collect::<Option<_>>()?,
            names_at: names_at.collect(),
        })
    }
}

/// The input with one member wrong, but for its marker; `None` where that breaks nothing.
pub(super) fn broken(site: &Site<'_>, tool: &Tool, input: Value) -> Option<Value> {
    let Some(Effect::Creates(creates)) = site.effects.of_tool(&tool.key) else {
        return None;
    };
    let generator = site.generator(tool).ok()?;
    let members = input.as_object()?;
    let is_marked = |name: &str| creates.marker.trim_start_matches('/').split('/').next() == Some(name);
    let wrong = members.keys().filter(|name| !is_marked(name)).cloned();
    let wrong = wrong.chain(["hubproof_unknown".to_owned()]);
    let mut candidates = wrong.map(|name| {
        let mut broken = input.clone();
        broken[name.as_str()] = json!([{}]);
        broken
    });
    candidates.find(|broken| !generator.is_valid(broken))
}
