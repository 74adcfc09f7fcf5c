//! Takes local time for UTC: Reset was an hour ago.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "reset-in-the-past",
    requirement: "RTL-11",
    summary: "Takes local time for UTC: Reset was an hour ago.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        told.reset = (telling.quota.reset_seconds() - 60 * 60).to_string();
        Some(told)
    });
}
