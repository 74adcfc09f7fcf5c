//! Tells the entries of one call from all others in Approvals.

use hubproof_model::exchange::Exchange;
use serde_json::Value;

/// What an entry of a call holds: its idempotency key, or the run's marker in its input, or the id that the answer names.
pub(super) struct Needles {
    key: Option<String>,
    marked: Vec<String>,
    named: Vec<String>,
}

impl Needles {
    /// Those of a call that was sent.
    pub(super) fn of(gated: &Exchange) -> Self {
        let mut marked = Vec::new();
        if let Some(input) = gated.call.json().and_then(|body| body.get("input")) {
            texts(input, &mut |text| {
                if text.contains("hubproof") {
                    marked.push(text.to_owned());
                }
            });
        }
        let mut named = Vec::new();
        if let Some(details) = gated.json().and_then(|body| body.pointer("/error/details")) {
            texts(details, &mut |text| named.push(text.to_owned()));
        }
        Self {
            key: gated.call.idempotency_key().map(str::to_owned),
            marked,
            named,
        }
    }

    /// Whether the entry belongs to the call.
    pub(super) fn fit(&self, entry: &Value) -> bool {
        self.fits_key(entry) || self.fits_input(entry)
    }

    /// The entry that most surely belongs to the call.
    pub(super) fn best<'e>(&self, entries: &'e [Value]) -> Option<&'e Value> {
        let is_named = |entry: &&Value| id_of(entry, "/id").is_some_and(|id| self.named.contains(&id));
        let by_key = || entries.iter().find(|entry| self.fits_key(entry));
        let by_input = || entries.iter().find(|entry| self.fits_input(entry));
        entries.iter().find(is_named).or_else(by_key).or_else(by_input)
    }

    fn fits_key(&self, entry: &Value) -> bool {
        self.key
            .as_ref()
            .is_some_and(|key| has_text(entry, &|text| text == key))
    }

    fn fits_input(&self, entry: &Value) -> bool {
        self.marked
            .iter()
            .any(|marked| has_text(entry, &|text| text.contains(marked.as_str())))
    }
}

/// The id of an entry: a text or a number.
pub(super) fn id_of(entry: &Value, pointer: &str) -> Option<String> {
    match entry.pointer(pointer)? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn has_text(value: &Value, fits: &dyn Fn(&str) -> bool) -> bool {
    let mut found = false;
    texts(value, &mut |text| found |= fits(text));
    found
}

fn texts(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, see)),
        Value::Object(members) => members.values().for_each(|member| texts(member, see)),
        _ => {}
    }
}
