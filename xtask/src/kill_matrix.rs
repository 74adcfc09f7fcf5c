//! The kill matrix on many seeds: `.ci/run` proves it on one.

use std::path::Path;
use std::process::Command;

use clap::Args;

/// Which seeds are tried.
#[derive(Args)]
pub(crate) struct KillMatrix {
    /// Seeds 1 to this, for every defect
    #[arg(long, default_value_t = 10, value_name = "N")]
    seeds: u64,
    /// Seeds 1 to this, for the clean hub in whole runs
    #[arg(long, default_value_t = 50, value_name = "N")]
    clean_seeds: u64,
    /// Prove each defect in a whole run instead of by its requirement alone
    #[arg(long)]
    whole: bool,
    /// Only trials whose name holds this (defect::duplicates-race)
    filter: Option<String>,
}

impl KillMatrix {
    /// Runs the matrix's test with these seeds.
    ///
    /// # Errors
    /// That a trial failed, which cargo has told, or that cargo cannot be run.
    pub(crate) fn prove(&self, root: &Path) -> Result<String, String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(root)
            .args(["test", "--release", "--locked", "--test", "kill_matrix"])
            // Most of a trial is waiting for windows to end and effects to show; in a debug build, so many starve each other.
            .args(["--", "--quiet", "--test-threads=6"])
            .args(&self.filter)
            .env("HUBPROOF_SEEDS", self.seeds.to_string())
            .env("HUBPROOF_CLEAN_SEEDS", self.clean_seeds.to_string());
        match self.whole {
            true => cargo.env("HUBPROOF_WHOLE", "1"),
            false => cargo.env_remove("HUBPROOF_WHOLE"),
        };
        let status = cargo
            .status()
            .map_err(|fault| format!("cargo cannot be run: {fault}"))?;
        match status.success() {
            true => Ok(format!(
                "every defect killed on seeds 1 to {}, no finding on the clean hub on seeds 1 to {}",
                self.seeds, self.clean_seeds
            )),
            false => Err("some trials failed: they are named above".to_owned()),
        }
    }
}
