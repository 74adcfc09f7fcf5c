//! Asks for approval before it looks at the input: an invalid call is answered APPROVAL_REQUIRED, and has an entry.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::late_checks::unchecked_call;

pub(super) const DEFECT: Defect = Defect {
    name: "invalid-calls-ask-approval",
    requirement: "APR-08",
    summary: "Asks for approval before it looks at the input: an invalid call is answered APPROVAL_REQUIRED, and has an entry.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.settle = Box::new(|mut refusal| {
        Box::pin(async move {
            if let Some(call) = unchecked_call(&mut refusal).await
                && call::gates(&call)
                && let Some(key) = &call.request.idempotency_key
            {
                let standing = call.ask(key, &(call.hub.flow.fingerprint)(&call));
                call::passes(standing)?;
            }
            Err(refusal.error)
        })
    });
}
