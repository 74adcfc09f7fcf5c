//! A hub with connections that lead to played vendors.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hubproof_vendor::{StandIn, Vendor};
use reference_server::connectors::http::VendorLink;
use reference_server::{Hub, InProcessHub};
use serde_json::{Value, json};

/// How long a call may take: what stands still is waited for so long, and nothing else comes near it.
const PATIENCE: Duration = Duration::from_secs(4);

/// An answer of the hub.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
    /// All of it, as text: headers and body.
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn data(&self) -> &Value {
        assert_eq!(self.body["success"], true, "{}", self.text);
        &self.body["data"]
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("success")
    }

    pub(crate) fn detail(&self, name: &str) -> &Value {
        &self.body["error"]["details"][name]
    }
}

/// A hub, and the vendor that one of its connections leads to, if one does.
pub(crate) struct Stage {
    pub(crate) hub: InProcessHub,
    pub(crate) vendor: Option<StandIn>,
    pub(crate) connection: &'static str,
}

/// A bundled vendor on a free port.
pub(crate) async fn stand_in(connector: &str) -> StandIn {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    StandIn::start(Vendor::bundled(connector).unwrap(), address)
        .await
        .unwrap()
}

impl Stage {
    /// The connection in memory.
    pub(crate) fn in_memory(connection: &'static str) -> Self {
        Self {
            hub: Hub::builder().in_process().unwrap(),
            vendor: None,
            connection,
        }
    }

    /// The connection with its vendor over HTTP.
    pub(crate) async fn over_http(connection: &'static str) -> Self {
        let vendor = stand_in(connection.rsplit('_').next().unwrap()).await;
        let link = VendorLink::new(connection, vendor.url()).time_limit(PATIENCE);
        Self {
            hub: Hub::builder().vendor(link).in_process().unwrap(),
            vendor: Some(vendor),
            connection,
        }
    }

    pub(crate) fn vendor(&self) -> &StandIn {
        self.vendor.as_ref().unwrap()
    }

    pub(crate) async fn execute(&self, tool: &str, input: Value) -> Answer {
        self.send(tool, json!({"input": input})).await
    }

    /// Executes a tool with further members in the body.
    pub(crate) async fn send(&self, tool: &str, mut body: Value) -> Answer {
        body["connection_id"] = self.connection.into();
        let path = self
            .hub
            .ready()
            .url
            .split_once("//")
            .unwrap()
            .1
            .split_once('/')
            .unwrap()
            .1;
        let request = http::Request::post(format!("/{path}/tools/{tool}/execute"))
            .header("authorization", format!("Bearer {}", self.hub.ready().keys["primary"]))
            .header("content-type", "application/json")
            .body(body.to_string())
            .unwrap();
        let answer = self.hub.answer(request).await;
        let retry_after = answer.headers().get("retry-after");
        Answer {
            status: answer.status().as_u16(),
            retry_after: retry_after.map(|value| value.to_str().unwrap().to_owned()),
            text: format!("{:?} {}", answer.headers(), String::from_utf8_lossy(answer.body())),
            body: serde_json::from_slice(answer.body()).unwrap(),
        }
    }
}
