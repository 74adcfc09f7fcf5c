//! Lets Remaining hold a reserve that Limit does not: it begins above it.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "remaining-above-limit",
    requirement: "RTL-02",
    summary: "Lets Remaining hold a reserve that Limit does not: it begins above it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        if !telling.is_throttled {
            told.remaining = (telling.quota.remaining + 5).to_string();
        }
        Some(told)
    });
}
