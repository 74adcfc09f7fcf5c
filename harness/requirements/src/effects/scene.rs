//! A scene: what it takes to see whether calls of one state-changing tool act, and how often.

use std::collections::BTreeSet;

use hubproof_model::call::{Call, Credentials, ExecuteBody};
use hubproof_model::case::{Case, Observation, Step, Until, answer_placeholder};
use hubproof_model::effect::{Effect, ID, MARKER, Pages, Read, fill};
use hubproof_model::judgment::Unexercised;
use hubproof_model::profile::ToolInputs;
use hubproof_model::requirement::Need;
use hubproof_model::surface::Tool;
use serde_json::{Value, json};

use super::seen::{Kind, SCENE, SCENE_BESIDE};
use crate::site::Site;

/// The label of the call that makes the record which is changed.
const OBJECT: &str = "object";
/// How many tools stand for all where a requirement is not about each.
const FEW: usize = 3;
/// The label of the read before anything acts.
pub(crate) const BEFORE: &str = "before";

/// A tool, an input whose effect is told from all others', and the reads that show it.
#[derive(Debug, Clone)]
pub struct Scene<'s> {
    /// The tool.
    pub tool: &'s Tool,
    /// What it takes before: making the record that is changed, and looking at it.
    set_up: Vec<Step>,
    input: Value,
    read: Call,
    pages: Option<Pages>,
    kind: Kind,
    marker: String,
    /// Where the input holds the marker, or the id of the record that is changed.
    identity: String,
    /// Whether nothing else may be in flight: others' changes would be taken for the tool's.
    is_shared: bool,
}

