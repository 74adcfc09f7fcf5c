//! Vendors that are played for cases, one case at a time.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hubproof_model::case::{Deed, Done};
use hubproof_model::profile::DomainConnection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const CONNECTION: &str = "conn_1";

fn upstream(vendor: &str, listen: SocketAddr) -> Upstream {
    Upstream {
        connection: DomainConnection {
            domain: "itsm".to_owned(),
            id: CONNECTION.to_owned(),
        },
        player: Player::StandIn {
            listen,
            vendor: vendor.to_owned(),
        },
        limit: Duration::from_secs(1),
        secrets: Vec::new(),
    }
}

fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn stand_in(vendors: &PlayedVendors) -> &StandIn {
    match &vendors.by_connection[CONNECTION].player {
        Playing::StandIn(stand_in) => stand_in,
        Playing::Program(_) => panic!("a program plays it"),
    }
}

async fn played() -> PlayedVendors {
    let upstream = [upstream("servicenow", any_port())];
    PlayedVendors::default().starting(&upstream).await.unwrap()
}

/// Asks the vendor for something, and gives its status line.
async fn ask(vendors: &PlayedVendors, method: &str) -> String {
    let address = stand_in(vendors).address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} /api/now/table/incident HTTP/1.1\r\nhost: vendor\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

