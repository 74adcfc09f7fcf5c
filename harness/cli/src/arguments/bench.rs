//! What `bench` takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hubproof_model::gate::FailOn;
use hubproof_model::safety::Allow;

use super::TargetArguments;
use super::values::{
    allow_parser, fail_on_parser, parse_connections, parse_limit, parse_rate, parse_seed, parse_time, parse_weight,
};

/// Which load, on which tools, and what it is judged by.
#[derive(Debug, Args)]
#[command(after_help = "\
An open loop (--rate) is what users are: they come when they come, whether the hub answers or not. Each call's latency counts from the
moment at which it was meant to go out, so that a hub that stands still for a second is not forgiven the calls of that second. A closed
loop (--concurrency) tells how much the hub can take.")]
pub(crate) struct BenchArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    /// Open loop: so many calls a second, whatever is answered
    #[arg(long, value_name = "R", value_parser = parse_rate, conflicts_with = "concurrency", allow_negative_numbers = true)]
    pub(crate) rate: Option<f64>,

    /// Closed loop: so many calls in flight, the next as soon as one is answered [default: 8, without --rate]
    #[arg(long, value_name = "N", value_parser = parse_connections)]
    pub(crate) concurrency: Option<u32>,

    /// How long is measured (30s, 5m)
    #[arg(long, value_name = "D", default_value = "10s", value_parser = parse_limit)]
    pub(crate) duration: Duration,

    /// How long the hub is called before that (0s for not at all)
    #[arg(long, value_name = "D", default_value = "2s", value_parser = parse_time)]
    pub(crate) warm_up: Duration,

    /// How many connections an open loop has [default: one for every ten calls a second, 16 to 256]
    #[arg(long, value_name = "N", value_parser = parse_connections, requires = "rate")]
    pub(crate) connections: Option<u32>,

    /// Only the tools that match (itsm.*)
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    pub(crate) tools: Vec<String>,

    /// How often the tools that match are called beside the others, which have 1; may be given more than once, and 0 leaves them out
    #[arg(long = "weight", value_name = "GLOB=N", value_parser = parse_weight)]
    pub(crate) weights: Vec<(String, u32)>,

    /// How far the calls may go: state-changing tools are in the mix from `write` on
    #[arg(long, value_name = "LEVEL", default_value = "read", value_parser = allow_parser())]
    pub(crate) allow: Allow,

    /// Draw inputs while the hub is called, instead of before
    #[arg(long)]
    pub(crate) live: bool,

    /// Decides every input and their order: a number, or `random`
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,

    /// The bench.json of an earlier bench of the same hub under the same load, to be no slower than
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,

    /// From which level on a violation fails the bench
    #[arg(long, value_name = "LEVEL", default_value = FailOn::Must.name(), value_parser = fail_on_parser())]
    pub(crate) fail_on: FailOn,

    /// Where the reports go
    #[arg(long, value_name = "DIR", default_value = "hubproof-out")]
    pub(crate) out: PathBuf,

    /// Which reports to write
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_enum, default_values_t = [BenchFormat::Json])]
    pub(crate) format: Vec<BenchFormat>,

    /// Say nothing but the closing lines
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say more: each kind of outcome, and every violation
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// `--format` of a bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchFormat {
    /// bench.json
    Json,
    /// bench.hlog
    Hlog,
}
