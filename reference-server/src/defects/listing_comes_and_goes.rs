//! Leaves the last tool out of every other listing.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "listing-comes-and-goes",
    requirement: "CAT-10",
    summary: "Leaves the last tool out of every other listing.",
    plant,
};

fn plant(flow: &mut Flow) {
    let listings = AtomicUsize::new(0);
    flow.list = Box::new(move |mut entries| {
        if listings.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            entries.pop();
        }
        entries
    });
}
