//! Sends Limit with the window behind it: `20, 20;w=1` is no number.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "limit-with-policy",
    requirement: "RTL-02",
    summary: "Sends Limit with the window behind it: `20, 20;w=1` is no number.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        told.limit = format!("{0}, {0};w={1}", telling.quota.limit, telling.quota.window_ms / 1000);
        Some(told)
    });
}
