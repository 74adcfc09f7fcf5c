//! Keeps the first vendor session of each domain: later calls go there, whatever connection they name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Defect;
use crate::catalogue::Connection;
use crate::connectors::VendorCall;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "first-account-sticks",
    requirement: "EXE-12",
    summary: "Keeps the first vendor session of each domain: later calls go there, whatever connection they name.",
    plant,
};

fn plant(flow: &mut Flow) {
    let sessions: Mutex<HashMap<(String, String), Arc<Connection>>> = Mutex::default();
    flow.carry_out = Box::new(move |call| {
        let first = {
            let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
            let domain = (call.key.workspace.clone(), call.tool.domain.clone());
            let first = sessions.entry(domain).or_insert_with(|| Arc::clone(&call.connection));
            Arc::clone(first)
        };
        Box::pin(async move {
            let vendor_call = VendorCall {
                connection: &first,
                ..call.vendor_call()
            };
            call.hub.connector.execute(vendor_call).await
        })
    });
}
