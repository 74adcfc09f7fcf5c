//! Counts each execute twice: at the gateway and behind it.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "calls-counted-twice",
    requirement: "RTL-03",
    summary: "Counts each execute twice: at the gateway and behind it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.take = Box::new(|hub, key, now| {
        let counted = hub.limits.take(key, now);
        let again = counted.is_ok_and(|quota| quota.remaining > 0);
        Box::pin(std::future::ready(if again {
            hub.limits.take(key, now)
        } else {
            counted
        }))
    });
}
