//! The requirements on a hub: one file each in `areas/`, the registry that lists them, and what they share to plan and judge.
//!
//! A check plans cases (pure), the runner sends them, and the check judges the exchanges (pure). No check prints, sleeps or
//! keeps state.

pub mod areas;
pub mod check;
pub mod evidence;
pub mod inputs;
pub mod judging;
pub mod schemas;
pub mod site;
pub mod traffic;
