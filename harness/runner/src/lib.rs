//! Proves a hub: discovers it, plans cases, sends them, judges the exchanges, and gives the run record.
//!
//! The flow is [`ground::Ground::survey`] (discover) → [`plan::plan`] → [`execute::execute`] → [`judge::Findings`] →
//! shrink the violations → [`run::run`], which strings them together. Nothing here prints or exits.

mod budget;
#[cfg(test)]
mod canned;
pub mod catalogue;
pub mod checkup;
mod cleanup;
pub mod discover;
pub mod execute;
pub mod exit;
pub mod ground;
pub mod interrupt;
pub mod judge;
pub mod known;
mod named_tools;
pub mod options;
pub mod plan;
mod process;
mod repetition;
pub mod run;
mod script;
pub mod select;
mod shards;
mod shrink;
mod target_clock;
pub mod throttle;
mod tls_advice;
mod tools_taken_in;
#[cfg(feature = "trials")]
pub mod trials;
pub mod vendors;
pub mod wanted;
