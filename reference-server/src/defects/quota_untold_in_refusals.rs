//! Leaves the headers of the limit out of refusals: INVALID_INPUT has none.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "quota-untold-in-refusals",
    requirement: "RTL-01",
    summary: "Leaves the headers of the limit out of refusals: INVALID_INPUT has none.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        if telling.status.is_client_error() && !telling.is_throttled {
            return None;
        }
        limits::tell(telling)
    });
}
