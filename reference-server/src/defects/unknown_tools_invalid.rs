//! Answers the execute of an unknown tool with INVALID_INPUT.

use super::Defect;
use crate::catalogue_view;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "unknown-tools-invalid",
    requirement: "EXE-03",
    summary: "Answers the execute of an unknown tool with INVALID_INPUT.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.find_tool =
        |hub, key| catalogue_view::find(hub, key).map_err(|_| ApiError::invalid("There is no tool with this key."));
}
