//! Where the calls of a connector's run go: to a connection of its own, which they name. A hub chooses by its defaults, and these may be
//! another connector's.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::call::{Body, Call, Credentials, Endpoint, Template};
use hubproof_model::case::Case;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use hubproof_model::surface::Surface;
use serde_json::{Map, Value, json};

/// By domain, the connection that the calls on a connector's connections name: the first of its own that is of the domain. Those whose vendor
/// is played come last: they fail from time to time, and have no more to show than the vendor has that is played. Those whose vendor is
/// not played though it could be are left out: nobody listens there.
pub fn connections_of(connector: &str, profile: &Profile, surface: &Surface) -> BTreeMap<String, String> {
    let is_there = |id: &&String| !profile.connections.unplayed.contains_key(*id);
    let own = own_of(connector, profile).filter(is_there);
    // A program has the vendors of its connections fail where the run asks it to, and these are real ones.
    let sound = profile.beside.iter().filter(|beside| beside.is_watched());
    let played: BTreeSet<_> = profile
        .upstream
        .iter()
        .chain(sound)
        .map(|own| &own.connection.id)
        .collect();
    let is_played = |id: &String| played.contains(id);
    let (played, others): (Vec<&String>, Vec<_>) = own.partition(|id| is_played(id));
    let domains = domains_with(connector, surface);
    let connection = |domain: &&str| {
        // Of which domain a connection is that the profile does not say it of, goes without saying where there is one.
        let serves = |id: &&&String| match domains_of(id, profile) {
            Some(known) => known.contains(domain),
            None => domains.len() == 1,
        };
        let mut own = others.iter().chain(&played);
        own.find(serves).map(|id| ((*domain).to_owned(), (*id).clone()))
    };
    domains.iter().filter_map(connection).collect()
}

/// The connections of a connector that may be of any of these domains, which are those that it has none of yet: the profile does not say of
/// which domain they are, and a hub knows them in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// The connections.
    pub connections: Vec<String>,
    /// The domains.
    pub domains: Vec<String>,
}

/// What the profile leaves open of which connection the calls of a connector's run are to name.
pub fn unplaced(connector: &str, profile: &Profile, surface: &Surface) -> Option<Unplaced> {
    let named = connections_of(connector, profile, surface);
    let domains = domains_with(connector, surface).into_iter();
    let domains: Vec<_> = domains
        .filter(|domain| !named.contains_key(*domain))
        .map(str::to_owned)
        .collect();
    let connections = own_of(connector, profile).filter(|id| domains_of(id, profile).is_none());
    let connections: Vec<_> = connections.cloned().collect();
    (!domains.is_empty() && !connections.is_empty()).then_some(Unplaced { connections, domains })
}

fn own_of<'p>(connector: &str, profile: &'p Profile) -> impl Iterator<Item = &'p String> {
    let own = profile.connections.by_connector.get(connector);
    own.into_iter().flatten()
}

/// The domains in which a connector implements tools.
fn domains_with<'s>(connector: &str, surface: &'s Surface) -> BTreeSet<&'s str> {
    let implements = |connectors: &[String]| connectors.iter().any(|implementing| implementing == connector);
    let tools = surface.tools.iter().filter(|tool| implements(&tool.connectors));
    tools.map(|tool| tool.domain.as_str()).collect()
}

/// The domains that the profile says a connection is of; `None` where it says of none.
fn domains_of<'p>(id: &str, profile: &'p Profile) -> Option<Vec<&'p str>> {
    let connections = &profile.connections;
    let default = connections.default.iter().filter(|(_, own)| *own == id);
    let explicit = connections
        .explicit
        .iter()
        .filter(|(_, own)| own.iter().any(|own| own == id));
    let played = profile.upstream.iter().chain(&profile.beside);
    let upstream = played.filter(|own| own.connection.id == id);
    let domains: Vec<_> = default
        .map(|(domain, _)| domain.as_str())
        .chain(explicit.map(|(domain, _)| domain.as_str()))
        .chain(upstream.map(|own| own.connection.domain.as_str()))
        .collect();
    (!domains.is_empty()).then_some(domains)
}

/// The case with the run's connection named in each call that could name one, and names none.
#[must_use]
pub fn routed(mut case: Case, profile: &Profile, surface: &Surface) -> Case {
    if !profile.connections.named.is_empty() {
        for call in case.calls_mut() {
            route(call, profile, surface);
        }
    }
    case
}

