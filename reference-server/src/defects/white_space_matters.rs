//! Compares bodies as they came: another white space makes another input.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "white-space-matters",
    requirement: "IDM-11",
    summary: "Compares bodies as they came: another white space makes another input.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.fingerprint = |call| {
        let mut fingerprint = idempotency::fingerprint(call);
        fingerprint.input = String::from_utf8_lossy(&call.body).into_owned();
        fingerprint
    };
}
