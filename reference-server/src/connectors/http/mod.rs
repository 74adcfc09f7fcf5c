//! Vendors over HTTP: what a tool is at a vendor is data (`fixtures/connectors`), and this carries it out.
//!
//! A connection that is linked to a vendor's URL goes there; every other one goes on to the vendors behind.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use self::call::Execution;
use self::mapping::Mapping;
use self::target::Target;
use super::{BoxFuture, Connector, Data, VendorCall, VendorError};
use crate::catalogue::Catalogue;

mod bundled;
mod call;
mod exchange;
mod file;
mod filter;
mod link;
mod mapping;
mod redaction;
mod retry_after;
mod steps;
mod target;

pub use self::link::{VendorLink, VendorLinkError};
pub use self::mapping::MappingError;
pub(crate) use self::steps::VendorSteps;

/// The vendors that connections are linked to, before others.
pub(crate) struct HttpVendors {
    accounts: FxHashMap<String, Account>,
    steps: VendorSteps,
    others: Arc<dyn Connector>,
}

/// One connection's account at its vendor.
struct Account {
    mapping: Arc<Mapping>,
    target: Target,
}

impl HttpVendors {
    /// Links connections of the catalogue; all others are the others' business.
    ///
    /// # Errors
    /// A link to a connection that is not there, to a URL that cannot be reached so, or to a vendor that there is no mapping for.
    pub(crate) fn new(
        links: &[VendorLink],
        catalogue: &Catalogue,
        steps: VendorSteps,
        others: Arc<dyn Connector>,
    ) -> Result<Self, VendorLinkError> {
        let mut accounts = FxHashMap::default();
        for link in links {
            for connection in link.connections(catalogue)? {
                let mapping = bundled::mapping(&connection.connector)?;
                let target = link.target(&mapping)?;
                accounts.insert(connection.id.clone(), Account { mapping, target });
            }
        }
        Ok(Self {
            accounts,
            steps,
            others,
        })
    }
}

impl Connector for HttpVendors {
    fn execute<'a>(&'a self, call: VendorCall<'a>) -> BoxFuture<'a, Result<Data, VendorError>> {
        let Some(account) = self.accounts.get(&call.connection.id) else {
            return self.others.execute(call);
        };
        Box::pin(async move {
            let Some(tool) = account.mapping.tools.get(&call.tool.key) else {
                return Err(VendorError::Unsupported);
            };
            Execution::new(&account.mapping, tool, &account.target, &self.steps, call)
                .run()
                .await
                .map(Data::from)
        })
    }
}
