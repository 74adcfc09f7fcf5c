//! Says Remaining 1 with a 429.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-with-one-left",
    requirement: "RTL-10",
    summary: "Says Remaining 1 with a 429.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        if telling.is_throttled {
            "1".clone_into(&mut told.remaining);
        }
        Some(told)
    });
}
