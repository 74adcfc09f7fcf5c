//! The HTTP session of hubproof: every call leaves an exchange, with secrets masked before one is made.
//!
//! Load goes another way ([`LoadTarget`]): an exchange is made only of what is looked at more closely.
//!
//! Redirects, retries, proxies, cookies and decompression are off: what is recorded is what the target sent to this very call.

mod certificate;
mod direct;
mod error;
mod fault;
mod fill;
mod half_deaf;
mod load;
mod masking;
mod pace;
mod patience;
mod reading;
mod session;
mod target;
#[cfg(feature = "tls")]
mod tls;

pub use certificate::PeerCertificate;
pub use error::SessionError;
pub use load::{LoadAnswer, LoadConnection, LoadTarget, Prepared, Timing};
pub use session::{Session, SessionOptions};
