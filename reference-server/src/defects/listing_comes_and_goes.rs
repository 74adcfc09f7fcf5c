//! Leaves a tool out of every listing, and each time another one.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "listing-comes-and-goes",
    requirement: "CAT-10",
    summary: "Leaves a tool out of every listing, and each time another one.",
    plant,
};

fn plant(flow: &mut Flow) {
    let listings = AtomicUsize::new(0);
    flow.list = Box::new(move |mut entries| {
        let listing = listings.fetch_add(1, Ordering::Relaxed);
        if !entries.is_empty() {
            entries.remove(listing % entries.len());
        }
        entries
    });
}
