//! The record of a bench: all that its reports are made from.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::measurement::Measurement;
use crate::record::{RequirementResult, RunEnd, Target};
use crate::safety::{Allow, Risk};

/// A finished (or interrupted) bench.
#[derive(Debug, Clone)]
pub struct BenchRecord {
    /// The version of hubproof.
    pub suite_version: String,
    /// The revision of the contract.
    pub contract_revision: String,
    /// What was measured.
    pub target: Target,
    /// The risk of each tool of the mix.
    pub risks: BTreeMap<String, Risk>,
    /// The seed of all inputs and of their order.
    pub seed: u64,
    /// How far the bench was allowed to go.
    pub allow: Allow,
    /// Whether inputs were drawn while the target was called, not before.
    pub live: bool,
    /// The wall clock at the start.
    pub started_at: SystemTime,
    /// Requests sent, those of discovery and of the warm-up with them.
    pub requests: u64,
    /// What was measured; of a target that cannot be tested, nothing.
    pub measurement: Option<Measurement>,
    /// What it was compared with, where something was given.
    pub baseline: Option<BenchBaseline>,
    /// One result a requirement that was judged: those of LAT, and those that wrong answers broke.
    pub results: Vec<RequirementResult>,
    /// How the bench ended.
    pub end: RunEnd,
}

/// An earlier bench, as it was stored.
#[derive(Debug, Clone)]
pub struct BenchBaseline {
    /// The file's path, as given.
    pub path: String,
    /// The version of hubproof that measured it.
    pub suite_version: String,
    /// What was measured.
    pub target: Target,
    /// The wall clock at its start.
    pub started_at: SystemTime,
    /// The measurement.
    pub measurement: Measurement,
}
