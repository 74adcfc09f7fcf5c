//! The `data` that was proven sound: the same bytes of the same tool need not be validated again. Hubs answer the same call alike, and
//! what a schema says of some bytes never changes.

use std::hash::Hasher;

use hubproof_model::json_body::JsonBody;
use jsonschema::Validator;
use rustc_hash::FxHasher;
use serde_json::value::RawValue;

/// How many are remembered.
const SLOTS: usize = 512;
/// The longest that are, in bytes.
const LONGEST: usize = 16 * 1024;
/// How many bytes are remembered in all.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// The deepest nesting that is looked at here: well below where parsers give up, whatever stands around the data.
const DEEPEST: usize = 100;

/// Data that was proven sound, each in the slot of its hash: a later one takes an earlier one's place.
#[derive(Debug, Default)]
pub(super) struct Proven {
    slots: Vec<Option<Data>>,
    bytes: usize,
}

#[derive(Debug)]
struct Data {
    tool: usize,
    text: Box<str>,
}

impl Proven {
    /// Whether data has no member twice (ENV-04), and is what the schema accepts (ENV-09).
    pub(super) fn is_sound(&mut self, tool: usize, schema: Option<&Validator>, data: &RawValue) -> bool {
        let text = data.get();
        let slot = slot(tool, text);
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        let known = self.slots[slot].as_ref();
        // Without a schema nothing was validated: those are dry runs, or tools that have none.
        if schema.is_some() && known.is_some_and(|known| known.tool == tool && *known.text == *text) {
            return true;
        }
        let is_sound = is_sound(schema, text);
        if is_sound && schema.is_some() {
            self.remember(slot, tool, text);
        }
        is_sound
    }

    fn remember(&mut self, slot: usize, tool: usize, text: &str) {
        if let Some(forgotten) = self.slots[slot].take() {
            self.bytes -= forgotten.text.len();
        }
        if text.len() <= LONGEST && self.bytes + text.len() <= MOST_BYTES {
            self.bytes += text.len();
            let text = text.into();
            self.slots[slot] = Some(Data { tool, text });
        }
    }
}

fn is_sound(schema: Option<&Validator>, text: &str) -> bool {
    if is_deep(text) {
        return false;
    }
    let Ok(body) = JsonBody::parse(text.as_bytes()) else {
        return false;
    };
    body.duplicate_keys.is_empty() && schema.is_none_or(|schema| schema.is_valid(&body.value))
}

/// Whether brackets may nest more deeply than is looked at here. Those in texts count too: then a closer look is taken for nothing.
fn is_deep(text: &str) -> bool {
    let mut depth: usize = 0;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}

fn slot(tool: usize, text: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write_usize(tool);
    hasher.write(text.as_bytes());
    (hasher.finish() as usize) % SLOTS
}
