//! Keeps the idempotency keys of all workspaces in one place: another's replay reveals the first data.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-shared-by-workspaces",
    requirement: "IDM-05",
    summary: "Keeps the idempotency keys of all workspaces in one place: another's replay reveals the first data.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| idempotency::scope(call).map(|(_, key)| (String::new(), key));
}
