//! The HTTP session of hubproof: every call leaves an exchange, with secrets masked before one is made.
//!
//! Redirects, retries, proxies, cookies and decompression are off: what is recorded is what the target sent to this very call.

mod direct;
mod error;
mod fault;
mod fill;
mod half_deaf;
mod masking;
mod pace;
mod reading;
mod session;
mod target;
#[cfg(feature = "tls")]
mod tls;

pub use error::SessionError;
pub use session::{Session, SessionOptions};
