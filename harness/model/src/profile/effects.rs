//! `[effects]`: how the effects of state-changing tools show.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::de::DeValue;

use super::by_tool::ByTool;
use super::error::ProfileError;
use super::node::{Node, Section};
use super::{Target, json, placeholders, pointer};
use crate::effect::{Changes, Creates, Effect, ID, MARKER, Pages, Read, Undo};

const KEYS: [&str; 6] = ["marker", "read", "id", "undo", "object", "id_at"];

/// What is known when an input is sent, and so can stand in it.
#[derive(Clone, Copy)]
enum Known {
    /// Nothing of the write.
    Nothing,
    /// The marker; an input without it asks for every record.
    Marker,
    /// The record's id, which the input must have to be about this record, and the marker that it was made with.
    Record,
    /// The record's id, which the input must have.
    Id,
}

impl Known {
    fn placeholders(self) -> &'static [&'static str] {
        match self {
            Known::Nothing => &[],
            Known::Marker => &[MARKER],
            Known::Record => &[ID, MARKER],
            Known::Id => &[ID],
        }
    }
}

/// Reads `[effects]`.
pub(super) fn read(
    node: &Node<'_>,
    target: &Target,
    warnings: &mut Vec<String>,
) -> Result<BTreeMap<String, Effect>, ProfileError> {
    let tables = ByTool {
        name: "effects",
        keys: &KEYS,
        members: "a table with read, and marker or object",
    };
    let effects = tables.read(node, |tool, section| effect(tool, &section))?;
    for (tool, _, of_tool) in node.section("a table")?.entries() {
        match effects.get(tool) {
            Some(Effect::Changes(changes)) => {
                let object = of_tool.section("a table")?.get("object");
                check_object(&object.unwrap_or(of_tool), &changes.object, &effects)?;
            }
            Some(Effect::Fingerprint(_)) if !target.exclusive => warnings.push(format!(
                "[effects.\"{tool}\"] proves nothing without `exclusive = true` in [target]: a change that has neither \
                 `marker` nor `object` may be anyone's"
            )),
            _ => {}
        }
    }
    Ok(effects)
}

fn effect(tool: &str, section: &Section<'_>) -> Result<Effect, ProfileError> {
    match (section.get("marker"), section.get("object")) {
        (Some(_), Some(object)) => {
            Err(object.fault("a tool with a `marker` makes records, one with an `object` changes them: leave one out"))
        }
        (Some(marker), None) => creates(tool, section, &marker).map(Effect::Creates),
        (None, Some(object)) => changes(tool, section, &object).map(Effect::Changes),
        (None, None) => {
            refuse_without("marker", section, &["id", "undo"])?;
            refuse_without("object", section, &["id_at"])?;
            section
                .require("read", |node| read_call(&node, tool, Known::Nothing))
                .map(Effect::Fingerprint)
        }
    }
}

fn creates(tool: &str, section: &Section<'_>, marker: &Node<'_>) -> Result<Creates, ProfileError> {
    refuse_without("object", section, &["id_at"])?;
    let creates = Creates {
        marker: pointer::read_place(marker, "a JSON Pointer into the input such as \"/title\"")?,
        read: section.require("read", |node| read_call(&node, tool, Known::Marker))?,
        // The data may be nothing but the id.
        id: section.read("id", |node| {
            pointer::read(&node, "a JSON Pointer into the data such as \"/id\"")
        })?,
        undo: section.read("undo", |node| undo(&node, tool))?,
    };
    match section.get("undo") {
        Some(undo) if creates.id.is_none() => {
            Err(undo.fault("it needs `id`, which says where the record's id stands in the data"))
        }
        _ => Ok(creates),
    }
}

fn changes(tool: &str, section: &Section<'_>, object: &Node<'_>) -> Result<Changes, ProfileError> {
    refuse_without("marker", section, &["id", "undo"])?;
    Ok(Changes {
        object: other_tool(object, tool, "it makes the record that the tool changes")?,
        id_at: section.require("id_at", |node| {
            pointer::read_place(&node, "a JSON Pointer into the input such as \"/ticket_id\"")
        })?,
        read: section.require("read", |node| read_call(&node, tool, Known::Record))?,
    })
}

