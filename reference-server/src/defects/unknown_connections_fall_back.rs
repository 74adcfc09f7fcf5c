//! Takes the default where the connection named does not exist.

use super::Defect;
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "unknown-connections-fall-back",
    requirement: "EXE-04",
    summary: "Takes the default where the connection named does not exist.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.route = Box::new(|hub, key, tool, named| {
        let exists = |id: &str| hub.connections.iter().any(|connection| connection.id == id);
        routing::route(hub, key, tool, named.filter(|id| exists(id)))
    });
}
