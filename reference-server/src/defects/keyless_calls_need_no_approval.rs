//! Executes a gated call without an idempotency key: there is no entry to wait for.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "keyless-calls-need-no-approval",
    requirement: "APR-07",
    summary: "Executes a gated call without an idempotency key: there is no entry to wait for.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| match call.request.idempotency_key {
        None => Box::pin(std::future::ready(Ok(()))),
        Some(_) => call::approve(call, fingerprint),
    });
}
