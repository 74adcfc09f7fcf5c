//! The HTTP session of hubproof: every call leaves an exchange, with secrets masked before one is made.
//!
//! Redirects, retries, proxies, cookies and decompression are off: what is recorded is what the target sent to this very call.

mod fill;
mod masking;
mod pace;
mod reading;
mod session;
#[cfg(feature = "tls")]
mod tls;
mod verbatim;

pub use session::{Session, SessionError, SessionOptions};
