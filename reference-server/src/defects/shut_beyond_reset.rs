//! Refuses an exhausted key for three windows more than Reset says.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Defect;
use crate::flow::Flow;
use crate::limits::milliseconds;

pub(super) const DEFECT: Defect = Defect {
    name: "shut-beyond-reset",
    requirement: "RTL-07",
    summary: "Refuses an exhausted key for three windows more than Reset says.",
    plant,
};

fn plant(flow: &mut Flow) {
    let shut_until: Mutex<HashMap<String, u64>> = Mutex::default();
    flow.take = Box::new(move |hub, key, now| {
        let mut shut_until = shut_until.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shown = hub.limits.show(key, now);
        let is_shut = shut_until.get(&key.id).is_some_and(|until| milliseconds(now) < *until);
        let taken = if is_shut {
            shown.remaining = 0;
            Err(shown)
        } else {
            hub.limits.take(key, now)
        };
        if let (Err(quota), false) = (&taken, is_shut) {
            // Reset is told in whole seconds, rounded up; who compares it with Date comes up to a second late, and may allow for one more.
            let told = quota.ends.div_ceil(1000) * 1000;
            shut_until.insert(key.id.clone(), told + 3 * quota.window_ms);
        }
        Box::pin(std::future::ready(taken))
    });
}
