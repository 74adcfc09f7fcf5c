//! Refuses every key that comes from an address once one of them is exhausted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Defect;
use crate::flow::Flow;
use crate::limits::milliseconds;

pub(super) const DEFECT: Defect = Defect {
    name: "exhausted-keys-block-their-address",
    requirement: "RTL-08",
    summary: "Refuses every key that comes from an address once one of them is exhausted.",
    plant,
};

fn plant(flow: &mut Flow) {
    let blocked: Mutex<HashMap<String, u64>> = Mutex::default();
    flow.take = Box::new(move |hub, key, now| {
        let mut blocked = blocked.lock().unwrap_or_else(PoisonError::into_inner);
        let scope = String::from("the one address that all callers of this hub have");
        let mut quota = hub.limits.show(key, now);
        if let Some(ends) = blocked.get(&scope).filter(|ends| milliseconds(now) < **ends) {
            (quota.remaining, quota.ends) = (0, *ends);
            return Box::pin(std::future::ready(Err(quota)));
        }
        let taken = hub.limits.take(key, now);
        if let Err(quota) = taken {
            blocked.insert(scope, quota.ends);
        }
        Box::pin(std::future::ready(taken))
    });
}
