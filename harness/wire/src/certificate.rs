//! The certificate that the target shows, whether it is valid or not.

#[cfg(feature = "tls")]
pub(crate) mod noted;

use std::time::SystemTime;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// Who issued it, as the certificate has it.
    pub issuer: String,
    /// Until when it is valid.
    pub expires: SystemTime,
}
