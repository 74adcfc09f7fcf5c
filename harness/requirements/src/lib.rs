//! The requirements on a hub: one file each in `areas/`, the registry that lists them, and what they share to plan and judge.
//!
//! A check plans cases (pure), the runner sends them, and the check judges the exchanges (pure). No check prints, sleeps or
//! keeps state.

// Judges end early with the finding that settles them: one a case, and never passed far.
#![allow(clippy::result_large_err)]

#[cfg(test)]
pub(crate) mod acting_hub;
pub(crate) mod answers;
pub(crate) mod api_answers;
pub mod areas;
pub(crate) mod broken_inputs;
pub(crate) mod catalogue;
pub mod check;
pub(crate) mod credentials;
pub mod drawing;
pub mod effects;
pub(crate) mod error_envelope;
pub mod evidence;
#[cfg(test)]
pub(crate) mod exchanges;
pub(crate) mod exhaustion;
pub(crate) mod gated;
pub(crate) mod idempotency_keys;
pub mod inputs;
pub(crate) mod internals;
pub mod judging;
pub mod lone;
pub mod measured;
pub(crate) mod mistakes;
pub mod observations;
pub mod observing;
pub mod ordinary;
pub(crate) mod refusals;
pub mod routing;
pub mod schemas;
pub mod sequences;
pub mod site;
pub(crate) mod smaller_inputs;
pub(crate) mod subschemas;
pub(crate) mod told_limits;
pub mod traffic;
pub mod transcript;
pub(crate) mod unspent_keys;
pub mod vendor_faults;
