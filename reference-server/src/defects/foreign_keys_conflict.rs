//! Refuses an idempotency key that another workspace has used.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "foreign-keys-conflict",
    requirement: "IDM-05",
    summary: "Refuses an idempotency key that another workspace has used.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| idempotency::scope(call).map(|(_, key)| (String::new(), key));
    flow.fingerprint = |call| {
        let mut fingerprint = idempotency::fingerprint(call);
        fingerprint.tool = format!("{} {}", call.key.workspace, fingerprint.tool);
        fingerprint
    };
}
