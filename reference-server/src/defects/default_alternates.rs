//! Takes a domain's active connections in turn where none is named.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

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
    let turns: Mutex<HashMap<String, usize>> = Mutex::default();
    flow.route = Box::new(move |hub, key, tool, named| {
        let active = hub.connections.iter().filter(|connection| {
            routing::serves(connection, key, tool) && connection.status == ConnectionStatus::Active
        });
        let active: Vec<_> = active.collect();
        if named.is_some() || active.is_empty() {
            return routing::route(hub, key, tool, named);
        }
        let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.entry(tool.domain.clone()).or_default();
        *turn += 1;
        Ok(active[*turn % active.len()].clone())
    });
}
