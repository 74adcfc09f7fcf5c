//! Takes idempotency keys that differ in case for one.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-case-folded",
    requirement: "IDM-10",
    summary: "Takes idempotency keys that differ in case for one.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| idempotency::scope(call).map(|(workspace, key)| (workspace, key.to_lowercase()));
}
