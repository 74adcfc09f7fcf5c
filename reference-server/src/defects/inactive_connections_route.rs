//! Goes on using an inactive connection that is named.

use super::Defect;
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "inactive-connections-route",
    requirement: "EXE-05",
    summary: "Goes on using an inactive connection that is named.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.route = Box::new(|hub, key, tool, named| {
        let mut own = hub
            .connections
            .iter()
            .filter(|connection| routing::serves(connection, key, tool));
        match own.find(|connection| Some(connection.id.as_str()) == named) {
            Some(connection) => Ok(connection.clone()),
            None => routing::route(hub, key, tool, named),
        }
    });
}
