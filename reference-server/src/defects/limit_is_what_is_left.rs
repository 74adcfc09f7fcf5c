//! Sends what is left as Limit, too: it falls within a window.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "limit-is-what-is-left",
    requirement: "RTL-14",
    summary: "Sends what is left as Limit, too: it falls within a window.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        told.limit.clone_from(&told.remaining);
        Some(told)
    });
}
