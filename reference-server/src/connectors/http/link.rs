//! Which connections lead to a vendor over HTTP, and where it is.

use std::str::FromStr;
use std::time::Duration;

use super::mapping::{Mapping, MappingError};
use super::target::{Target, UNUSABLE};
use crate::catalogue::{Catalogue, Connection, Secret};

/// Links a connection, or all connections of a connector, to a vendor's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorLink {
    name: String,
    url: String,
    credentials: Option<Secret>,
    time_limit: Option<Duration>,
}

/// Why connections cannot be linked to a vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorLinkError {
    /// A text that is none.
    #[error("give CONNECTION=URL, such as conn_itsm_servicenow=http://127.0.0.1:8801")]
    Malformed,
    /// Nothing of the catalogue is called so.
    #[error("no connection and no connector is called `{name}`; there are {connections}")]
    UnknownConnection {
        /// The name that was given.
        name: String,
        /// The connections that can be linked.
        connections: String,
    },
    /// A URL that no vendor is reached by.
    #[error("`{url}` leads to no vendor: {UNUSABLE}")]
    Url {
        /// The URL.
        url: String,
    },
    /// Nothing says what tools are at this vendor.
    #[error("there is no mapping for {connector}, only for {mapped}")]
    NoMapping {
        /// The vendor.
        connector: String,
        /// Those that have one.
        mapped: String,
    },
    /// A mapping cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl VendorLink {
    /// Links the connection of this id, or all of this connector, to a URL. It shows what opens a stand-in of the vendor.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            credentials: None,
            time_limit: None,
        }
    }

    /// The connection or connector that it is about.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Shows this instead: the whole value of the header that the vendor looks at.
    #[must_use]
    pub fn credentials(mut self, value: Secret) -> Self {
        self.credentials = Some(value);
        self
    }

    /// Lets a call take so long, instead of what the vendor's mapping says.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// The connections that it is about.
    pub(super) fn connections<'a>(&self, catalogue: &'a Catalogue) -> Result<Vec<&'a Connection>, VendorLinkError> {
        let all = &catalogue.tenancy.connections;
        let named = |connection: &&Connection| connection.id == self.name || connection.connector == self.name;
        let linked: Vec<_> = all.iter().filter(named).collect();
        if linked.is_empty() {
            let ids: Vec<_> = all.iter().map(|connection| connection.id.as_str()).collect();
            return Err(VendorLinkError::UnknownConnection {
                name: self.name.clone(),
                connections: ids.join(", "),
            });
        }
        Ok(linked)
    }

    pub(super) fn target(&self, mapping: &Mapping) -> Result<Target, VendorLinkError> {
        let form = &mapping.credentials;
        let bundled = || Secret::new(format!("{}{}", form.prefix, form.secret));
        let credentials = self.credentials.clone().unwrap_or_else(bundled);
        let time_limit = self.time_limit.unwrap_or(mapping.bounds.call);
        Target::new(&self.url, credentials, time_limit).map_err(|_| VendorLinkError::Url { url: self.url.clone() })
    }
}

impl FromStr for VendorLink {
    type Err = VendorLinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, url)) if !name.is_empty() && !url.is_empty() => Ok(Self::new(name, url)),
            _ => Err(VendorLinkError::Malformed),
        }
    }
}
