//! Limits keys only: the limit of their workspace is not looked up.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "workspace-limit-not-enforced",
    requirement: "RTL-09",
    summary: "Limits keys only: the limit of their workspace is not looked up.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.take = Box::new(|hub, key, now| {
        let mut alone = key.clone();
        alone.workspace.clear();
        Box::pin(std::future::ready(hub.limits.take(&alone, now)))
    });
}
