//! Fails on a tool key that is no plain word.

use super::Defect;
use crate::catalogue_view;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "hostile-keys-crash",
    requirement: "CAT-11",
    summary: "Fails on a tool key that is no plain word.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.find_definition = |hub, key| {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        if key.chars().all(is_plain) {
            catalogue_view::find(hub, key)
        } else {
            Err(ApiError::new(
                Code::InternalError,
                "The hub could not look the tool up.",
            ))
        }
    };
}
