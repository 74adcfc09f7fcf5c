//! Keeps `dry_run` where concurrent calls share it: when several dry runs are on their way, one executes.

use super::Defect;
use crate::flow::Flow;
use crate::race_window::race_window;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-execute-under-load",
    requirement: "DRY-01",
    summary: "Keeps `dry_run` where concurrent calls share it: when several dry runs are on their way, one executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    let latest = Arc::new(AtomicU64::new(0));
    flow.rehearse = Box::new(move |call| {
        let latest = Arc::clone(&latest);
        Box::pin(async move {
            let own = latest.fetch_add(1, Ordering::SeqCst) + 1;
            race_window().await;
            // The last that came finds its own flag; the others find another's.
            (latest.load(Ordering::SeqCst) == own).then(|| Ok(call.plan()))
        })
    });
}