/// Refuses keys that say nothing unless another is there.
fn refuse_without(needed: &str, section: &Section<'_>, keys: &[&str]) -> Result<(), ProfileError> {
    match keys.iter().find_map(|key| section.get(key)) {
        Some(node) => Err(node.fault(format_args!("it stands only beside `{needed}`"))),
        None => Ok(()),
    }
}

/// What the profile itself says of the tool that makes the record. What it does not say is inferred later.
fn check_object(node: &Node<'_>, object: &str, effects: &BTreeMap<String, Effect>) -> Result<(), ProfileError> {
    match effects.get(object) {
        None | Some(Effect::Creates(Creates { id: Some(_), .. })) => Ok(()),
        Some(Effect::Creates(_)) => Err(node.fault(format_args!(
            "[effects.\"{object}\"] has no `id`, so that nothing is known of the record but its marker"
        ))),
        Some(_) => Err(node.fault(format_args!(
            "[effects.\"{object}\"] has no `marker`, so that it makes no record"
        ))),
    }
}

fn read_call(node: &Node<'_>, tool: &str, known: Known) -> Result<Read, ProfileError> {
    let section = node
        .section("a table such as { tool = \"itsm.tickets.list\", input = { limit = 100 } }")?
        .only(&["tool", "input", "offset", "cursor", "next"])?;
    Ok(Read {
        tool: section.require("tool", |node| other_tool(&node, tool, "it shows the effect"))?,
        input: input(&section, known)?,
        pages: pages(&section)?,
    })
}

fn pages(section: &Section<'_>) -> Result<Option<Pages>, ProfileError> {
    let [offset, cursor, next] = ["offset", "cursor", "next"].map(|key| section.get(key));
    match (offset, cursor, next) {
        (None, None, None) => Ok(None),
        (Some(offset), None, None) => Ok(Some(Pages::Offset {
            at: pointer::read_place(&offset, "a JSON Pointer into the input such as \"/offset\"")?,
        })),
        (None, Some(cursor), Some(next)) => Ok(Some(Pages::Cursor {
            at: pointer::read_place(&cursor, "a JSON Pointer into the input such as \"/cursor\"")?,
            next: pointer::read_place(&next, "a JSON Pointer into the data such as \"/next_cursor\"")?,
        })),
        (None, Some(cursor), None) => Err(cursor.fault("it needs `next`, which says where the data has the cursor")),
        (None, None, Some(next)) => Err(next.fault("it stands only beside `cursor`")),
        (Some(offset), ..) => Err(offset.fault("pages go by `offset`, or by `cursor` and `next`: leave one out")),
    }
}

fn undo(node: &Node<'_>, tool: &str) -> Result<Undo, ProfileError> {
    let section = node
        .section("a table such as { tool = \"itsm.tickets.delete\", input = { ticket_id = \"<id>\" } }")?
        .only(&["tool", "input"])?;
    Ok(Undo {
        tool: section.require("tool", |node| {
            other_tool(&node, tool, "it takes back what the tool does")
        })?,
        input: input(&section, Known::Id)?,
        pinned: true,
    })
}

/// The key of a tool that serves another one, and cannot be that tool itself.
fn other_tool(node: &Node<'_>, tool: &str, purpose: &str) -> Result<String, ProfileError> {
    let other = node.word("a tool's key such as \"itsm.tickets.get\"")?;
    if other == tool {
        return Err(node.fault(format_args!("expected another tool than `{tool}` itself: {purpose}")));
    }
    Ok(other)
}

fn input(section: &Section<'_>, known: Known) -> Result<Value, ProfileError> {
    let needs_id = matches!(known, Known::Record | Known::Id);
    let read = |node: Node<'_>| {
        let DeValue::Table(_) = node.value() else {
            return Err(node.expected("an input such as { ticket_id = \"<id>\" }"));
        };
        placeholders::check(&node, known.placeholders())?;
        if needs_id && !placeholders::holds(node.value(), ID) {
            return Err(node.fault(format_args!("expected `{ID}` where the record's id goes")));
        }
        json::read(&node)
    };
    match needs_id {
        true => section.require("input", read),
        false => Ok(section.read("input", read)?.unwrap_or_else(|| Map::new().into())),
    }
}
