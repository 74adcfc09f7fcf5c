//! Declares its JSON as plain text.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "json-as-text",
    requirement: "ENV-04",
    summary: "Declares its JSON as plain text.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.content_type = "text/plain; charset=utf-8";
}
