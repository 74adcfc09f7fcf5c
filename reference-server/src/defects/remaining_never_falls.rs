//! Sends Limit as Remaining until the limit is reached.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "remaining-never-falls",
    requirement: "RTL-03",
    summary: "Sends Limit as Remaining until the limit is reached.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        if !telling.is_throttled {
            told.remaining.clone_from(&told.limit);
        }
        Some(told)
    });
}
