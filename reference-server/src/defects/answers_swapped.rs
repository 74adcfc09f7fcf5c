//! Keeps the vendor's data in a place that concurrent calls share.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Defect;
use crate::connectors::Data;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "answers-swapped",
    requirement: "EXE-15",
    summary: "Keeps the vendor's data in a place that concurrent calls share.",
    plant,
};

fn plant(flow: &mut Flow) {
    let current = Arc::new(Mutex::new(Data::from(Value::Null)));
    flow.deliver = Box::new(move |data| {
        let current = Arc::clone(&current);
        Box::pin(async move {
            *current.lock().unwrap_or_else(PoisonError::into_inner) = data;
            // Other calls come in between.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            current.lock().unwrap_or_else(PoisonError::into_inner).clone()
        })
    });
}