fn reached(deed: Option<Deed>) -> Vec<(String, bool)> {
    match deed.map(|deed| deed.outcome) {
        Some(Ok(Done::Reached(arrivals))) => arrivals
            .into_iter()
            .map(|arrival| (arrival.method, arrival.changes_state))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_stretch_tells_what_reached_the_vendor_in_it_and_its_fault_ends_with_it() {
    let vendors = played().await;
    ask(&vendors, "GET").await;
    let mut stretches = Stretches::default();
    let failing = VendorStep::failing("failing", CONNECTION, "status:503");
    stretches.begin(&failing, vendors.begin(&failing, None).await);
    assert!(ask(&vendors, "POST").await.contains(" 503 "));
    assert_eq!(reached(stretches.end().await), [("POST".to_owned(), true)]);
    let sound = VendorStep::sound("sound", CONNECTION);
    stretches.begin(&sound, vendors.begin(&sound, None).await);
    // Without credentials: but the vendor itself answers again.
    assert!(ask(&vendors, "GET").await.contains(" 401 "));
    assert_eq!(reached(stretches.end().await), [("GET".to_owned(), false)]);
    assert_eq!(stretches.end().await, None);
}

#[test]
fn a_connectors_run_has_its_own_vendors_alone_fail() {
    let left = |connector: Option<&str>| {
        let mut profile = Profile::of_url("https://hub.example");
        let by_connector = &mut profile.connections.by_connector;
        by_connector.insert("servicenow".to_owned(), vec![CONNECTION.to_owned()]);
        by_connector.insert("jira".to_owned(), vec!["conn_2".to_owned()]);
        profile.upstream.push(upstream("servicenow", any_port()));
        keep_own(&mut profile, connector);
        (
            profile.upstream.len(),
            profile.beside.iter().any(|beside| beside.connection.id == CONNECTION),
        )
    };
    assert_eq!(
        [None, Some("servicenow"), Some("jira"), Some("unsaid")].map(left),
        [(1, false), (1, false), (0, true), (1, false)]
    );
}

#[tokio::test]
async fn others_vendors_are_played_beside_where_they_can_be() {
    let mut profile = Profile::of_url("https://hub.example");
    let taken = tokio::net::TcpListener::bind(any_port()).await.unwrap();
    let mut unbindable = upstream("jira", taken.local_addr().unwrap());
    unbindable.connection.id = "conn_2".to_owned();
    profile.beside = vec![upstream("servicenow", any_port()), unbindable];
    let vendors = PlayedVendors::default().starting_beside(&mut profile).await;
    assert!(ask(&vendors, "GET").await.contains(" 401 "));
    assert!(!profile.beside[0].secrets.is_empty());
    let unplayed: Vec<_> = profile.connections.unplayed.iter().collect();
    let [(connection, why)] = unplayed[..] else {
        panic!("{unplayed:?}")
    };
    assert!(connection == "conn_2" && why.contains("in use"), "{why}");
}

#[tokio::test]
async fn a_fault_of_changes_lets_reads_pass() {
    let vendors = played().await;
    let mut stretches = Stretches::default();
    let failing = VendorStep::failing("failing", CONNECTION, "status:503").changes_only();
    stretches.begin(&failing, vendors.begin(&failing, None).await);
    // Without credentials: the vendor itself answers.
    assert!(ask(&vendors, "GET").await.contains(" 401 "));
    assert!(ask(&vendors, "POST").await.contains(" 503 "));
    assert_eq!(reached(stretches.end().await).len(), 2);
}

#[tokio::test]
async fn a_fault_of_the_first_request_lets_the_next_pass() {
    let vendors = played().await;
    let mut stretches = Stretches::default();
    let failing = VendorStep::failing("failing", CONNECTION, "status:503").first(1);
    stretches.begin(&failing, vendors.begin(&failing, None).await);
    assert!(ask(&vendors, "GET").await.contains(" 503 "));
    assert!(ask(&vendors, "GET").await.contains(" 401 "));
    assert_eq!(reached(stretches.end().await).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_played_says_why() {
    let vendors = played().await;
    let why = |step: VendorStep| {
        let vendors = vendors.clone();
        async move { vendors.begin(&step, None).await.err().unwrap_or_default() }
    };
    assert_eq!(
        why(VendorStep::sound("", "conn_2")).await,
        "nobody plays the vendor of conn_2"
    );
    assert!(
        why(VendorStep::failing("", CONNECTION, "stal"))
            .await
            .starts_with("stal: give ")
    );
    let refused = |upstream: Upstream| async move {
        let started = PlayedVendors::default().starting(&[upstream]).await;
        started.err().map(|fault| fault.to_string()).unwrap_or_default()
    };
    let unknown = refused(upstream("servicnow", any_port())).await;
    assert!(unknown.contains("there is no vendor `servicnow`"), "{unknown}");
    let taken = stand_in(&vendors).address();
    let in_use = refused(upstream("jira", taken)).await;
    assert!(in_use.contains(&format!("cannot listen on {taken}")), "{in_use}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "name = 1").unwrap();
    let malformed = refused(upstream(file.path().to_str().unwrap(), any_port())).await;
    assert!(malformed.contains(file.path().to_str().unwrap()), "{malformed}");
}

#[tokio::test]
async fn a_vendor_is_one_cases_at_a_time() {
    let vendors = played().await;
    let case = |step| Case::of_steps("", "", vec![hubproof_model::case::Step::Vendor(step)]);
    let one = case(VendorStep::sound("", CONNECTION));
    let turns = vendors.turns(&one).await;
    assert_eq!(turns.len(), 1);
    let waiting = vendors.turns(&one);
    tokio::pin!(waiting);
    assert!(futures::poll!(waiting.as_mut()).is_pending());
    drop(turns);
    assert_eq!(waiting.await.len(), 1);
}

#[tokio::test]
async fn cases_that_call_a_played_connection_wait_for_the_one_that_has_it_fail() {
    let vendors = played().await;
    let calling = |connection: &str| {
        let body = serde_json::json!({"connection_id": connection, "input": {}});
        let call = Call::post_execute("itsm.tickets.list", body, hubproof_model::call::Intent::Read);
        Case::new("", "", vec![call])
    };
    let failing = VendorStep::failing("", CONNECTION, "status:503");
    let failing = Case::of_steps("", "", vec![hubproof_model::case::Step::Vendor(failing)]);
    let (calls, others) = (calling(CONNECTION), calling("conn_2"));
    assert!(vendors.turns(&others).await.is_empty());
    let beside = [vendors.turns(&calls).await, vendors.turns(&calls).await];
    let waiting = vendors.turns(&failing);
    tokio::pin!(waiting);
    assert!(futures::poll!(waiting.as_mut()).is_pending());
    drop(beside);
    let turns = waiting.await;
    let calling = vendors.turns(&calls);
    tokio::pin!(calling);
    assert!(futures::poll!(calling.as_mut()).is_pending());
    drop(turns);
    assert_eq!(calling.await.len(), 1);
}

#[tokio::test]
async fn the_vendors_secrets_are_told_to_the_profile() {
    let mut told = [upstream("servicenow", any_port())];
    played().await.tell_secrets(&mut told);
    let names: Vec<_> = told[0].secrets.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names.contains(&"x-sn-apikey") && names.contains(&"set-cookie"),
        "{names:?}"
    );
}