/// Names the run's connection in a call that could name one, and names none.
pub fn route(call: &mut Call, profile: &Profile, surface: &Surface) {
    // Another workspace has connections of its own, and whose keys these are, nobody says.
    let may_be_elsewhere = |role: Role| role == Role::Foreign || role.may_be_exhausted();
    if matches!(call.credentials, Credentials::Bearer(role) if may_be_elsewhere(role)) {
        return;
    }
    let Endpoint::Execute { tool } = &call.endpoint else {
        return;
    };
    let Some(connection) = named_for(tool, profile, surface) else {
        return;
    };
    match &mut call.body {
        Body::Json(Value::Object(body)) if !body.contains_key(MEMBER) => {
            body.insert(MEMBER.to_owned(), json!(connection));
        }
        Body::Text(Template(text)) => {
            if let Some(naming) = naming(text, connection) {
                *text = naming;
            }
        }
        _ => {}
    }
}

/// A text with the connection named in it, where it is an object that names none; the rest of it stays as it is spelled.
fn naming(text: &str, connection: &str) -> Option<String> {
    let body: Map<String, Value> = serde_json::from_str(text).ok()?;
    let (before, rest) = text.split_once('{').filter(|_| !body.contains_key(MEMBER))?;
    let comma = if body.is_empty() { "" } else { "," };
    let connection = json!(connection);
    Some(format!("{before}{{\"{MEMBER}\":{connection}{comma}{rest}"))
}

/// The connection that the run names in calls of a tool.
pub fn named_for<'p>(tool: &str, profile: &'p Profile, surface: &Surface) -> Option<&'p str> {
    let named = &profile.connections.named;
    // Most runs name none, and each of their exchanges asks.
    let domain = (!named.is_empty()).then(|| surface.tool(tool))??.domain.as_str();
    named.get(domain).map(String::as_str)
}

