//! Takes idempotency keys that differ in the spaces around them for one.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-trimmed",
    requirement: "IDM-10",
    summary: "Takes idempotency keys that differ in the spaces around them for one.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| idempotency::scope(call).map(|(workspace, key)| (workspace, key.trim().to_owned()));
}