impl<'s> Scene<'s> {
    /// The scene of a tool; `name` tells it from the run's other scenes.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn of(site: &Site<'s>, tool: &'s Tool, name: &str) -> Result<Self, String> {
        let effect = site.effects.of_tool(&tool.key);
        let effect = effect.ok_or_else(|| format!("nothing tells how the effect of {} shows", tool.key))?;
        let good = site
            .good_input(tool)
            .ok_or_else(|| format!("no input can be made for {}", tool.key))?;
        let marker = site.marker(name);
        let reader = reader_of(site, effect.read())?;
        let scene = |set_up, input, read: Value, kind| {
            let read = Call::execute(reader, ExecuteBody::new(read));
            Self {
                tool,
                set_up,
                input,
                read,
                pages: effect.read().pages.clone(),
                kind,
                is_shared: kind == Kind::Fingerprint,
                identity: match effect {
                    Effect::Creates(creates) => creates.marker.clone(),
                    Effect::Changes(changes) => changes.id_at.clone(),
                    Effect::Fingerprint(_) => String::new(),
                },
                marker: marker.clone(),
            }
        };
        let marked = |template: &Value| fill(template, MARKER, &json!(marker));
        match effect {
            Effect::Creates(creates) => {
                let input = marked_input(site, tool, good, &creates.marker, &marker)?;
                Ok(scene(Vec::new(), input, marked(&creates.read.input), Kind::Records))
            }
            Effect::Changes(changes) => {
                let (object, id) = object_of(site, &changes.object, &marker)?;
                let mut input = good;
                let at = input.pointer_mut(&changes.id_at);
                *at.ok_or_else(|| format!("an input of {} has nothing at `{}`", tool.key, changes.id_at))? = json!(id);
                let read = fill(&marked(&changes.read.input), ID, &json!(id));
                // What is not asked for by its id shows other records too.
                let asks_by_id = fill(&changes.read.input, ID, &json!("")) != changes.read.input;
                let kind = if asks_by_id {
                    Kind::Record
                } else {
                    Kind::RecordInListing
                };
                let mut made = scene(Vec::new(), input, read, kind);
                let [before, again] = made.look_before(Until::Present);
                made.set_up = vec![Step::call(object.labelled(OBJECT)), before, again];
                Ok(made)
            }
            Effect::Fingerprint(read) => {
                let mut made = scene(Vec::new(), good, marked(&read.input), Kind::Fingerprint);
                made.set_up = made.look_before(Until::Once).to_vec();
                Ok(made)
            }
        }
    }

    /// What is there before anything acts, and what of it changes by itself.
    fn look_before(&self, until: Until) -> [Step; 2] {
        [self.observe(BEFORE, until), self.observe(&again(BEFORE), Until::Once)]
    }

    /// The steps before the tool is called.
    pub fn set_up(&self) -> Vec<Step> {
        self.set_up.clone()
    }

    /// The body of a call that acts once, with nothing but the input.
    pub fn body(&self) -> ExecuteBody {
        ExecuteBody::new(self.input.clone())
    }

    /// The call that acts once, changed by `change`.
    pub fn call(&self, label: &str, change: impl FnOnce(ExecuteBody) -> ExecuteBody) -> Call {
        Call::execute(self.tool, change(self.body())).labelled(label)
    }

    /// The body with one member of its input replaced by what the tool's schema does not accept there. `None` where it accepts anything.
    pub fn invalid_body(&self, site: &Site<'_>) -> Option<ExecuteBody> {
        let generator = site.generator(self.tool).ok()?;
        let members = self.input.as_object()?;
        let broken = |name: &String| {
            let mut input = self.input.clone();
            input[name] = json!([["hubproof"]]);
            (!generator.is_valid(&input)).then(|| ExecuteBody::new(input))
        };
        members.keys().find_map(broken)
    }

    /// The step that waits for so many effects to show.
    pub fn shows(&self, label: &str, effects: u64) -> Step {
        let until = match self.kind {
            Kind::Records => Until::Reaches {
                marker: self.marker.clone(),
                count: effects,
            },
            _ => Until::Differs {
                from: BEFORE.to_owned(),
            },
        };
        self.observe(label, until)
    }

    /// The step that gives more than so many effects the time to show.
    pub fn shows_no_more(&self, label: &str, effects: u64) -> Step {
        let until = match (self.kind, effects) {
            (Kind::Records, count) => Until::Exceeds {
                marker: self.marker.clone(),
                count,
            },
            (_, 0) => Until::Strays {
                from: BEFORE.to_owned(),
            },
            // A record that has changed tells no second change.
            (_, _) => Until::Differs {
                from: BEFORE.to_owned(),
            },
        };
        self.observe(label, until)
    }

    /// Whether effects are counted; else it is only seen whether there was one.
    pub fn counts(&self) -> bool {
        self.kind == Kind::Records
    }

    /// Whether the case must be exclusive: the read shows what others own.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// What judges must know of the scene ([`super::seen::Seen`]): a member of the case's facts.
    pub fn facts(&self) -> Value {
        json!({ SCENE: self.fact() })
    }

    fn fact(&self) -> Value {
        json!({ "kind": self.kind, "marker": self.marker })
    }

    /// A case of steps on this scene, with its facts.
    pub fn case(&self, id: impl Into<String>, title: impl Into<String>, steps: Vec<Step>) -> Case {
        let case = Case::of_steps(id, title, steps)
            .about(&self.tool.key)
            .with_facts(self.facts());
        match self.is_shared {
            true => case.exclusively(),
            false => case,
        }
    }

    /// A case of steps on this scene and a second one, with the facts of both. Their labels must differ.
    pub fn case_with(&self, other: &Self, id: impl Into<String>, title: impl Into<String>, steps: Vec<Step>) -> Case {
        let mut case = self.case(id, title, steps);
        case.facts[SCENE_BESIDE] = other.fact();
        case.exclusive |= other.is_shared;
        case
    }

    /// The marker.
    pub fn marker(&self) -> &str {
        &self.marker
    }

    /// Whether the scene has a record of the run's own, which is read by itself.
    pub fn has_own_record(&self) -> bool {
        self.kind == Kind::Record
    }

    /// The read that shows the effect.
    pub fn read(&self) -> Call {
        self.read.clone()
    }

    /// The reads that find the scene's record by its marker among others, as far as they are known: those of the tool that makes it.
    pub fn reads_that_find(&self, site: &Site<'_>) -> Vec<Call> {
        let maker = match site.effects.of_tool(&self.tool.key) {
            Some(Effect::Changes(changes)) => changes.object.as_str(),
            _ => return Vec::new(),
        };
        let listing = site.effects.of_tool(maker).map(Effect::read);
        let reader = listing.and_then(|read| Some((read, site.surface.tool(&read.tool)?)));
        reader
            .map(|(read, tool)| Call::execute(tool, ExecuteBody::new(fill(&read.input, MARKER, &json!(self.marker)))))
            .into_iter()
            .collect()
    }

    /// JSON Pointer to the place in the input that tells the effect from others': the marker, or the id of the run's own record. Empty where
    /// there is none.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Another input with what tells the effect from others' put in its place. `None` where it has no such place.
    pub fn identified(&self, mut input: Value) -> Option<Value> {
        let own = self
            .input
            .pointer(&self.identity)
            .filter(|_| !self.identity.is_empty())?;
        crate::inputs::put(&mut input, &self.identity, own.clone());
        (input.pointer(&self.identity) == Some(own)).then_some(input)
    }

    /// The reads through which effects are seen, routed to a connection.
    #[must_use]
    pub fn read_on(mut self, connection: &str) -> Self {
        self.read = crate::traffic::with_member(&self.read, "connection_id", json!(connection));
        self
    }

    /// The same observation under other credentials, such as another workspace's key.
    #[must_use]
    pub fn read_as(mut self, credentials: Credentials) -> Self {
        self.read.credentials = credentials;
        self
    }

    fn observe(&self, label: &str, until: Until) -> Step {
        Step::Observe(Box::new(Observation {
            read: self.read.clone().labelled(label),
            pages: self.pages.clone(),
            holding: (self.kind == Kind::RecordInListing).then(|| self.marker.clone()),
            until,
        }))
    }
}

