//! Executes another input under a used idempotency key.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "other-inputs-execute",
    requirement: "IDM-03",
    summary: "Executes another input under a used idempotency key.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| {
        let (workspace, key) = idempotency::scope(call)?;
        Some((workspace, format!("{key}\n{}", idempotency::fingerprint(call).input)))
    };
}
