//! The reference hub over HTTP: what its clients may rely on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the support of tests fails the test"
)]

mod approvals;
mod client;
mod description;
mod executing;
mod idempotency;
mod limits;
mod refusals;
mod vendors;