/// The label of the observation that looks a second time at what the one of this label saw.
pub fn again(label: &str) -> String {
    format!("{label}, again")
}

fn reader_of<'s>(site: &Site<'s>, read: &Read) -> Result<&'s Tool, String> {
    let reader = site.surface.tool(&read.tool);
    let reader = reader.ok_or_else(|| format!("the hub has no tool {}", read.tool))?;
    match reader.risk().is_state_changing() {
        true => Err(format!("{} is no read tool", read.tool)),
        false => Ok(reader),
    }
}

/// The call that makes a record, and the placeholder of its id.
fn object_of(site: &Site<'_>, key: &str, marker: &str) -> Result<(Call, String), String> {
    let maker = site
        .surface
        .tool(key)
        .ok_or_else(|| format!("the hub has no tool {key}"))?;
    let Some(Effect::Creates(creates)) = site.effects.of_tool(key) else {
        return Err(format!("nothing tells how the records that {key} makes show"));
    };
    if site.allow < maker.risk().required_allow() {
        return Err(format!(
            "{key}, which makes the record to change, needs `--allow {}`",
            maker.risk().required_allow()
        ));
    }
    if site.is_gated(key) {
        return Err(format!("{key}, which makes the record to change, needs approval"));
    }
    let id = creates
        .id
        .as_ref()
        .ok_or_else(|| format!("nothing tells the id of what {key} makes"))?;
    let good = site
        .good_input(maker)
        .ok_or_else(|| format!("no input can be made for {key}"))?;
    let input = marked_input(site, maker, good, &creates.marker, marker)?;
    let call = Call::execute(maker, ExecuteBody::new(input));
    Ok((call, answer_placeholder(OBJECT, &format!("/data{id}"))))
}

impl Site<'_> {
    /// The input of a real execute with the run's marker in it, where the tool makes records and the marker has a place; else as it is.
    pub fn marked(&self, tool: &Tool, input: Value, name: &str) -> Value {
        let Some(Effect::Creates(creates)) = self.effects.of_tool(&tool.key) else {
            return input;
        };
        let is_given = |known: &ToolInputs| {
            let at = &creates.marker;
            known.examples.contains(&input) || known.values.contains_key(at) || known.leave.contains(at)
        };
        // What the profile insists on is sent as it says.
        if self.profile.inputs.get(&tool.key).is_some_and(is_given) {
            return input;
        }
        let marked = marked_input(self, tool, input.clone(), &creates.marker, &self.marker(name));
        marked.unwrap_or(input)
    }
}

