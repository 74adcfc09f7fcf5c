//! Sends Limit with a burst allowance as soon as half of it is used.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "limit-doubles-when-half-used",
    requirement: "RTL-14",
    summary: "Sends Limit with a burst allowance as soon as half of it is used.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        if telling.quota.remaining * 2 < telling.quota.limit {
            told.limit = (telling.quota.limit * 2).to_string();
        }
        Some(told)
    });
}
