//! Infers effects where tools are named `domain.resource.action`: what `create` makes, `list` or `search` shows, `get` shows by its id and
//! `delete` removes; the resource's other tools change it.

use std::collections::BTreeMap;

use hubproof_model::effect::{Changes, Creates, Effect, ID, MARKER, Pages, Read, Undo};
use hubproof_model::profile::Profile;
use hubproof_model::surface::{Surface, Tool};
use serde_json::{Map, Value, json};

use super::KnownEffect;
use super::names::{CURSORS, FILTERS, LIMITS, LISTING, MAKING, NEXT, OFFSETS, REMOVING, SHOWING, TEXTS, split};

/// The records of a page where the schema sets no bound.
const PAGE: u64 = 100;
/// A text as long as any marker.
const SAMPLE: &str = "hubproof0000000000000000000000";

/// What is known of tools' inputs.
pub trait Inputs {
    /// An input that the tool accepts.
    fn good(&self, tool: &Tool) -> Option<Value>;
    /// Whether the tool's schema accepts an input.
    fn accepts(&self, tool: &Tool, input: &Value) -> bool;
}

/// The tools of one resource.
#[derive(Default)]
struct Resource<'s> {
    makes: Option<&'s Tool>,
    shows: Option<&'s Tool>,
    lists: Vec<&'s Tool>,
    removes: Option<&'s Tool>,
    changes: Vec<&'s Tool>,
}

/// The effects that names and schemas tell, by tool key.
pub(super) fn infer(surface: &Surface, profile: &Profile, inputs: &dyn Inputs) -> BTreeMap<String, KnownEffect> {
    let mut effects = BTreeMap::new();
    for resource in resources(surface).into_values() {
        let making = resource
            .makes
            .and_then(|tool| Some((tool, creates(tool, &resource, inputs)?)));
        let changing = resource.removes.into_iter().chain(resource.changes.iter().copied());
        for tool in changing {
            let effect = match &making {
                Some((maker, made)) => changes(tool, maker, made, &resource),
                None if profile.target.exclusive => fingerprint(tool, &resource, inputs),
                None => None,
            };
            effects.extend(effect.map(|effect| (tool.key.clone(), effect)));
        }
        effects.extend(making.map(|(tool, made)| (tool.key.clone(), Effect::Creates(made))));
    }
    let inferred = |effect| KnownEffect { effect, pinned: false };
    effects
        .into_iter()
        .map(|(key, effect)| (key, inferred(effect)))
        .collect()
}

fn resources(surface: &Surface) -> BTreeMap<&str, Resource<'_>> {
    let mut resources: BTreeMap<&str, Resource<'_>> = BTreeMap::new();
    for tool in &surface.tools {
        let Some((name, action)) = split(&tool.key) else {
            continue;
        };
        let resource = resources.entry(name).or_default();
        let is_one_of = |names: &[&str]| names.contains(&action);
        match tool.risk().is_state_changing() {
            true if is_one_of(&MAKING) && resource.makes.is_none() => resource.makes = Some(tool),
            true if is_one_of(&REMOVING) && resource.removes.is_none() => resource.removes = Some(tool),
            true => resource.changes.push(tool),
            false if is_one_of(&SHOWING) && resource.shows.is_none() => resource.shows = Some(tool),
            false if is_one_of(&LISTING) => resource.lists.push(tool),
            false => {}
        }
    }
    resources
}

fn creates(tool: &Tool, resource: &Resource<'_>, inputs: &dyn Inputs) -> Option<Creates> {
    let shown = resource
        .lists
        .iter()
        .flat_map(|tool| record_members(tool))
        .collect::<Vec<_>>();
    let marker = text_for_marker(tool, &shown, inputs)?;
    let reads = resource.lists.iter().filter_map(|list| listing(list, tool, inputs));
    // What filters by the marker reads least; of two alike, the first in the order of keys.
    let read = reads.min_by_key(|(filters, _)| !filters).map(|(_, read)| read)?;
    let id = id_in_output(tool, resource);
    let undo = id.as_ref().and_then(|_| undo(resource, inputs));
    Some(Creates { marker, read, id, undo })
}

