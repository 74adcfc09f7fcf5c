//! The record of a bench: all that its reports are made from.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::measurement::{Measurement, Pacing};
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

/// Why an earlier bench tells nothing of this one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Incomparable {
    /// Another hub.
    #[error("it was measured of {then}, and this is {now}: compare a hub with itself")]
    Target {
        /// What was measured then.
        then: String,
        /// What is to be measured.
        now: String,
    },
    /// Another load.
    #[error("it was measured with {then}, and this is {now}: latency depends on the load")]
    Pacing {
        /// The load then.
        then: Pacing,
        /// The load now.
        now: Pacing,
    },
    /// Other tools, or other weights.
    #[error("it was measured with another mix of tools ({0}): name the same with `--tools`")]
    Mix(String),
}

impl BenchBaseline {
    /// Whether it was measured of this target. The bundled hub is the same whatever its address and its defects.
    ///
    /// # Errors
    /// That it was another.
    pub fn check_target(&self, target: &Target) -> Result<(), Incomparable> {
        let is_same = match (self.target.bundled, target.bundled) {
            (true, true) => true,
            (false, false) => self.target.url == target.url,
            _ => false,
        };
        let name = |target: &Target| match target.bundled {
            true => "the bundled hub".to_owned(),
            false => target.url.clone(),
        };
        match is_same {
            true => Ok(()),
            false => Err(Incomparable::Target {
                then: name(&self.target),
                now: name(target),
            }),
        }
    }

    /// Whether it was measured under the same load.
    ///
    /// # Errors
    /// What differs.
    pub fn check_load(&self, pacing: Pacing, mix: &BTreeMap<String, u32>) -> Result<(), Incomparable> {
        let then = &self.measurement;
        if then.pacing != pacing {
            return Err(Incomparable::Pacing {
                then: then.pacing,
                now: pacing,
            });
        }
        let tools = then.mix.keys().chain(mix.keys());
        match tools.into_iter().find(|tool| then.mix.get(*tool) != mix.get(*tool)) {
            None => Ok(()),
            Some(tool) => {
                let weight = |mix: &BTreeMap<String, u32>| mix.get(tool).map_or("none".to_owned(), u32::to_string);
                let (before, after) = (weight(&then.mix), weight(mix));
                Err(Incomparable::Mix(format!(
                    "the weight of {tool} was {before}, and is {after}"
                )))
            }
        }
    }
}
