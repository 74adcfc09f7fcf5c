//! Vendors in memory: each connection is an account of its own, seeded from the catalogue, and a tool does to it what the tool's
//! `behavior` says.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde_json::Value;

use self::account::{Account, seed_id};
use self::behavior::Behavior;
use self::operations::Call;
use super::{BoxFuture, Connector, Data, VendorCall, VendorError};
use crate::catalogue::{Catalogue, Connection, ConnectionStatus, Records};

mod account;
mod behavior;
mod listing;
mod operations;
mod ordinal;
mod pointer;
#[cfg(test)]
mod tests;

/// Why there can be no vendors in memory for a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemoryVendorsError {
    /// A tool's behaviour is none.
    #[error("{tool}: its behavior: {fault}")]
    Behavior {
        /// The tool's key.
        tool: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A seed record is none.
    #[error("{of}: its records of {collection}: {fault}")]
    Records {
        /// The domain, or the id of the connection.
        of: String,
        /// The collection.
        collection: String,
        /// What is wrong with them.
        fault: String,
    },
}

/// The vendors of a catalogue's connections.
#[derive(Debug)]
pub struct MemoryVendors {
    catalogue: Arc<Catalogue>,
    behaviors: FxHashMap<String, Behavior>,
    accounts: Mutex<FxHashMap<String, Arc<Mutex<Account>>>>,
}

impl MemoryVendors {
    /// Reads the behaviours of the catalogue's tools. Accounts hold what the catalogue says until the first call.
    ///
    /// # Errors
    /// A behaviour that cannot be read or is about a collection that its domain does not know, or a seed record without an id of its
    /// own.
    pub fn new(catalogue: Arc<Catalogue>) -> Result<Self, MemoryVendorsError> {
        for domain in &catalogue.domains {
            check_records(&domain.name, &domain.records)?;
        }
        for connection in &catalogue.tenancy.connections {
            if let Some(records) = &connection.records {
                check_records(&connection.id, records)?;
            }
        }
        let mut behaviors = FxHashMap::default();
        for tool in &catalogue.tools {
            let unusable = |fault| MemoryVendorsError::Behavior {
                tool: tool.key.clone(),
                fault,
            };
            let behavior = Behavior::read(&tool.behavior).map_err(unusable)?;
            let records = domain_records(&catalogue, &tool.domain);
            let known = |collection: &str| records.is_some_and(|records| records.contains_key(collection));
            if let Some(unknown) = behavior.collections().find(|collection| !known(collection)) {
                return Err(unusable(format!("the domain's records name no collection {unknown}")));
            }
            behaviors.insert(tool.key.clone(), behavior);
        }
        Ok(Self {
            catalogue,
            behaviors,
            accounts: Mutex::default(),
        })
    }

    /// All that the accounts hold which were called so far: the connection's id, the collection, and the record.
    #[must_use]
    pub fn records(&self) -> Vec<(String, String, Value)> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = Vec::new();
        for (connection, account) in accounts.iter() {
            let account = account.lock().unwrap_or_else(PoisonError::into_inner);
            let records = account.records();
            held.extend(
                records.map(|(collection, record)| (connection.clone(), collection.to_owned(), record.value().clone())),
            );
        }
        held
    }

    fn answer(&self, call: VendorCall<'_>) -> Result<Data, VendorError> {
        if call.connection.status == ConnectionStatus::Failing {
            return Err(VendorError::TimedOut);
        }
        let Some(behavior) = self.behaviors.get(&call.tool.key) else {
            return Err(VendorError::status(501, "the vendor has no such operation"));
        };
        let account = self.account(call.connection);
        let mut account = account.lock().unwrap_or_else(PoisonError::into_inner);
        Call::new(call.input, call.now).perform(behavior, &mut account)
    }

    fn account(&self, connection: &Connection) -> Arc<Mutex<Account>> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(&connection.id) {
            return Arc::clone(account);
        }
        let seeds = connection
            .records
            .as_ref()
            .or_else(|| domain_records(&self.catalogue, &connection.domain));
        let account = Arc::new(Mutex::new(seeds.map(Account::seeded).unwrap_or_default()));
        accounts.insert(connection.id.clone(), Arc::clone(&account));
        account
    }
}

impl Connector for MemoryVendors {
    fn execute<'a>(&'a self, call: VendorCall<'a>) -> BoxFuture<'a, Result<Data, VendorError>> {
        Box::pin(async move { self.answer(call) })
    }
}

fn domain_records<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Records> {
    let domain = catalogue.domains.iter().find(|domain| domain.name == name);
    domain.map(|domain| &domain.records)
}

fn check_records(of: &str, records: &Records) -> Result<(), MemoryVendorsError> {
    for (collection, records) in records {
        let mut ids = HashSet::new();
        for record in records {
            let fault = match seed_id(record) {
                None => "a record has no id that is a text".to_owned(),
                Some(id) if !ids.insert(id) => format!("two have the id {id}"),
                Some(_) => continue,
            };
            return Err(MemoryVendorsError::Records {
                of: of.to_owned(),
                collection: collection.clone(),
                fault,
            });
        }
    }
    Ok(())
}