fn changes(tool: &Tool, maker: &Tool, made: &Creates, resource: &Resource<'_>) -> Option<Effect> {
    made.id.as_ref()?;
    let id_at = id_member(tool, resource)?;
    let read = match resource
        .shows
        .and_then(|shows| Some((shows, id_member(shows, resource)?)))
    {
        Some((shows, name)) => Read {
            tool: shows.key.clone(),
            input: json!({ name: ID }),
            pages: None,
        },
        None => made.read.clone(),
    };
    Some(Effect::Changes(Changes {
        object: maker.key.clone(),
        id_at: format!("/{id_at}"),
        read,
    }))
}

/// The read of the record that a good input names. It is others' record.
fn fingerprint(tool: &Tool, resource: &Resource<'_>, inputs: &dyn Inputs) -> Option<Effect> {
    let id_at = id_member(tool, resource)?;
    let id = inputs.good(tool)?.get(&id_at)?.clone();
    if let Some((shows, name)) = resource
        .shows
        .and_then(|shows| Some((shows, id_member(shows, resource)?)))
    {
        return Some(Effect::Fingerprint(Read {
            tool: shows.key.clone(),
            input: json!({ name: id }),
            pages: None,
        }));
    }
    let lists = resource.lists.iter().filter_map(|list| listing(list, tool, inputs));
    let (_, read) = lists.into_iter().find(|(filters, _)| !filters)?;
    Some(Effect::Fingerprint(read))
}

/// How a tool lists records that hold a marker, and whether it filters by it. `None` where it asks for more than is known.
fn listing(list: &Tool, maker: &Tool, inputs: &dyn Inputs) -> Option<(bool, Read)> {
    let schema = list.input_schema.as_ref()?;
    let members = members(schema, schema);
    let has_text = |name: &&&str| members.get(**name).is_some_and(is_text);
    let filter = FILTERS.iter().find(has_text);
    let mut input = Map::new();
    for name in required(schema) {
        if filter == Some(&name) {
            continue;
        }
        // What the record is made in (a ticket's comments) is told by what makes it.
        let parent = inputs.good(maker)?.get(name)?.clone();
        input.insert(name.to_owned(), parent);
    }
    if let Some(filter) = filter {
        input.insert((**filter).to_owned(), json!(MARKER));
    }
    if let Some(limit) = LIMITS.iter().find(|name| members.contains_key(**name)) {
        let most = members[*limit].get("maximum").and_then(Value::as_u64).unwrap_or(PAGE);
        input.insert((*limit).to_owned(), json!(most.min(PAGE)));
    }
    // What is shown of a record that belongs to another is told by that other's id.
    let own = maker.input_schema.as_ref().map(required).unwrap_or_default();
    for name in members
        .keys()
        .filter(|name| name.ends_with("_id") && own.contains(*name))
    {
        if !input.contains_key(*name)
            && let Some(parent) = inputs.good(maker).and_then(|input| input.get(*name).cloned())
        {
            input.insert((*name).to_owned(), parent);
        }
    }
    let read = Read {
        tool: list.key.clone(),
        pages: pages_of(list),
        input: Value::Object(input),
    };
    Some((filter.is_some(), read))
}

/// How a listing gives its further pages.
pub(super) fn pages_of(list: &Tool) -> Option<Pages> {
    let schema = list.input_schema.as_ref()?;
    let takes = members(schema, schema);
    if let Some(offset) = OFFSETS.iter().find(|name| takes.contains_key(**name)) {
        return Some(Pages::Offset {
            at: format!("/{offset}"),
        });
    }
    let cursor = CURSORS.iter().find(|name| takes.contains_key(**name))?;
    let schema = list.output_schema.as_ref()?;
    let outputs = members(schema, schema);
    let next = NEXT.iter().find(|name| outputs.contains_key(**name))?;
    Some(Pages::Cursor {
        at: format!("/{cursor}"),
        next: format!("/{next}"),
    })
}

