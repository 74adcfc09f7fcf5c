//! Says with a 429 what is left of the next window.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-with-all-left",
    requirement: "RTL-10",
    summary: "Says with a 429 what is left of the next window.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        if telling.is_throttled {
            told.remaining.clone_from(&told.limit);
        }
        Some(told)
    });
}
