//! Why a session cannot be opened.

use std::path::PathBuf;

use hubproof_model::role::Role;

/// Why a session cannot be opened: a mistake in the profile or on the command line. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The URL is none that a hub can have.
    #[error("`{url}` is not a hub's base URL ({reason}): write one such as https://hub.example/api/v1")]
    BadUrl {
        /// As given, without user name, password, query and fragment.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// A header's name or value cannot be sent.
    #[error("the profile's header `{0}` cannot be sent: a name has no spaces, a value no line breaks")]
    BadHeader(String),
    /// A header that the harness itself must set.
    #[error("the profile's header `{0}` is one that the harness sets itself: take it out, and give API keys in [keys]")]
    ReservedHeader(String),
    /// The key cannot stand in a header.
    #[error("the {0} key has characters that no header can carry: look for a line break or a space at its end")]
    BadKey(Role),
    /// A rate at which nothing could ever be sent.
    #[error("a rate of {0} requests a second cannot be kept: give a number above zero")]
    BadRate(f64),
    /// An `https` target without the feature that brings TLS.
    #[error("this build has no TLS: build hubproof with the feature `tls` for https targets")]
    NoTls,
    /// The CA file cannot be used.
    #[error("the CA file {path} cannot be used: {reason}")]
    BadCaFile {
        /// As given.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}
