//! The reference hub over HTTP: what its clients may rely on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the support of tests fails the test"
)]

mod approvals;
mod client;
mod clock;
mod defects;
mod defects_approvals;
mod defects_dry_runs;
mod defects_effects;
mod defects_idempotency;
mod defects_latency;
mod defects_limits;
mod description;
mod executing;
mod idempotency;
mod latency;
mod limits;
mod refusals;
mod vendors;
