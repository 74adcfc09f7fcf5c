//! Tells Remaining in steps of five: it is counted in batches.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "remaining-falls-in-steps",
    requirement: "RTL-03",
    summary: "Tells Remaining in steps of five: it is counted in batches.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        told.remaining = (telling.quota.remaining / 5 * 5).to_string();
        Some(told)
    });
}
