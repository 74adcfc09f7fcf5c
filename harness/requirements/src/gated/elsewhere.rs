//! How a gated call can be made otherwise: another input, tool, connection or workspace; and inputs that its tool does not take.

use hubproof_model::call::{Call, Credentials, ExecuteBody, Intent};
use hubproof_model::case::{Step, answer_placeholder, read_answer_placeholder};
use hubproof_model::effect::Effect;
use hubproof_model::role::Role;
use hubproof_model::surface::Tool;
use serde_json::{Map, Value, json};

use crate::effects::scene::Scene;
use crate::inputs::{fitted, put};
use crate::site::Site;

/// The variations, by the label of their call.
pub(crate) const VARIATIONS: [&str; 4] = [
    "another input",
    "another tool",
    "another connection",
    "another workspace",
];

/// How many generated inputs are tried for another one.
const FURTHER_INPUTS: usize = 16;
/// How many broken inputs are tried.
const MOST_BROKEN: usize = 3;
/// The label of the call that makes the record that another tool changes.
const OBJECT: &str = "object of another tool";

/// A call that differs from the scene's by one thing.
pub(super) struct Variation {
    /// Its label: one of [`VARIATIONS`].
    pub(super) name: &'static str,
    /// What it takes before.
    pub(super) set_up: Vec<Step>,
    /// Whether it is of another workspace.
    pub(super) is_foreign: bool,
    call: Call,
}

impl Variation {
    /// Those of the scene's call that this site offers.
    pub(super) fn of(site: &Site<'_>, scene: &Scene<'_>) -> Vec<Self> {
        let [input, tool, connection, workspace] = VARIATIONS;
        let execute = |body: ExecuteBody| Call::execute(scene.tool, body);
        let variation = |name, call| Self {
            name,
            set_up: Vec::new(),
            is_foreign: false,
            call,
        };
        let other_input = other_input(site, scene).map(|other| variation(input, execute(ExecuteBody::new(other))));
        let other_tool = other_tool(site, scene).map(|(set_up, call)| Self {
            set_up,
            ..variation(tool, call)
        });
        let other_connection =
            other_connection(site, scene.tool).map(|id| variation(connection, execute(scene.body().on(id))));
        let foreign = site.profile.keys.get(Role::Foreign).map(|_| Self {
            is_foreign: true,
            ..variation(
                workspace,
                execute(scene.body()).with_credentials(Credentials::Bearer(Role::Foreign)),
            )
        });
        [other_input, other_tool, other_connection, foreign]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The call under an idempotency key. A sound hub does not execute it.
    pub(super) fn call(&self, label: impl Into<String>, key: &str) -> Call {
        let keyed = crate::traffic::with_member(&self.call, "idempotency_key", json!(key));
        keyed.labelled(label).with_intent(Intent::Refused)
    }
}

/// The label of the same variation's call under a key of its own.
pub(crate) fn control(variation: &str) -> String {
    format!("{variation}, by itself")
}

/// An input of the scene's tool that holds the same marker or names the same record, and differs in something else.
pub(super) fn other_input(site: &Site<'_>, scene: &Scene<'_>) -> Option<Value> {
    let own = scene.body().input;
    let at = match site.effects.of_tool(&scene.tool.key)? {
        Effect::Creates(creates) => Some(&creates.marker),
        Effect::Changes(changes) => Some(&changes.id_at),
        Effect::Fingerprint(_) => None,
    };
    let generator = site.generator(scene.tool).ok()?;
    let known = site.profile.inputs.get(&scene.tool.key);
    let generated = generator.valid(site.seed, FURTHER_INPUTS).into_iter().enumerate();
    let mut others = generated.filter_map(|(pick, valid)| {
        let plain = fitted(&generator, valid.instance, known, pick)?;
        let mut marked = plain.clone();
        if let Some(at) = at {
            put(&mut marked, at, own.pointer(at)?.clone());
        }
        // Where an answer is to be filled in, the plain input stands for it.
        let is_filled_later = at
            .and_then(|at| own.pointer(at)?.as_str())
            .and_then(read_answer_placeholder)
            .is_some();
        let is_valid = generator.is_valid(if is_filled_later { &plain } else { &marked });
        (is_valid && marked != own).then_some(marked)
    });
    others.next()
}

/// A call of another gated tool, with what it takes before. One that makes a record needs nothing.
fn other_tool(site: &Site<'_>, scene: &Scene<'_>) -> Option<(Vec<Step>, Call)> {
    let others = site
        .gated_scenes(&format!("approvals/another-tool-than-{}", scene.tool.key))
        .ok()?;
    let mut others: Vec<_> = others
        .into_iter()
        .filter(|other| other.tool.key != scene.tool.key)
        .collect();
    let leaves_nothing = |other: &Scene<'_>| match site.effects.of_tool(&other.tool.key) {
        Some(Effect::Changes(changes)) => site.can_be_undone(&changes.object),
        _ => false,
    };
    others.sort_by_key(|other| (!other.counts(), !leaves_nothing(other)));
    let other = others.first()?;
    let mut body = other.body();
    if let Some(Effect::Changes(changes)) = site.effects.of_tool(&other.tool.key) {
        let at = body.input.pointer_mut(&changes.id_at)?;
        let (_, pointer) = read_answer_placeholder(at.as_str()?)?;
        *at = json!(answer_placeholder(OBJECT, pointer));
    }
    let objects = other.set_up().into_iter().filter_map(|step| match step {
        Step::Call(object) => Some(Step::call(object.labelled(OBJECT))),
        _ => None,
    });
    Some((objects.collect(), Call::execute(other.tool, body)))
}

