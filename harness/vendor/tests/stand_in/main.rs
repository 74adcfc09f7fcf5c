//! A stand-in over its socket: its API, its faults, and what it counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod api;
mod client;
mod faults;
mod files;
mod reception;
