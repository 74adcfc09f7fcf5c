//! Chooses the connection of a call.

use std::sync::Arc;

use crate::catalogue::{ApiKey, Connection, ConnectionStatus, Tool};
use crate::error::{ApiError, Code};
use crate::state::HubState;

/// The connection named, else the domain's default, else another active one of the domain. A failing connection is left out of
/// automatic routing, but can be named; an inactive one is never routable.
pub(crate) fn route(
    hub: &HubState,
    key: &ApiKey,
    tool: &Tool,
    named: Option<&str>,
) -> Result<Arc<Connection>, ApiError> {
    match named {
        Some(id) => named_connection(hub, key, tool, id),
        None => automatic(hub, key, tool),
    }
}

/// The workspace's connection of this id, if it serves the tool.
pub(crate) fn named_connection(
    hub: &HubState,
    key: &ApiKey,
    tool: &Tool,
    id: &str,
) -> Result<Arc<Connection>, ApiError> {
    let named = hub.connections.iter().find(|connection| connection.id == id);
    let usable =
        named.filter(|connection| serves(connection, key, tool) && connection.status != ConnectionStatus::Inactive);
    // One message for all: another workspace's connections cannot be told from those that do not exist (AUTH-09).
    usable.cloned().ok_or_else(|| {
        let message = format!(
            "There is no active connection with this id for domain '{}'.",
            tool.domain
        );
        ApiError::new(Code::ConnectionNotFound, message)
    })
}

/// The default of the tool's domain, or what stands in for it.
pub(crate) fn automatic(hub: &HubState, key: &ApiKey, tool: &Tool) -> Result<Arc<Connection>, ApiError> {
    let mut active = hub
        .connections
        .iter()
        .filter(|connection| serves(connection, key, tool) && connection.status == ConnectionStatus::Active);
    let first = active.clone().next();
    active
        .find(|connection| connection.default)
        .or(first)
        .cloned()
        .ok_or_else(|| {
            let message = format!("There is no active connection for domain '{}'.", tool.domain);
            ApiError::new(Code::ConnectionNotFound, message).with("domain", tool.domain.as_str())
        })
}

/// Whether the connection is of the key's workspace and the tool's domain, and its vendor implements the tool.
pub(crate) fn serves(connection: &Connection, key: &ApiKey, tool: &Tool) -> bool {
    connection.workspace == key.workspace
        && connection.domain == tool.domain
        && tool.connectors.contains(&connection.connector)
}
