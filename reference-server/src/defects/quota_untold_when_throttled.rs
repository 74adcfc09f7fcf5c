//! Leaves the headers of the limit out of a 429.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "quota-untold-when-throttled",
    requirement: "RTL-01",
    summary: "Leaves the headers of the limit out of a 429.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        if telling.is_throttled {
            return None;
        }
        limits::tell(telling)
    });
}