/// The input with the marker in its place.
pub(crate) fn marked_input(
    site: &Site<'_>,
    tool: &Tool,
    mut input: Value,
    at: &str,
    marker: &str,
) -> Result<Value, String> {
    crate::inputs::put(&mut input, at, json!(marker));
    let is_valid = site.generator(tool).is_ok_and(|generator| generator.is_valid(&input));
    match is_valid && input.pointer(at) == Some(&json!(marker)) {
        true => Ok(input),
        false => Err(format!(
            "the schema of {} does not take a marker such as \"{marker}\" at `{at}`: name another place in [effects.\"{}\"] marker",
            tool.key, tool.key
        )),
    }
}

impl<'s> Site<'s> {
    /// A scene of each state-changing tool that the run may execute, that needs no approval, and whose effect shows, in the order of their
    /// risk; `name` tells them from the run's other scenes.
    ///
    /// # Errors
    /// That there is none, and why.
    pub fn scenes(&self, name: &str) -> Result<Vec<Scene<'s>>, Unexercised> {
        self.scenes_of(name, |tool| !self.is_gated(&tool.key))
    }

    /// The same of the tools whose executions can be counted.
    ///
    /// # Errors
    /// That there is none, and why.
    pub fn counting_scenes(&self, name: &str) -> Result<Vec<Scene<'s>>, Unexercised> {
        let mut scenes = self.scenes(name)?;
        scenes.retain(Scene::counts);
        match scenes.is_empty() {
            true => Err(Unexercised::Missing(vec![Need::Effect])),
            false => Ok(scenes),
        }
    }

    /// A few of them, each of another domain: the least risky first, and of these such as make records that can be removed again.
    ///
    /// # Errors
    /// That there is none, and why.
    pub fn few_counting_scenes(&self, name: &str) -> Result<Vec<Scene<'s>>, Unexercised> {
        let mut scenes = self.counting_scenes(name)?;
        scenes.sort_by_key(|scene| (scene.tool.risk(), !self.can_be_undone(&scene.tool.key)));
        let mut domains = BTreeSet::new();
        scenes.retain(|scene| domains.insert(&scene.tool.domain));
        scenes.truncate(FEW);
        Ok(scenes)
    }

    /// Whether what the tool makes can be removed again by a call that needs no approval.
    pub(crate) fn can_be_undone(&self, key: &str) -> bool {
        match self.effects.of_tool(key) {
            Some(Effect::Creates(creates)) => creates.undo.as_ref().is_some_and(|undo| !self.is_gated(&undo.tool)),
            _ => false,
        }
    }

    /// A scene of each gated tool.
    ///
    /// # Errors
    /// That there is none, and why.
    pub fn gated_scenes(&self, name: &str) -> Result<Vec<Scene<'s>>, Unexercised> {
        self.scenes_of(name, |tool| self.is_gated(&tool.key))
    }

    fn scenes_of(&self, name: &str, is_wanted: impl Fn(&Tool) -> bool) -> Result<Vec<Scene<'s>>, Unexercised> {
        let is_wanted = |tool: &&'s Tool| {
            tool.risk().is_state_changing() && !self.lacks_connection(&tool.domain) && is_wanted(tool)
        };
        let mut tools: Vec<_> = self.executable_tools().filter(is_wanted).collect();
        tools.sort_by_key(|tool| tool.risk());
        let mut why_not = None;
        let mut scenes = Vec::new();
        for tool in tools {
            match Scene::of(self, tool, &format!("{name}/{}", tool.key)) {
                Ok(scene) => scenes.push(scene),
                // What the profile says and does not fit is more telling than what it does not say.
                Err(why) if self.effects.is_pinned(&tool.key) => why_not = Some(why),
                Err(_) => {}
            }
        }
        match (scenes.is_empty(), why_not) {
            (false, _) => Ok(scenes),
            (true, Some(why)) => Err(Unexercised::NotApplicable(why)),
            (true, None) => Err(Unexercised::Missing(vec![Need::Effect])),
        }
    }
}
