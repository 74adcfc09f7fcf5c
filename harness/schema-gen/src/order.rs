//! In which order instances come, so that few of them exercise most of a schema.

mod bases;
mod invalid;
mod valid;

use std::collections::HashSet;

use serde_json::Value;

pub(crate) use invalid::InvalidOrder;
pub(crate) use valid::ValidOrder;

/// Decisions and values that the draws of one list may take together, and what each value wanted adds.
const PURSE: u32 = 60_000;
const PURSE_EACH: usize = 500;

fn purse(wanted: usize) -> u32 {
    PURSE.saturating_add(u32::try_from(wanted.saturating_mul(PURSE_EACH)).unwrap_or(u32::MAX))
}

/// Values given out so far, in a form that equal values share.
#[derive(Default)]
struct Given(HashSet<String>);

impl Given {
    fn is_new(&mut self, value: &Value) -> bool {
        self.0.insert(value.to_string())
    }
}
