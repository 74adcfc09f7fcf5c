//! Counts refused calls on: Remaining falls below zero.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "remaining-negative",
    requirement: "RTL-02",
    summary: "Counts refused calls on: Remaining falls below zero.",
    plant,
};

fn plant(flow: &mut Flow) {
    let beyond: Mutex<HashMap<String, (u64, u64)>> = Mutex::default();
    flow.tell_quota = Box::new(move |telling| {
        let mut told = limits::tell(telling)?;
        if telling.is_throttled {
            let mut beyond = beyond.lock().unwrap_or_else(PoisonError::into_inner);
            let (ends, calls) = beyond.entry(telling.key.id.clone()).or_default();
            if *ends != telling.quota.ends {
                (*ends, *calls) = (telling.quota.ends, 0);
            }
            *calls += 1;
            told.remaining = format!("-{calls}");
        }
        Some(told)
    });
}
