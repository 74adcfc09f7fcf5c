//! `[upstream]`: connections whose vendor the harness plays.

use std::net::SocketAddr;

use super::error::ProfileError;
use super::node::Node;
use super::{DomainConnection, duration};
use crate::upstream::{DEFAULT_LIMIT, Upstream};

const KEYS: [&str; 4] = ["domain", "vendor", "listen", "limit"];

/// Reads `[upstream]`.
pub(super) fn read(node: &Node<'_>) -> Result<Vec<Upstream>, ProfileError> {
    let section = node.section("a table by connection, such as [upstream.conn_123]")?;
    let mut read: Vec<Upstream> = Vec::new();
    for (connection, span, of_connection) in section.entries() {
        if connection.is_empty() {
            return Err(node.fault_at(span, "a connection's id cannot be empty"));
        }
        let one = upstream(connection, &of_connection)?;
        if let Some(other) = read.iter().find(|other| other.listen == one.listen) {
            let both = format_args!(
                "`{}` is played at {} too: give each a port of its own",
                other.connection.id, one.listen
            );
            return Err(of_connection.fault(both));
        }
        read.push(one);
    }
    Ok(read)
}

fn upstream(connection: &str, node: &Node<'_>) -> Result<Upstream, ProfileError> {
    let section = node
        .section("a table such as { domain = \"itsm\", vendor = \"servicenow\", listen = \"127.0.0.1:9911\" }")?
        .only(&KEYS)?;
    Ok(Upstream {
        connection: DomainConnection {
            domain: section.require("domain", |node| node.word("a domain such as \"itsm\""))?,
            id: connection.to_owned(),
        },
        vendor: section.require("vendor", |node| {
            node.word("a vendor such as \"servicenow\", or the path of a file")
        })?,
        listen: section.require("listen", |node| listen(&node))?,
        limit: section
            .read("limit", |node| duration::read_above_zero(&node))?
            .unwrap_or(DEFAULT_LIMIT),
        secrets: Vec::new(),
    })
}

fn listen(node: &Node<'_>) -> Result<SocketAddr, ProfileError> {
    let text = node.word("an address such as \"127.0.0.1:9911\"")?;
    text.parse().map_err(|_| {
        node.fault(format_args!("`{text}` is no address to listen on"))
            .with_help("give an IP address and a port, such as \"127.0.0.1:9911\" or \"[::]:9911\"")
    })
}
