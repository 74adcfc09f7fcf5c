//! `[effects]`: how the writes of each state-changing tool show, as it was inferred, ready to be pinned.

use hubproof_model::effect::{Effect, Pages, Read};
use hubproof_model::requirement::Need;
use hubproof_model::surface::Tool;
use hubproof_reports::toml_text::quoted;
use hubproof_runner::ground::Ground;
use serde_json::Value;

use super::document::Document;
use super::inputs::{SAMPLE_ID, is_id};
use super::profile::reads;
use super::values::{json, table, text};
use hubproof_runner::wanted::Wanted;

/// Writes the tables, switched off: they are inferred all the same.
pub(super) fn write(document: &mut Document, ground: &Ground, wanted: &Wanted) {
    let tools = &ground.surface.tools;
    let changing = tools.iter().filter(|tool| tool.risk().is_state_changing());
    let (mut inferred, mut unpinnable, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for tool in changing {
        let effect = ground.effects.of_tool(&tool.key);
        match effect.map(|effect| (effect, entries(effect))) {
            Some((effect, Some(entries))) if can_be_pinned(tool, &entries) => inferred.push((tool, effect, entries)),
            Some(_) => unpinnable.push(tool),
            None => unknown.push(tool),
        }
    }
    document.table(&["effects"]);
    document.prose(&format!(
        "How the effect of a state-changing tool shows. What is switched off is inferred; switch it on, and mend it, where that went \
         wrong.{}",
        wanted.sentence(&[Need::Effect])
    ));
    if let (true, Some(sample)) = (inferred.is_empty(), Need::Effect.profile_line()) {
        document.entry_off(&["domain.resource.create"], &sample.value);
    }
    if !unknown.is_empty() {
        document.prose(&format!(
            "Nothing tells how these show, so that what they do is not looked for unless you say so (with `exclusive = true`, any change in \
             what a read tool answers will do): {}.",
            named(&unknown)
        ));
    }
    if !unpinnable.is_empty() {
        document.prose(&format!(
            "Inferred, but not in words that a profile has, since a listing alone shows the record that they change or remove: {}.",
            named(&unpinnable)
        ));
    }
    for (tool, effect, entries) in inferred {
        document.gap();
        document.prose(&format!("risk {}: {}", tool.risk(), does(effect)));
        document.table_off(&["effects", &tool.key]);
        for (name, value) in entries {
            document.entry_off(&[name], &value);
        }
    }
}

fn named(tools: &[&Tool]) -> String {
    let named: Vec<_> = tools
        .iter()
        .map(|tool| format!("{} ({})", tool.key, tool.risk()))
        .collect();
    named.join(", ")
}

fn does(effect: &Effect) -> String {
    match effect {
        Effect::Creates(_) => "makes a record".to_owned(),
        Effect::Changes(changes) => format!("changes or removes a record that {} makes", changes.object),
        Effect::Fingerprint(read) => format!("changes what {} answers", read.tool),
    }
}

/// Whether the profile's language takes the effect. A record that nothing but a listing shows has no place for its id there.
fn can_be_pinned(tool: &Tool, entries: &[(&'static str, String)]) -> bool {
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    reads(&format!("[effects.{}]\n{}", quoted(&tool.key), entries.join("\n")))
}

/// The entries of the effect's table. `None` where a value cannot stand in a profile.
fn entries(effect: &Effect) -> Option<Vec<(&'static str, String)>> {
    let mut entries = Vec::new();
    match effect {
        Effect::Creates(creates) => {
            entries.push(("marker", text(&creates.marker)));
            entries.push(("read", call(&creates.read)?));
            entries.extend(creates.id.as_ref().map(|id| ("id", text(id))));
            if let Some(undo) = &creates.undo {
                let members = [("tool", text(&undo.tool)), ("input", json(&undo.input)?)];
                entries.push(("undo", table(members)));
            }
        }
        Effect::Changes(changes) => {
            entries.push(("object", text(&changes.object)));
            entries.push(("id_at", text(&changes.id_at)));
            entries.push(("read", call(&changes.read)?));
        }
        Effect::Fingerprint(read) => entries.push(("read", call(read)?)),
    }
    Some(entries)
}

/// The call that shows the effect. An id that stands in its input was made up, unless the profile gave it: a sample takes its place.
fn call(read: &Read) -> Option<String> {
    let mut input = read.input.clone();
    for (name, value) in input.as_object_mut().into_iter().flatten() {
        if is_id(name) && value.as_str().is_some_and(|id| !id.contains('<')) {
            *value = Value::from(SAMPLE_ID);
        }
    }
    let mut members = vec![("tool", text(&read.tool)), ("input", json(&input)?)];
    match &read.pages {
        None => {}
        Some(Pages::Offset { at }) => members.push(("offset", text(at))),
        Some(Pages::Cursor { at, next }) => members.extend([("cursor", text(at)), ("next", text(next))]),
    }
    Some(table(members))
}
