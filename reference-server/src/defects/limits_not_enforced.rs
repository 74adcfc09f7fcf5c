//! Counts calls, and refuses none.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "limits-not-enforced",
    requirement: "RTL-04",
    summary: "Counts calls, and refuses none.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.take = Box::new(|hub, key, now| Box::pin(std::future::ready(Ok(hub.limits.count(key, now)))));
}
