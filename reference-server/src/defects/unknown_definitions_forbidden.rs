//! Answers the definition of an unknown tool with FORBIDDEN.

use super::Defect;
use crate::catalogue_view;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "unknown-definitions-forbidden",
    requirement: "CAT-05",
    summary: "Answers the definition of an unknown tool with FORBIDDEN.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.find_definition = |hub, key| {
        let forbidden = |_| ApiError::new(Code::Forbidden, "This API key may not see this tool.");
        catalogue_view::find(hub, key).map_err(forbidden)
    };
}
