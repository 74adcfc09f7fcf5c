//! Sends a Reset a week away.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "reset-a-week-away",
    requirement: "RTL-11",
    summary: "Sends a Reset a week away.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        told.reset = (telling.quota.reset_seconds() + 7 * 24 * 60 * 60).to_string();
        Some(told)
    });
}
