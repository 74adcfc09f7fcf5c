//! Takes a domain's active connections in turn where none is named.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Defect;
use crate::catalogue::ConnectionStatus;
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "default-alternates",
    requirement: "ENV-14",
    summary: "Takes a domain's active connections in turn where none is named.",
    plant,
};

fn plant(flow: &mut Flow) {
    let turn = AtomicUsize::new(0);
    flow.route = Box::new(move |hub, key, tool, named| {
        let active = hub.connections.iter().filter(|connection| {
            routing::serves(connection, key, tool) && connection.status == ConnectionStatus::Active
        });
        let active: Vec<_> = active.collect();
        if named.is_some() || active.is_empty() {
            return routing::route(hub, key, tool, named);
        }
        Ok(active[turn.fetch_add(1, Ordering::Relaxed) % active.len()].clone())
    });
}
