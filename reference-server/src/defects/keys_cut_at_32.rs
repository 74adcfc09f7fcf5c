//! Keeps 32 characters of an idempotency key: longer keys that begin alike are one.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-cut-at-32",
    requirement: "IDM-10",
    summary: "Keeps 32 characters of an idempotency key: longer keys that begin alike are one.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| idempotency::scope(call).map(|(workspace, key)| (workspace, key.chars().take(32).collect()));
}
