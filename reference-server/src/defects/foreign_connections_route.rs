//! Finds a named connection in any workspace.

use super::Defect;
use crate::catalogue::ConnectionStatus;
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "foreign-connections-route",
    requirement: "AUTH-09",
    summary: "Finds a named connection in any workspace.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.route = Box::new(|hub, key, tool, named| {
        let anywhere = hub.connections.iter().find(|connection| {
            Some(connection.id.as_str()) == named
                && connection.domain == tool.domain
                && connection.status == ConnectionStatus::Active
        });
        match anywhere {
            Some(connection) => Ok(connection.clone()),
            None => routing::route(hub, key, tool, named),
        }
    });
}
