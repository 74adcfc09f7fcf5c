//! Answers an unknown domain with the whole list.

use super::Defect;
use crate::catalogue_view;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "unknown-domain-lists-all",
    requirement: "CAT-03",
    summary: "Answers an unknown domain with the whole list.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.empty_domain = |hub, _| {
        Ok(hub
            .catalogue
            .tools
            .iter()
            .map(|tool| catalogue_view::entry(hub, tool))
            .collect())
    };
}
