//! Forgets an idempotency key once its call was replayed: the second replay executes.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-forgotten-once-replayed",
    requirement: "IDM-01",
    summary: "Forgets an idempotency key once its call was replayed: the second replay executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.replay = Box::new(|call, first| {
        if let Some(scope) = (call.hub.flow.scope)(call) {
            call.hub.idempotency.forget(&scope);
        }
        call::replay(call, first)
    });
}
