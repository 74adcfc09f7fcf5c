//! What `report` and its subcommands take.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hubproof_model::gate::FailOn;
use hubproof_reports::formats::Format;

use super::values::{fail_on_parser, format_parser};
use super::{Loudness, ReportsArguments};

/// What is done with the report of a run.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Show a report as the run did, or write it in other formats; ends with 0 whatever the verdict
    Render(RenderArguments),
    /// Tell what was mended and what broke between two runs; ends with 1 where a gating requirement broke, spread or lost its verdict
    Compare(CompareArguments),
    /// Put the shards of one run together; ends as the whole run would have
    Merge(MergeArguments),
}

/// Which two runs.
#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The report.json of the earlier run, or the directory that holds it
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// That of the later one
    #[arg(value_name = "NOW")]
    pub(crate) now: PathBuf,

    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which reports, and where the whole goes.
#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// The report.json of each shard, or the directory that holds it
    #[arg(value_name = "FILE|DIR", required = true)]
    pub(crate) reports: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) written: ReportsArguments,

    #[command(flatten)]
    pub(crate) loudness: Loudness,
}

/// Which report, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct RenderArguments {
    /// The report.json of a run, or the directory that holds it
    #[arg(value_name = "FILE|DIR", default_value = "hubproof-out")]
    pub(crate) report: PathBuf,

    /// In which formats: one goes to standard output, several need --out
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "terminal", value_parser = format_parser())]
    pub(crate) format: Vec<&'static Format>,

    /// Write the formats to this directory, beside the report.json that they are made from
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// From which level on a violation shows as a failure [default: as in the run]
    #[arg(long, value_name = "LEVEL", value_parser = fail_on_parser())]
    pub(crate) fail_on: Option<FailOn>,

    #[command(flatten)]
    pub(crate) loudness: Loudness,
}
