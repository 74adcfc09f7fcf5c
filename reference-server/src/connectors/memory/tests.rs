//! Calls over the bundled catalogue: every input is one that the tool accepts, every answer one that it promises.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::MemoryVendors;
use crate::catalogue::{Catalogue, Connection};
use crate::connectors::{Connector, Data, VendorCall, VendorError};

mod every_tool;
mod listings;
mod records;
mod setup;

struct Vendors {
    catalogue: Arc<Catalogue>,
    vendors: MemoryVendors,
}

impl Vendors {
    fn new() -> Self {
        let catalogue = Catalogue::bundled().unwrap();
        let vendors = MemoryVendors::new(Arc::clone(&catalogue)).unwrap();
        Self { catalogue, vendors }
    }

    fn connection(&self, id: &str) -> &Connection {
        let mut connections = self.catalogue.tenancy.connections.iter();
        connections.find(|connection| connection.id == id).unwrap()
    }

    /// Any connection that serves the tool's domain.
    fn serving(&self, tool: &str) -> &Connection {
        let domain = &self.catalogue.tool(tool).unwrap().domain;
        let mut connections = self.catalogue.tenancy.connections.iter();
        connections.find(|connection| connection.domain == *domain).unwrap()
    }

    async fn call_at(
        &self,
        connection: &Connection,
        tool: &str,
        input: Value,
        now: SystemTime,
    ) -> Result<Value, VendorError> {
        let tool = self.catalogue.tool(tool).unwrap();
        assert!(tool.input.is_valid(&input), "{}: no valid input: {input}", tool.key);
        let call = VendorCall {
            connection,
            tool,
            input: &input,
            call_id: "req_1",
            now,
            made: None,
        };
        let answer = self.vendors.execute(call).await;
        if let Ok(data) = &answer {
            let faults: Vec<_> = tool
                .output
                .iter_errors(data.into())
                .map(|fault| fault.to_string())
                .collect();
            assert!(faults.is_empty(), "{}: {input} gave {data:?}: {faults:?}", tool.key);
        }
        answer.map(Data::into_value)
    }

    async fn call(&self, tool: &str, input: Value) -> Result<Value, VendorError> {
        self.call_at(self.serving(tool), tool, input, noon()).await
    }

    /// The ids of a page.
    async fn ids(&self, tool: &str, input: Value) -> Vec<String> {
        ids(&self.call(tool, input).await.unwrap())
    }
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_780_000_000_250)
}

fn ids(page: &Value) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(id).collect()
}

fn status(answer: Result<Value, VendorError>) -> u16 {
    match answer {
        Err(VendorError::Status { status, .. }) => status,
        other => panic!("{other:?}"),
    }
}

fn ticket(title: &str) -> Value {
    json!({ "title": title })
}