/// The connection that serves the tool where none is named.
pub(super) fn own_connection(site: &Site<'_>, tool: &Tool) -> Option<String> {
    let pinned = site.profile.connections.default.get(&tool.domain).cloned();
    let surveyed = || {
        let mut survey = site.surface.survey.iter();
        survey.find_map(|(key, seen)| {
            let is_of_domain = site.surface.tool(key)?.domain == tool.domain;
            seen.connection_id.clone().filter(|_| is_of_domain)
        })
    };
    pinned.or_else(surveyed)
}

/// A connection of the tool's domain that is not the default.
fn other_connection(site: &Site<'_>, tool: &Tool) -> Option<String> {
    let own = own_connection(site, tool)?;
    let explicit = site.profile.connections.explicit.get(&tool.domain)?;
    explicit.iter().find(|id| **id != own).cloned()
}

/// The scene's input with one thing wrong each, which the tool's schema does not accept.
pub(super) fn broken_inputs(site: &Site<'_>, scene: &Scene<'_>) -> Vec<Value> {
    let (Some(Value::Object(good)), Ok(generator)) = (site.good_input(scene.tool), site.generator(scene.tool)) else {
        return Vec::new();
    };
    let Value::Object(own) = scene.body().input else {
        return Vec::new();
    };
    let missing = good.keys().map(Fault::Missing);
    let wrong = good.keys().map(Fault::Wrong);
    let faults = missing.chain([Fault::Unknown]).chain(wrong);
    // The scene's own input may hold what is known only later: the good one stands for it.
    let breaking = faults.filter(|fault| !generator.is_valid(&fault.put_into(&good)));
    breaking.take(MOST_BROKEN).map(|fault| fault.put_into(&own)).collect()
}

/// One thing wrong with an input.
enum Fault<'n> {
    /// A member is left out.
    Missing(&'n String),
    /// A member is of a type that hardly any schema accepts.
    Wrong(&'n String),
    /// A member is there that the schema does not know.
    Unknown,
}

impl Fault<'_> {
    fn put_into(&self, input: &Map<String, Value>) -> Value {
        let mut input = input.clone();
        match self {
            Fault::Missing(name) => drop(input.shift_remove(*name)),
            Fault::Wrong(name) => drop(input.insert((*name).clone(), json!([["hubproof"]]))),
            Fault::Unknown => drop(input.insert("hubproof".to_owned(), json!(true))),
        }
        Value::Object(input)
    }
}
