//! What `run` takes.

use std::path::PathBuf;

use clap::Args;
use hubproof_model::gate::FailOn;

use super::values::fail_on_parser;
use super::{Loudness, PaceArguments, ReportsArguments, ScopeArguments, TargetArguments};
use crate::shards::ShardArgument;

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    #[command(flatten)]
    pub(crate) scope: ScopeArguments,

    /// Send a part of the cases alone: 2/8, or `auto` for the shard that the CI server, Kubernetes or Slurm names (docs/report.md)
    #[arg(long, value_name = "I/N", conflicts_with = "write_baseline")]
    pub(crate) shard: Option<ShardArgument>,

    #[command(flatten)]
    pub(crate) pace: PaceArguments,

    /// From which level on a violation fails the run
    #[arg(long, value_name = "LEVEL", default_value = FailOn::Must.name(), value_parser = fail_on_parser())]
    pub(crate) fail_on: FailOn,

    /// What must have been exercised, or the run ends with 5: `all`, requirements or areas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) require: Vec<String>,

    /// The failures that are known, and excused until a day (docs/baseline.md); a stale entry ends the run with 6
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write what this run violates as a baseline; a file that is there already only if it is the one of --baseline
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reports: ReportsArguments,

    #[command(flatten)]
    pub(crate) loudness: Loudness,
}