const MEMBER: &str = "connection_id";

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use hubproof_model::call::{ExecuteBody, Intent};
    use hubproof_model::profile::DomainConnection;
    use hubproof_model::safety::Risk;
    use hubproof_model::surface::Tool;
    use hubproof_model::upstream::{Player, Upstream};

    use super::*;
    use crate::exchanges::tool;

    fn of_jira(key: &str) -> Tool {
        Tool {
            connectors: vec!["servicenow".to_owned(), "jira".to_owned()],
            ..tool(key, Risk::Read, json!({"type": "object"}))
        }
    }

    fn surface() -> Surface {
        Surface {
            tools: vec![of_jira("itsm.tickets.get"), of_jira("knowledge.articles.get")],
            ..Surface::default()
        }
    }

    fn profile(own: &[&str]) -> Profile {
        let mut profile = Profile::of_url("https://hub.example");
        let own = own.iter().map(|id| (*id).to_owned()).collect();
        profile.connections.by_connector.insert("jira".to_owned(), own);
        profile
    }

    fn played(profile: &mut Profile, id: &str) {
        profile.upstream.push(Upstream {
            connection: DomainConnection {
                domain: "itsm".to_owned(),
                id: id.to_owned(),
            },
            player: Player::StandIn {
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9911)),
                vendor: "jira".to_owned(),
            },
            limit: Duration::from_secs(1),
            secrets: Vec::new(),
        });
    }

    fn pairs(connections: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
        let pairs = connections.iter();
        pairs.map(|(domain, id)| (domain.as_str(), id.as_str())).collect()
    }

    #[test]
    fn a_domain_gets_a_connection_of_the_connector_that_may_be_of_it() {
        let mut known = profile(&["conn_played", "conn_k", "conn_i"]);
        played(&mut known, "conn_played");
        let explicit = &mut known.connections.explicit;
        explicit.insert("knowledge".to_owned(), vec!["conn_k".to_owned()]);
        explicit.insert("itsm".to_owned(), vec!["conn_i".to_owned()]);
        let named = connections_of("jira", &known, &surface());
        assert_eq!(pairs(&named), [("itsm", "conn_i"), ("knowledge", "conn_k")]);
        // One whose vendor is played serves where there is no other.
        let mut alone = profile(&["conn_played"]);
        played(&mut alone, "conn_played");
        assert_eq!(
            pairs(&connections_of("jira", &alone, &surface())),
            [("itsm", "conn_played")]
        );
        assert!(connections_of("servicenow", &known, &surface()).is_empty());
        // It is played beside the connections of another connector too, and where it is not, nobody listens.
        alone.beside.append(&mut alone.upstream);
        assert_eq!(
            pairs(&connections_of("jira", &alone, &surface())),
            [("itsm", "conn_played")]
        );
        let unplayed = &mut alone.connections.unplayed;
        unplayed.insert("conn_played".to_owned(), "its address is in use".to_owned());
        assert!(connections_of("jira", &alone, &surface()).is_empty());
    }

    #[test]
    fn a_connection_of_no_known_domain_serves_where_the_connector_has_one_domain() {
        let mut profile = profile(&["conn_i", "conn_k"]);
        let mut one = surface();
        one.tools.truncate(1);
        assert_eq!(pairs(&connections_of("jira", &profile, &one)), [("itsm", "conn_i")]);
        assert_eq!(unplaced("jira", &profile, &one), None);
        let two = surface();
        assert!(connections_of("jira", &profile, &two).is_empty());
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let open = |connections: &[&str], domains: &[&str]| {
            let (connections, domains) = (names(connections), names(domains));
            Some(Unplaced { connections, domains })
        };
        assert_eq!(
            unplaced("jira", &profile, &two),
            open(&["conn_i", "conn_k"], &["itsm", "knowledge"])
        );
        let explicit = &mut profile.connections.explicit;
        explicit.insert("itsm".to_owned(), names(&["conn_i"]));
        assert_eq!(unplaced("jira", &profile, &two), open(&["conn_k"], &["knowledge"]));
        profile
            .connections
            .default
            .insert("knowledge".to_owned(), "conn_k".to_owned());
        assert_eq!(unplaced("jira", &profile, &two), None);
        assert_eq!(
            pairs(&connections_of("jira", &profile, &two)),
            [("itsm", "conn_i"), ("knowledge", "conn_k")]
        );
    }

    #[test]
    fn calls_that_name_no_connection_name_the_runs_own() {
        let mut profile = profile(&[]);
        let named = &mut profile.connections.named;
        named.insert("itsm".to_owned(), "conn_i".to_owned());
        let surface = surface();
        let connection = |call: Call| {
            let routed = routed(Case::new("", "", vec![call]), &profile, &surface);
            let calls = routed.calls();
            calls[0].json().and_then(|body| body.get(MEMBER)).cloned()
        };
        let call = || Call::execute(&surface.tools[0], ExecuteBody::new(json!({})));
        let as_role = |role| call().with_credentials(Credentials::Bearer(role));
        assert_eq!(connection(call()), Some(json!("conn_i")));
        assert_eq!(connection(as_role(Role::Secondary)), Some(json!("conn_i")));
        assert_eq!(
            connection(call().with_credentials(Credentials::Absent)),
            Some(json!("conn_i"))
        );
        for role in [Role::Foreign, Role::Throttled, Role::SharedA] {
            assert_eq!(connection(as_role(role)), None, "{role}");
        }
        let of_another = Call::execute(&surface.tools[1], ExecuteBody::new(json!({})));
        assert_eq!(connection(of_another), None);
        let named = Call::execute(&surface.tools[0], ExecuteBody::new(json!({})).on("conn_x"));
        assert_eq!(connection(named), Some(json!("conn_x")));
        let null = Call::post_execute("itsm.tickets.get", json!({"connection_id": null}), Intent::Read);
        assert_eq!(connection(null), Some(Value::Null));
        let text = |body: &str| {
            let mut call = call().with_body(Body::Text(Template(body.to_owned())));
            route(&mut call, &profile, &surface);
            match call.body {
                Body::Text(Template(text)) => text,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(
            text(" { \"input\" : {}}"),
            " {\"connection_id\":\"conn_i\", \"input\" : {}}"
        );
        assert_eq!(text("{}"), "{\"connection_id\":\"conn_i\"}");
        for kept in ["{\"connection_id\": null}", "[]", "{\"input\": "] {
            assert_eq!(text(kept), kept);
        }
        let no_object = Call::post_execute("itsm.tickets.get", json!([]), Intent::Read);
        assert_eq!(connection(no_object), None);
    }
}
