//! Answers an invalid call of a gated tool with INVALID_INPUT, and makes an entry for it.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::late_checks::unchecked_call;

pub(super) const DEFECT: Defect = Defect {
    name: "invalid-calls-leave-entries",
    requirement: "APR-08",
    summary: "Answers an invalid call of a gated tool with INVALID_INPUT, and makes an entry for it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.settle = Box::new(|mut refusal| {
        Box::pin(async move {
            if let Some(call) = unchecked_call(&mut refusal).await
                && call::gates(&call)
            {
                let key = call.request.idempotency_key.as_deref().unwrap_or(&call.request_id);
                call.ask(key, &(call.hub.flow.fingerprint)(&call));
            }
            Err(refusal.error)
        })
    });
}
