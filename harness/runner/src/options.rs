//! What the user asks of a run, beside the profile.

use std::time::Duration;

use hubproof_model::baseline::Baseline;
use hubproof_model::record;
use hubproof_model::safety::Allow;
use hubproof_model::shard::Shard;

use crate::select::{Selection, ToolGlobs};
use crate::vendors::PlayedVendors;

/// The options of a run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Which requirements.
    pub requirements: Selection,
    /// Which tools.
    pub tools: ToolGlobs,
    /// How far the run may go.
    pub allow: Allow,
    /// The seed of all generated inputs and orders.
    pub seed: u64,
    /// Tells the run from all others, also of the same seed: letters and digits ([`new_run`]).
    pub run: String,
    /// How many generated inputs a tool gets on each of the valid and the invalid side.
    pub cases: usize,
    /// How many cases are in flight at once, at least 1.
    pub jobs: usize,
    /// The most requests a second; `None` for no bound.
    pub rate: Option<f64>,
    /// The longest that the run may take.
    pub time_limit: Option<Duration>,
    /// The failures that are known and excused until a day.
    pub baseline: Option<Baseline>,
    /// Whether the bodies of the definitions are kept once they are read, for checks that judge them.
    pub keep_definitions: bool,
    /// Which part of the plan is sent, where several runs share one.
    pub shard: Option<Shard>,
    /// The vendors that are played already; those of the profile are started beside them.
    pub vendors: PlayedVendors,
}

impl RunOptions {
    /// A new run of these requirements on all tools that goes so far, with everything else as it is by default.
    pub fn new(requirements: Selection, allow: Allow) -> Self {
        Self {
            requirements,
            tools: ToolGlobs::default(),
            allow,
            seed: DEFAULT_SEED,
            run: new_run(),
            cases: DEFAULT_CASES,
            jobs: DEFAULT_JOBS,
            rate: None,
            time_limit: None,
            baseline: None,
            keep_definitions: true,
            shard: None,
            vendors: PlayedVendors::default(),
        }
    }
}

/// The seed unless `--seed` says otherwise: a gate must not depend on luck.
pub const DEFAULT_SEED: u64 = 1;

/// The number of generated inputs unless `--cases` says otherwise.
pub const DEFAULT_CASES: usize = record::DEFAULT_CASES as usize;

/// The number of cases in flight unless `--jobs` says otherwise.
pub const DEFAULT_JOBS: usize = 8;

/// A name for a run that no other has: from the clock and the process.
pub fn new_run() -> String {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let mut rest = since.as_micros() ^ (u128::from(std::process::id()) << 44);
    let mut name = String::new();
    for _ in 0..10 {
        name.push(char::from_digit((rest % 36) as u32, 36).unwrap_or('0'));
        rest /= 36;
    }
    name
}
