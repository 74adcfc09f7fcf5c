//! Which connections lead where, and mistakes in saying so.

use reference_server::Hub;
use reference_server::catalogue::Secret;
use reference_server::connectors::http::VendorLink;
use serde_json::json;

use crate::stage::{Stage, stand_in};

fn fault(link: VendorLink) -> String {
    Hub::builder().vendor(link).in_process().err().unwrap().to_string()
}

#[test]
fn a_link_that_leads_nowhere_is_one_message() {
    let nowhere = fault(VendorLink::new("conn_itsm_nowhere", "http://127.0.0.1:1"));
    assert!(
        nowhere.starts_with("no connection and no connector is called `conn_itsm_nowhere`; there are conn_"),
        "{nowhere}"
    );
    let secure = fault(VendorLink::new("conn_itsm_jira", "https://127.0.0.1:1"));
    assert!(
        secure.contains("`https://127.0.0.1:1` leads to no vendor: give a URL such as http://"),
        "{secure}"
    );
    let unmapped = fault(VendorLink::new("conn_hris_workday", "http://127.0.0.1:1"));
    assert_eq!(
        unmapped,
        "there is no mapping for workday, only for servicenow, jira, slack"
    );
    for text in ["", "conn_itsm_jira", "=http://127.0.0.1:1", "conn_itsm_jira="] {
        assert!(text.parse::<VendorLink>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn only_linked_connections_go_over_http() {
    let stage = Stage::over_http("conn_itsm_jira").await;
    let memory = Stage {
        hub: stage.hub.clone(),
        ..Stage::in_memory("conn_itsm_servicenow")
    };
    memory
        .execute("itsm.tickets.create", json!({"title": "in memory"}))
        .await
        .data();
    assert_eq!(stage.vendor().reception().requests, 0);
    stage.execute("itsm.tickets.list", json!({})).await.data();
    assert_eq!(stage.vendor().reception().requests, 1);
}

#[tokio::test]
async fn other_credentials_are_shown_where_they_are_given() {
    let vendor = stand_in("servicenow").await;
    let link = VendorLink::new("servicenow", vendor.url()).credentials(Secret::new("now_of_another".to_owned()));
    let stage = Stage {
        hub: Hub::builder().vendor(link).in_process().unwrap(),
        ..Stage::in_memory("conn_itsm_servicenow")
    };
    let answer = stage.execute("itsm.tickets.list", json!({})).await;
    assert_eq!(
        (answer.code(), answer.detail("vendor_status")),
        ("UPSTREAM_ERROR", &json!(401))
    );
    assert_eq!(vendor.reception().unauthorized, 1);
}
