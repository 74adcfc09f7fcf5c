//! Sends the beginning of the window as Reset.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "reset-in-the-past",
    requirement: "RTL-11",
    summary: "Sends the beginning of the window as Reset.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        let mut told = limits::tell(telling)?;
        let began = telling.quota.ends - telling.quota.window_ms;
        told.reset = (began / 1000).to_string();
        Some(told)
    });
}