/// Where a record's id stands in the data of what makes it: at its root, or in the one object there.
fn id_in_output(tool: &Tool, resource: &Resource<'_>) -> Option<String> {
    let root = tool.output_schema.as_ref()?;
    let outputs = members(root, root);
    let own = resource.shows.and_then(|shows| id_member(shows, resource));
    let names = ["id"].into_iter().chain(own.as_deref());
    let mut names = names.filter(|name| outputs.contains_key(name));
    if let Some(name) = names.next() {
        return Some(format!("/{name}"));
    }
    let mut nested = outputs
        .iter()
        .filter(|(_, schema)| members(schema, root).contains_key("id"));
    nested.next().map(|(name, _)| format!("/{name}/id"))
}

fn undo(resource: &Resource<'_>, inputs: &dyn Inputs) -> Option<Undo> {
    let tool = resource.removes?;
    let id_at = id_member(tool, resource)?;
    // What the schema asks for beside the id is as in any good input.
    let mut input = match inputs.accepts(tool, &json!({ id_at.as_str(): SAMPLE })) {
        true => json!({}),
        false => inputs.good(tool)?,
    };
    input.as_object_mut()?.insert(id_at, json!(ID));
    Some(Undo {
        tool: tool.key.clone(),
        input,
        pinned: false,
    })
}

/// The member of a tool's input that takes the id of the resource's record: what `get` requires, else what `delete` does, else the tool's only
/// required member that is named like an id.
fn id_member(tool: &Tool, resource: &Resource<'_>) -> Option<String> {
    let known = [resource.shows, resource.removes]
        .into_iter()
        .flatten()
        .filter_map(|tool| {
            let names = required(tool.input_schema.as_ref()?);
            let mut ids = names
                .into_iter()
                .filter(|name| *name == "id" || name.ends_with("_id") || name.ends_with("Id"));
            ids.next()
        });
    let own = tool.input_schema.as_ref().map(required).unwrap_or_default();
    let mut candidates = known.chain(
        own.iter()
            .copied()
            .filter(|name| *name == "id" || name.ends_with("_id")),
    );
    candidates.find(|name| own.contains(name)).map(str::to_owned)
}

/// JSON Pointer to the text of an input that takes the marker: one that listings show, under a name that people read.
fn text_for_marker(tool: &Tool, shown: &[String], inputs: &dyn Inputs) -> Option<String> {
    let schema = tool.input_schema.as_ref()?;
    let good = inputs.good(tool)?;
    let branches = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let members: Vec<_> = std::iter::once(schema)
        .chain(branches)
        .flat_map(|schema| members(schema, schema))
        .collect();
    let is_known = |name: &str| good.get(name).is_some() || members.iter().any(|(own, _)| *own == name);
    let takes_marker = |name: &&&str| {
        let mut marked = good.clone();
        if let Some(members) = marked.as_object_mut() {
            members.insert((**name).to_owned(), json!(SAMPLE));
        }
        is_known(name) && inputs.accepts(tool, &marked)
    };
    let mut candidates: Vec<_> = TEXTS.iter().filter(takes_marker).collect();
    candidates.sort_by_key(|name| !shown.iter().any(|shown| shown == **name));
    candidates.first().map(|name| format!("/{name}"))
}

fn is_text(schema: &&Value) -> bool {
    let kind = schema.get("type");
    let is_text = kind == Some(&json!("string"))
        || kind
            .and_then(Value::as_array)
            .is_some_and(|kinds| kinds.contains(&json!("string")));
    is_text
        && ["enum", "const", "format", "pattern"]
            .iter()
            .all(|keyword| schema.get(*keyword).is_none())
}

/// The members of the records that a listing shows.
fn record_members(list: &Tool) -> Vec<String> {
    let Some(root) = list.output_schema.as_ref() else {
        return Vec::new();
    };
    let arrays = std::iter::once(root).chain(members(root, root).into_values());
    let items = arrays.filter_map(|schema| schema.get("items"));
    items
        .flat_map(|items| members(items, root).into_keys().map(str::to_owned))
        .collect()
}

/// The members that a schema, or the definition in the document that it refers to, describes.
fn members<'s>(schema: &'s Value, root: &'s Value) -> BTreeMap<&'s str, &'s Value> {
    let referred = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|at| root.pointer(at.strip_prefix('#')?));
    let properties = referred.unwrap_or(schema).get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.as_str(), schema))
        .collect()
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}
