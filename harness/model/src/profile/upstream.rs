//! `[upstream]`: connections whose vendor the harness has fail.

use std::net::SocketAddr;

use super::error::ProfileError;
use super::node::{Node, Section};
use super::{DomainConnection, duration, program};
use crate::upstream::{DEFAULT_LIMIT, DEFAULT_WAIT, Player, Upstream};

const KEYS: [&str; 6] = ["domain", "vendor", "listen", "command", "wait", "limit"];

/// Reads `[upstream]`.
pub(super) fn read(node: &Node<'_>) -> Result<Vec<Upstream>, ProfileError> {
    let section = node.section("a table by connection, such as [upstream.conn_123]")?;
    let mut read: Vec<Upstream> = Vec::new();
    for (connection, span, of_connection) in section.entries() {
        if connection.is_empty() {
            return Err(node.fault_at(span, "a connection's id cannot be empty"));
        }
        let one = upstream(connection, &of_connection)?;
        let address = |upstream: &Upstream| match upstream.player {
            Player::StandIn { listen, .. } => Some(listen),
            Player::Program { .. } => None,
        };
        let same = |other: &&Upstream| address(other).is_some() && address(other) == address(&one);
        if let (Some(other), Some(listen)) = (read.iter().find(same), address(&one)) {
            let both = format_args!(
                "`{}` is played at {listen} too: give each a port of its own",
                other.connection.id
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
        player: match section.get("command") {
            Some(_) => of_program(&section)?,
            None => stand_in(&section)?,
        },
        limit: section
            .read("limit", |node| duration::read_above_zero(&node))?
            .unwrap_or(DEFAULT_LIMIT),
        secrets: Vec::new(),
    })
}

fn stand_in(section: &Section<'_>) -> Result<Player, ProfileError> {
    if let Some(node) = section.get("wait") {
        return Err(node.fault("it is how long `command` may take, and there is none"));
    }
    Ok(Player::StandIn {
        vendor: section.require("vendor", |node| {
            node.word("a vendor such as \"servicenow\", or the path of a file")
        })?,
        listen: section.require("listen", |node| listen(&node))?,
    })
}

fn of_program(section: &Section<'_>) -> Result<Player, ProfileError> {
    for key in ["vendor", "listen"] {
        if let Some(node) = section.get(key) {
            let either = "either `command` has the vendor fail, or the run plays it: leave out the one or the other";
            return Err(node.fault(either));
        }
    }
    Ok(Player::Program {
        command: section.require("command", |node| program::read(&node, "./faults"))?,
        wait: section
            .read("wait", |node| duration::read_above_zero(&node))?
            .unwrap_or(DEFAULT_WAIT),
    })
}

fn listen(node: &Node<'_>) -> Result<SocketAddr, ProfileError> {
    let text = node.word("an address such as \"127.0.0.1:9911\"")?;
    text.parse().map_err(|_| {
        node.fault(format_args!("`{text}` is no address to listen on"))
            .with_help("give an IP address and a port, such as \"127.0.0.1:9911\" or \"[::]:9911\"")
    })
}
