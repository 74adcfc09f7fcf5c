//! Names the domain's default in `connection_id`, whichever connection was used.

use serde_json::Value;

use super::Defect;
use crate::envelope::{self, Payload, Success};
use crate::flow::Flow;
use crate::state::HubState;

pub(super) const DEFECT: Defect = Defect {
    name: "default-connection-named",
    requirement: "ENV-08",
    summary: "Names the domain's default in `connection_id`, whichever connection was used.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.success = success;
}

fn success(hub: &HubState, success: &Success, request_id: &str) -> Payload {
    let mut body = envelope::success_members(success, request_id);
    let default = hub.connections.iter().find(|connection| {
        connection.workspace == success.workspace && connection.domain == success.domain && connection.default
    });
    if let Some(default) = default {
        body["connection_id"] = Value::from(default.id.as_str());
    }
    Payload::Json(body)
}
