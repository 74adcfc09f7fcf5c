//! Whether the target can be reached: its name, and a connection.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};

use super::verdict::{Blame, Check, Group};

/// What was found on the way to the target.
pub(super) struct Way {
    addresses: Result<Vec<IpAddr>, String>,
    /// `None` where there was no address to connect to.
    connected: Option<Result<Duration, String>>,
}

impl Way {
    /// Looks the host up, and connects.
    pub(super) async fn to(host: &str, port: u16, limit: Duration) -> Self {
        let found = tokio::time::timeout(limit, lookup_host((host, port))).await;
        let addresses = match found {
            Ok(Ok(addresses)) => Ok(addresses.map(|address| address.ip()).collect()),
            Ok(Err(fault)) => Err(fault.to_string()),
            Err(_) => Err(format!("no answer within {limit:?}")),
        };
        if addresses.is_err() {
            return Self {
                addresses,
                connected: None,
            };
        }
        let began = Instant::now();
        let connected = match tokio::time::timeout(limit, TcpStream::connect((host, port))).await {
            Ok(Ok(_)) => Ok(began.elapsed()),
            Ok(Err(fault)) => Err(fault.to_string()),
            Err(_) => Err(format!("no connection within {limit:?}")),
        };
        Self {
            addresses,
            connected: Some(connected),
        }
    }

    /// Whether there is a way at all.
    pub(super) fn leads_there(&self) -> bool {
        matches!(self.connected, Some(Ok(_)))
    }

    /// The verdicts.
    pub(super) fn checks(&self, host: &str, port: u16) -> Vec<Check> {
        let name = match &self.addresses {
            Ok(_) if host.parse::<IpAddr>().is_ok() => Check::ok(
                Group::Network,
                "name",
                format!("{host} is an address, which nobody need look up"),
            ),
            Ok(addresses) => {
                let mut shown: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                shown.dedup();
                Check::ok(Group::Network, "name", format!("{host} is {}", shown.join(", ")))
            }
            Err(why) => Check::problem(
                Blame::Target,
                Group::Network,
                "name",
                format!("{host} is not found: {why}"),
                "look for a slip in the host's name; a name of a private network needs its VPN or resolver",
            ),
        };
        let connection = match &self.connected {
            None => Check::not_tried(Group::Network, "connection", "there is no address to connect to"),
            Some(Ok(took)) => Check::ok(
                Group::Network,
                "connection",
                format!("port {port} answers in {:.0} ms", took.as_secs_f64() * 1e3),
            ),
            Some(Err(why)) => Check::problem(
                Blame::Target,
                Group::Network,
                "connection",
                format!("{host}:{port}: {why}"),
                "start the hub, or give the port that it listens on; a firewall may be in between",
            ),
        };
        vec![name, connection]
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Verdict;
    use super::*;

    fn verdicts(way: &Way) -> Vec<Verdict> {
        way.checks("hub.test", 80).iter().map(|check| check.verdict).collect()
    }

    #[test]
    fn what_comes_after_a_name_that_is_not_found_is_not_tried() {
        let lost = Way {
            addresses: Err("no such host".to_owned()),
            connected: None,
        };
        assert_eq!(verdicts(&lost), [Verdict::Problem(Blame::Target), Verdict::NotTried]);
        assert!(!lost.leads_there());
    }

    #[tokio::test]
    async fn a_port_that_nobody_listens_on_is_told_from_one_that_answers() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let limit = Duration::from_secs(5);
        assert!(Way::to("127.0.0.1", port, limit).await.leads_there());
        drop(listener);
        let dead = Way::to("127.0.0.1", port, limit).await;
        assert_eq!(verdicts(&dead), [Verdict::Ok, Verdict::Problem(Blame::Target)]);
    }
}
