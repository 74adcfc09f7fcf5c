//! Certificates as a user meets them: issued, refused, verified, compared.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod connectors;
mod issuing;
mod keys;
#[path = "../reference_hub/mod.rs"]
mod reference_hub;
mod stage;
mod verifying;
