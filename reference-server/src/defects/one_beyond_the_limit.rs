//! Refuses the call after the first one beyond the limit: it compares with `>` for `>=`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "one-beyond-the-limit",
    requirement: "RTL-12",
    summary: "Refuses the call after the first one beyond the limit: it compares with `>` for `>=`.",
    plant,
};

fn plant(flow: &mut Flow) {
    let extra: Mutex<HashMap<String, u64>> = Mutex::default();
    flow.take = Box::new(move |hub, key, now| {
        let taken = hub.limits.take(key, now);
        let admitted = taken.or_else(|exhausted| {
            let mut extra = extra.lock().unwrap_or_else(PoisonError::into_inner);
            match extra.insert(key.id.clone(), exhausted.ends) {
                Some(ends) if ends == exhausted.ends => Err(exhausted),
                _ => Ok(exhausted),
            }
        });
        Box::pin(std::future::ready(admitted))
    });
}
