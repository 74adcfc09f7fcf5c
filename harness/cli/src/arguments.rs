//! The command line's grammar: the commands, and what several of them take. What one takes alone stands in a file of its own.

pub(crate) mod certificates;

mod bench;
mod completions;
mod doctor;
mod explain;
mod generate;
mod init;
mod list;
mod man;
mod plan;
mod report;
mod run;
mod values;
mod vendor;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use hubproof_model::safety::Allow;
use hubproof_reports::formats::Format;
use hubproof_runner::options::{DEFAULT_CASES, DEFAULT_JOBS};

pub(crate) use self::bench::{BenchArguments, BenchFormat};
use self::certificates::{CertifyArguments, KeygenArguments, VerifyArguments};
pub(crate) use self::completions::CompletionsArguments;
pub(crate) use self::doctor::DoctorArguments;
pub(crate) use self::explain::ExplainArguments;
pub(crate) use self::generate::{DraftArgument, GenerateArguments};
pub(crate) use self::init::InitArguments;
pub(crate) use self::list::ListArguments;
pub(crate) use self::man::ManArguments;
pub(crate) use self::plan::PlanArguments;
pub(crate) use self::report::{CompareArguments, MergeArguments, RenderArguments, ReportCommand};
pub(crate) use self::run::RunArguments;
use self::values::{allow_parser, format_parser, parse_cases, parse_jobs, parse_limit, parse_rate, parse_seed};
pub(crate) use self::vendor::VendorArguments;

/// Proves that an Integration Hub keeps its contract.
#[derive(Debug, Parser)]
#[command(name = "hubproof", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prove a hub: the bundled reference hub, or the one at URL
    Run(RunArguments),
    /// Measure a hub's latency under a steady load, and check each answer; executes read tools alone unless --allow says more
    Bench(BenchArguments),
    /// Show what a run would send, by tool and requirement, and what it could not exercise; executes nothing
    Plan(PlanArguments),
    /// Write a commented profile of the hub at URL: what is found, and what would prove more; executes read tools alone
    Init(InitArguments),
    /// Look at the target, the keys and the profile: whether a run would go well, and what to mend if not
    Doctor(DoctorArguments),
    /// Run, and issue a signed statement of what was proved (docs/certify.md)
    Certify(CertifyArguments),
    /// Verify a certificate, offline: what was proved, by whom, when, how strongly
    Verify(VerifyArguments),
    /// Make a key pair that signs and verifies certificates
    Keygen(KeygenArguments),
    /// Read the report of a run again
    #[command(subcommand)]
    Report(ReportCommand),
    /// List the requirements
    List(ListArguments),
    /// Explain requirements: why each matters, how it is probed, what breaks it and what mends it, with examples
    Explain(ExplainArguments),
    /// Generate instances of JSON Schemas, valid ones and ones that break a single keyword
    Generate(GenerateArguments),
    /// Play a vendor for a hub's connector to meet: its API from data, and faults on demand; prints one JSON line when it is ready
    Vendor(VendorArguments),
    /// Write the completions of a shell to standard output
    Completions(CompletionsArguments),
    /// Write the manual page to standard output, or a page for each subcommand to a directory
    Man(ManArguments),
}

/// Which target, and how to speak to it.
#[derive(Debug, Args)]
pub(crate) struct TargetArguments {
    /// The hub's base URL, such as https://hub.example/api/v1; without it, the profile's, or else the bundled reference hub
    pub(crate) url: Option<String>,

    /// What is known of the target (hub.toml)
    #[arg(long, value_name = "FILE", conflicts_with = "defects")]
    pub(crate) profile: Option<PathBuf>,

    /// The environment variable that holds the primary API key
    #[arg(long, value_name = "VAR", conflicts_with = "defects")]
    pub(crate) key_env: Option<String>,

    /// Start the bundled hub with this defect; may be given more than once (`reference-hub --list-defects` names them)
    #[arg(long = "defect", value_name = "NAME", conflicts_with = "url")]
    pub(crate) defects: Vec<String>,
}

/// Which requirements and tools, and how far to go.
#[derive(Debug, Args)]
pub(crate) struct ScopeArguments {
    /// Only these requirements or areas (EXE-02, auth)
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Not these requirements or areas
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,

    /// Only the tools that match (itsm.*)
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub(crate) tools: Vec<String>,

    /// Only the tools that this connector implements (servicenow)
    #[arg(long, value_name = "NAME")]
    pub(crate) connector: Option<String>,

    #[command(flatten)]
    pub(crate) depth: DepthArguments,
}

/// How deep it goes.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct DepthArguments {
    /// How far the run may go [default: read for a URL, admin for the bundled hub]
    #[arg(long, value_name = "LEVEL", value_parser = allow_parser())]
    pub(crate) allow: Option<Allow>,

    /// Decides every generated input and order: a number, or `random`
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,

    /// How many generated inputs a tool gets, valid and invalid each
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, value_parser = parse_cases)]
    pub(crate) cases: usize,
}

/// How fast.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PaceArguments {
    /// How many cases are in flight at once
    #[arg(long, value_name = "N", default_value_t = DEFAULT_JOBS, value_parser = parse_jobs)]
    pub(crate) jobs: usize,

    /// The most requests a second
    #[arg(long, value_name = "R", value_parser = parse_rate)]
    pub(crate) rate: Option<f64>,

    /// The longest that the run may take (90s, 5m)
    #[arg(long, value_name = "D", value_parser = parse_limit)]
    pub(crate) time_limit: Option<Duration>,
}

/// Which reports are written, and where to.
#[derive(Debug, Args)]
pub(crate) struct ReportsArguments {
    /// Where the reports go
    #[arg(long, value_name = "DIR", default_value = "hubproof-out")]
    pub(crate) out: PathBuf,

    /// Which reports to write
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "json,html,junit", value_parser = format_parser())]
    pub(crate) format: Vec<&'static Format>,
}

/// How much is printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Loudness {
    /// Say nothing but the closing lines
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more: what held too, and every violation
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[cfg(test)]
mod tests;
