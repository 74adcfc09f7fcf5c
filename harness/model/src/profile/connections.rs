//! `[connections]`: the connections that the user vouches for.

use std::collections::BTreeMap;

use super::error::ProfileError;
use super::node::Node;
use super::{Connections, DomainConnection};

const KEYS: [&str; 6] = ["default", "explicit", "inactive", "foreign", "none", "by_connector"];

/// Reads `[connections]`.
pub(super) fn read(node: &Node<'_>) -> Result<Connections, ProfileError> {
    let section = node.section("a table")?.only(&KEYS)?;
    let connections = Connections {
        default: section
            .read("default", |node| by_domain(&node, id))?
            .unwrap_or_default(),
        explicit: section
            .read("explicit", |node| by_domain(&node, ids))?
            .unwrap_or_default(),
        inactive: section.read("inactive", |node| domain_connection(&node))?,
        foreign: section.read("foreign", |node| domain_connection(&node))?,
        none: section.read("none", |node| none(&node))?.unwrap_or_default(),
        by_connector: section
            .read("by_connector", |node| by_connector(&node))?
            .unwrap_or_default(),
        named: BTreeMap::new(),
        unplayed: BTreeMap::new(),
    };
    let is_connected =
        |domain: &&String| connections.default.contains_key(*domain) || connections.explicit.contains_key(*domain);
    if let (Some(domain), Some(node)) = (connections.none.iter().find(is_connected), section.get("none")) {
        return Err(node.fault(format_args!("`{domain}` has a connection in `default` or `explicit`")));
    }
    let works = |id: &String| {
        let mut explicit = connections.explicit.values().flatten();
        connections.default.values().any(|known| known == id) || explicit.any(|known| known == id)
    };
    if let (Some(inactive), Some(node)) = (&connections.inactive, section.get("inactive"))
        && works(&inactive.id)
    {
        return Err(node.fault("the same connection stands in `default` or `explicit`, which are for those that work"));
    }
    Ok(connections)
}

fn by_domain<T>(
    node: &Node<'_>,
    read: impl Fn(&Node<'_>) -> Result<T, ProfileError>,
) -> Result<BTreeMap<String, T>, ProfileError> {
    let section = node.section("a table by domain such as { itsm = … }")?;
    let mut domains = BTreeMap::new();
    for (domain, span, node_of_domain) in section.entries() {
        if domain.is_empty() {
            return Err(node.fault_at(span, "a domain's name cannot be empty"));
        }
        domains.insert(domain.to_owned(), read(&node_of_domain)?);
    }
    Ok(domains)
}

/// A connection is of one connector.
fn by_connector(node: &Node<'_>) -> Result<BTreeMap<String, Vec<String>>, ProfileError> {
    let section = node.section("a table by connector such as { servicenow = [\"conn_123\"] }")?;
    let mut connectors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (connector, span, node_of_connector) in section.entries() {
        if connector.is_empty() {
            return Err(node.fault_at(span, "a connector's name cannot be empty"));
        }
        let own = ids(&node_of_connector)?;
        let mut others = connectors
            .iter()
            .filter(|(_, ids)| ids.iter().any(|id| own.contains(id)));
        if let Some((other, _)) = others.next() {
            return Err(node.fault_at(span, format_args!("a connection of it is one of `{other}` too")));
        }
        connectors.insert(connector.to_owned(), own);
    }
    Ok(connectors)
}

fn id(node: &Node<'_>) -> Result<String, ProfileError> {
    node.word("a connection's id such as \"conn_123\"")
}

fn ids(node: &Node<'_>) -> Result<Vec<String>, ProfileError> {
    let ids = node.list("a list of connection ids such as [\"conn_123\"]")?;
    if ids.is_empty() {
        return Err(node.fault("the list is empty: leave it out"));
    }
    ids.iter().map(id).collect()
}

fn domain(node: &Node<'_>) -> Result<String, ProfileError> {
    node.word("a domain such as \"itsm\"")
}

fn none(node: &Node<'_>) -> Result<Vec<String>, ProfileError> {
    node.list("a list of domains such as [\"payments\"]")?
        .iter()
        .map(domain)
        .collect()
}

fn domain_connection(node: &Node<'_>) -> Result<DomainConnection, ProfileError> {
    let section = node
        .section("a table such as { domain = \"itsm\", id = \"conn_123\" }")?
        .only(&["domain", "id"])?;
    Ok(DomainConnection {
        domain: section.require("domain", |node| domain(&node))?,
        id: section.require("id", |node| id(&node))?,
    })
}
