//! Leaves unknown routes and wrong methods to its web framework, which answers in plain text.

use http::HeaderMap;

use super::Defect;
use crate::envelope::{Answer, Payload};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "bare-framework-errors",
    requirement: "ENV-12",
    summary: "Leaves unknown routes and wrong methods to its web framework, which answers in plain text.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.outside = |_, error, _| Answer {
        status: error.status(),
        headers: HeaderMap::new(),
        payload: Payload::Text(error.status().canonical_reason().unwrap_or_default().to_owned()),
    };
}
