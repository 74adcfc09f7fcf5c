//! The HTTP session against targets that behave, that break, and that echo keys.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod answers;
mod bound;
mod breaks;
#[cfg(feature = "tls")]
mod certificates;
mod early_refusal;
mod echoes;
mod limits;
mod load;
mod not_http;
mod opening;
mod placeholders;
mod requests;
mod scripted;
mod slow;
mod verbatim;
