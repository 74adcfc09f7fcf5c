//! Stamps every record that a list or a search finds as updated.

use serde_json::{Map, Value};

use super::Defect;
use crate::connectors::VendorCall;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "searches-touch-records",
    requirement: "EXE-16",
    summary: "Stamps every record that a list or a search finds as updated.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        Box::pin(async move {
            let answer = call.hub.connector.execute(call.vendor_call()).await?;
            let (resource, action) = call.tool.key.rsplit_once('.').unwrap_or_default();
            let update = call.hub.catalogue.tool(&format!("{resource}.update"));
            let (Some(tool), "list" | "search") = (update, action) else {
                return Ok(answer);
            };
            let id = tool.behavior["id"].as_str().unwrap_or_default().trim_start_matches('/');
            let answer = answer.into_value();
            let found = answer
                .as_object()
                .and_then(|data| data.values().find_map(Value::as_array));
            for record in found.into_iter().flatten() {
                let input = Value::Object(Map::from_iter([(id.to_owned(), record["id"].clone())]));
                let vendor_call = VendorCall {
                    tool,
                    input: &input,
                    ..call.vendor_call()
                };
                let _ = call.hub.connector.execute(vendor_call).await;
            }
            Ok(answer.into())
        })
    });
}
