//! The reference hub before vendors that are played: the same tools as in memory, and what it says when a vendor fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod equal_results;
mod faults;
mod links;
mod secrets;
mod slack;
mod stage;
