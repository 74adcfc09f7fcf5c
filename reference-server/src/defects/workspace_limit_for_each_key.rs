//! Gives each key of a workspace the workspace's limit for itself.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "workspace-limit-for-each-key",
    requirement: "RTL-09",
    summary: "Gives each key of a workspace the workspace's limit for itself.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.take = Box::new(|hub, key, now| {
        let mut alone = key.clone();
        if let Some(limit) = hub.limits.of_workspace(&key.workspace)
            && limit.per_window < key.limits.per_window
        {
            alone.limits = limit;
        }
        // No workspace has this name, so that no common limit is looked up.
        alone.workspace.clear();
        Box::pin(std::future::ready(hub.limits.take(&alone, now)))
    });
}
