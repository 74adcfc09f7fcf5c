//! Executes on a connection of another domain.

use super::Defect;
use crate::catalogue::ConnectionStatus;
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "connection-domain-ignored",
    requirement: "EXE-17",
    summary: "Executes on a connection of another domain.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.route = Box::new(|hub, key, tool, named| {
        let own = hub.connections.iter().find(|connection| {
            Some(connection.id.as_str()) == named
                && connection.workspace == key.workspace
                && connection.domain != tool.domain
                && connection.status == ConnectionStatus::Active
        });
        match own {
            // The vendor's account is the tool's own; only the check of the domain is missing.
            Some(_) => routing::automatic(hub, key, tool),
            None => routing::route(hub, key, tool, named),
        }
    });
}
