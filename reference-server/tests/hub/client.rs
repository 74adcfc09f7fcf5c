//! A client of a hub that runs in the test's process.

use reference_server::{Hub, RunningHub};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// A running hub, and what it takes to call it.
pub(crate) struct TestHub {
    pub(crate) running: RunningHub,
    client: Client,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Self { status, headers, body }
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn data(&self) -> &Value {
        assert_eq!(self.body["success"], true, "{}", self.body);
        &self.body["data"]
    }

    pub(crate) fn number(&self, header: &str) -> u64 {
        self.headers[header].to_str().unwrap().parse().unwrap()
    }
}

impl TestHub {
    pub(crate) async fn start() -> Self {
        Self::of(Hub::builder()).await
    }

    pub(crate) async fn of(hub: Hub) -> Self {
        // Features unify over the workspace: built with the harness, reqwest has TLS, and asks for a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            running: hub.start().await.unwrap(),
            client,
        }
    }

    pub(crate) fn request(&self, role: &str, method: Method, path: &str) -> RequestBuilder {
        let key = &self.running.ready().keys[role];
        self.client
            .request(method, format!("{}{path}", self.running.base_url()))
            .bearer_auth(key)
    }

    /// A request below the server's root, without a key.
    pub(crate) fn outside(&self, method: Method, path: &str) -> RequestBuilder {
        let root = self.running.base_url().trim_end_matches("/api/v1");
        self.client.request(method, format!("{root}{path}"))
    }

    pub(crate) async fn get(&self, role: &str, path: &str) -> Answer {
        Answer::of(self.request(role, Method::GET, path)).await
    }

    pub(crate) async fn execute(&self, role: &str, tool: &str, body: Value) -> Answer {
        Answer::of(
            self.request(role, Method::POST, &format!("/tools/{tool}/execute"))
                .json(&body),
        )
        .await
    }

    /// Creates a ticket with the primary key; `extra` members join the body.
    pub(crate) async fn create_ticket(&self, title: &str, extra: Value) -> Answer {
        self.execute("primary", TICKETS_CREATE, ticket(title, extra)).await
    }

    /// How many tickets of the primary key's default connection have this title.
    pub(crate) async fn tickets_titled(&self, title: &str) -> usize {
        let mut found = 0;
        for offset in (0..).step_by(100) {
            let page = self
                .execute(
                    "primary",
                    "itsm.tickets.list",
                    json!({"input": {"limit": 100, "offset": offset}}),
                )
                .await;
            let tickets = tickets_of(page.data()).to_vec();
            found += tickets.iter().filter(|ticket| ticket["title"] == title).count();
            if tickets.len() < 100 {
                break;
            }
        }
        found
    }
}

pub(crate) const TICKETS_CREATE: &str = "itsm.tickets.create";

/// The one array of a list's data.
pub(crate) fn tickets_of(data: &Value) -> &[Value] {
    data.as_object().unwrap().values().find_map(Value::as_array).unwrap()
}

/// The body that creates a ticket.
pub(crate) fn ticket(title: &str, extra: Value) -> Value {
    let mut body = json!({"input": {"title": title, "priority": "high"}});
    for (name, value) in extra.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}
