//! What stands between the hub and a vendor account: one trait, so that vendors in memory and vendors over HTTP look alike.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::catalogue::{Connection, Tool};

mod data;
pub mod http;
pub mod memory;

pub use self::data::{Data, DataArray, DataElements, DataJson, DataMembers, DataNode, DataObject, Record};

/// A future behind a pointer, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One call of a tool at the vendor account behind a connection.
#[derive(Debug, Clone, Copy)]
pub struct VendorCall<'a> {
    /// The connection that the call is routed to: each is an account of its own.
    pub connection: &'a Connection,
    /// The tool that is called.
    pub tool: &'a Tool,
    /// The input, already accepted by the tool's input schema.
    pub input: &'a Value,
    /// The hub's id of the request: unique, for the vendor's log.
    pub call_id: &'a str,
    /// The hub's clock at the call: what the vendor in memory stamps records with.
    pub now: SystemTime,
    /// What the vendor did for this very call before, where it could not be told ([`VendorError::Unread`]): it is not done again.
    pub made: Option<&'a Value>,
}

/// Carries calls to vendors. One connector serves all connections of a hub, and keeps their accounts apart.
pub trait Connector: Send + Sync {
    /// Executes one call, and gives what the tool's output schema describes. A connection whose status is
    /// [`Failing`](crate::catalogue::ConnectionStatus::Failing) has a vendor that does not answer.
    ///
    /// # Errors
    /// What the vendor answered instead, or that it did not answer.
    fn execute<'a>(&'a self, call: VendorCall<'a>) -> BoxFuture<'a, Result<Data, VendorError>>;
}

/// Why a vendor gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// It answered with a status that is no success.
    #[error("the vendor answered {status}: {message}")]
    Status {
        /// Its HTTP status, or what would be one: 404 for a record that is not there, 409 for a conflict.
        status: u16,
        /// What it said, free of credentials.
        message: String,
        /// When to come again, where it says so.
        retry_after: Option<Duration>,
    },
    /// It did not answer in time.
    #[error("the vendor did not answer in time")]
    TimedOut,
    /// It could not be reached, or hung up.
    #[error("the vendor could not be reached")]
    Unreachable,
    /// It answered with something that is not what it promises.
    #[error("the vendor's answer could not be read: {0}")]
    Malformed(String),
    /// It did what the call asks for, and what it made could not be read.
    #[error("the vendor made the change, and then its record could not be read: {fault}")]
    Unread {
        /// Why it could not.
        fault: Box<VendorError>,
        /// What is known of what it did, for [`VendorCall::made`].
        made: Box<Value>,
    },
    /// It was asked for what the call asks for, and nobody can tell whether it did it: it is not asked again.
    #[error("the vendor may have made the change, and gave no answer that says so: {fault}")]
    Untold {
        /// Why it cannot be told.
        fault: Box<VendorError>,
    },
    /// The connector has no such operation at this vendor: nothing was sent.
    #[error("this vendor has no such operation")]
    Unsupported,
}

impl VendorError {
    /// An answer of this status.
    pub fn status(status: u16, message: impl Into<String>) -> Self {
        Self::Status {
            status,
            message: message.into(),
            retry_after: None,
        }
    }

    /// A record that is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::status(404, message)
    }

    /// A record whose state does not allow the call.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::status(409, message)
    }
}
