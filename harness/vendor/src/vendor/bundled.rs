//! The vendors that come along.

use super::{Vendor, VendorFileError};

/// The bundled vendors: each's connector and its file.
pub const BUNDLED: [(&str, &str); 3] = [
    (
        "servicenow",
        include_str!("../../../../fixtures/vendors/servicenow.toml"),
    ),
    ("jira", include_str!("../../../../fixtures/vendors/jira.toml")),
    ("slack", include_str!("../../../../fixtures/vendors/slack.toml")),
];

/// There is no such vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no vendor `{name}`: give one of {}, or a vendor file", BUNDLED.map(|(connector, _)| connector).join(", "))]
pub struct UnknownVendor {
    /// The name that was given.
    pub name: String,
}

impl Vendor {
    /// The bundled vendor of this connector.
    ///
    /// # Errors
    /// That there is none, and which there are.
    pub fn bundled(connector: &str) -> Result<Self, UnknownVendor> {
        let unknown = || UnknownVendor {
            name: connector.to_owned(),
        };
        let (_, text) = BUNDLED.iter().find(|(own, _)| *own == connector).ok_or_else(unknown)?;
        Self::read(text).map_err(|_: VendorFileError| unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_vendor_can_be_read() {
        for (connector, text) in BUNDLED {
            let vendor = Vendor::read(text).unwrap_or_else(|fault| panic!("{connector}: {fault} at {:?}", fault.span));
            assert_eq!(vendor.connector(), connector);
            assert!(vendor.name().len() > 3 && !vendor.routes.is_empty());
        }
    }
}
