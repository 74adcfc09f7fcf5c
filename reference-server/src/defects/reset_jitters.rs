//! Spreads Reset by some seconds, so that clients do not come back at once: it goes back and forth within a window.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "reset-jitters",
    requirement: "RTL-11",
    summary: "Spreads Reset by some seconds, so that clients do not come back at once: it goes back and forth within a window.",
    plant,
};

fn plant(flow: &mut Flow) {
    let answers = AtomicU64::new(0);
    flow.tell_quota = Box::new(move |telling| {
        let mut told = limits::tell(telling)?;
        let jitter = answers.fetch_add(1, Ordering::Relaxed) % 3 * 5;
        told.reset = (telling.quota.reset_seconds() + jitter).to_string();
        Some(told)
    });
}
