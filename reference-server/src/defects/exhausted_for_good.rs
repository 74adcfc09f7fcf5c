//! Refuses a key that was exhausted once for ever, Reset after Reset.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "exhausted-for-good",
    requirement: "RTL-07",
    summary: "Refuses a key that was exhausted once for ever, Reset after Reset.",
    plant,
};

fn plant(flow: &mut Flow) {
    let exhausted: Mutex<HashSet<String>> = Mutex::default();
    flow.take = Box::new(move |hub, key, now| {
        let mut exhausted = exhausted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = hub.limits.take(key, now);
        if let Err(quota) | Ok(quota) = &mut taken
            && exhausted.contains(&key.id)
        {
            quota.remaining = 0;
            taken = Err(*quota);
        }
        if taken.is_err() {
            exhausted.insert(key.id.clone());
        }
        Box::pin(std::future::ready(taken))
    });
}
