//! The command line's grammar.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use hubproof_bench::options::MOST_CONNECTIONS;
use hubproof_model::gate::FailOn;
use hubproof_model::profile::parse_duration;
use hubproof_model::safety::Allow;
use hubproof_reports::formats::{FORMATS, Format, of_name};
use hubproof_runner::options::{DEFAULT_CASES, DEFAULT_JOBS};
use hubproof_vendor::Fault;

use self::certificates::{CertifyArguments, KeygenArguments, VerifyArguments};
use crate::shards::ShardArgument;

pub(crate) mod certificates;

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
    /// How far the run may go [default: read for a URL, admin for the bundled hub]
    #[arg(long, value_name = "LEVEL", value_parser = allow_parser())]
    pub(crate) allow: Option<Allow>,

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

    /// Decides every generated input and order: a number, or `random`
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed)]
    pub(crate) seed: u64,

    /// How many generated inputs a tool gets, valid and invalid each
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES)]
    pub(crate) cases: usize,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    #[command(flatten)]
    pub(crate) scope: ScopeArguments,

    /// How many cases are in flight at once
    #[arg(long, value_name = "N", default_value_t = DEFAULT_JOBS, value_parser = parse_jobs)]
    pub(crate) jobs: usize,

    /// Send a part of the cases alone: 2/8, or `auto` for the shard that the CI server, Kubernetes or Slurm names (docs/report.md)
    #[arg(long, value_name = "I/N", conflicts_with = "write_baseline")]
    pub(crate) shard: Option<ShardArgument>,

    /// The most requests a second
    #[arg(long, value_name = "R", value_parser = parse_rate)]
    pub(crate) rate: Option<f64>,

    /// The longest that the run may take (90s, 5m)
    #[arg(long, value_name = "D", value_parser = parse_limit)]
    pub(crate) time_limit: Option<Duration>,

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

    /// Where the reports go
    #[arg(long, value_name = "DIR", default_value = "hubproof-out")]
    pub(crate) out: PathBuf,

    /// Which reports to write
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "json,html,junit", value_parser = format_parser())]
    pub(crate) format: Vec<&'static Format>,

    #[command(flatten)]
    pub(crate) loudness: Loudness,
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

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
}

/// Which hub, and where its profile goes.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The hub's base URL, such as https://hub.example/api/v1
    pub(crate) url: String,

    /// The environment variable that holds the primary API key; the profile names it
    #[arg(long, value_name = "VAR")]
    pub(crate) key_env: Option<String>,

    /// The profile to write; a file that is there already is left as it is
    #[arg(long, value_name = "FILE", default_value = "hub.toml")]
    pub(crate) out: PathBuf,
}

/// Which target is looked at, and how it is told.
#[derive(Debug, Args)]
#[command(after_help = "\
It reads the listing with each key of the profile, the definitions and the waiting approvals, and executes a few read tools with likely
inputs, as `init` and the survey of a run do; nothing else. It ends with 0 unless there is a problem: 3 where the target is at fault, 2
where the profile or a flag is.")]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

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

    /// Where the reports of the whole go
    #[arg(long, value_name = "DIR", default_value = "hubproof-out")]
    pub(crate) out: PathBuf,

    /// Which reports to write
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "json,html,junit", value_parser = format_parser())]
    pub(crate) format: Vec<&'static Format>,

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

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which requirements, and in which form.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Requirements or areas (EXE-02, auth), or `all`
    #[arg(value_name = "ID|AREA", required = true, value_delimiter = ',')]
    pub(crate) requirements: Vec<String>,

    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where schemas come from, and what is wanted of them.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --schema, requests are read from standard input, one JSON object a line, and each is answered by a line:
  {\"id\":\"a\",\"schema\":{\"type\":\"integer\"},\"draft\":\"2020-12\",\"n_valid\":2,\"n_invalid\":2,\"seed\":1,\"time_limit_s\":4}
  {\"id\":\"a\",\"valid\":[0,1000],\"invalid\":[\"\",{}],\"error\":null}")]
pub(crate) struct GenerateArguments {
    /// Generate from the JSON Schema in this file, and print one instance a line with why it was chosen
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,

    /// How many instances of each side
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, requires = "schema")]
    pub(crate) count: usize,

    /// Decides the instances: a number, or `random`
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_seed, requires = "schema")]
    pub(crate) seed: u64,

    /// The draft to read the schema by [default: what `$schema` says, else 2020-12]
    #[arg(long, value_name = "DRAFT", value_enum, requires = "schema")]
    pub(crate) draft: Option<DraftArgument>,

    /// Take `format` for an assertion: keep it always, and break it too
    #[arg(long, requires = "schema")]
    pub(crate) assert_format: bool,
}

/// Which vendor is played, where, and how it fails.
#[derive(Debug, Args)]
#[command(after_help = "\
A fault is one of status:N (400 to 599), throttle:SECONDS (429 with Retry-After), refuse, reset, reset-in-body, stall, drip, truncate,
login-page, not-json, huge, wrong-types, wrong-type:N and late-success (docs/vendors.md). It ends with Ctrl-C or SIGTERM, and prints as one more JSON
line how many requests reached it.")]
pub(crate) struct VendorArguments {
    /// Which vendor: a bundled one (--list), or the vendor file (TOML) of another
    #[arg(long, value_name = "NAME|FILE", default_value = "servicenow")]
    pub(crate) vendor: String,

    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8801")]
    pub(crate) listen: SocketAddr,

    /// Fail like this
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Option<Fault>,

    /// Fail for the first N requests alone
    #[arg(long, value_name = "N", requires = "fault")]
    pub(crate) first: Option<usize>,

    /// Fail for requests that change something alone
    #[arg(long, requires = "fault")]
    pub(crate) changes_only: bool,

    /// List the bundled vendors
    #[arg(long)]
    pub(crate) list: bool,
}

/// Of which shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Where shells look for them:
  bash        hubproof completions bash > ~/.local/share/bash-completion/completions/hubproof
  zsh         hubproof completions zsh > DIR/_hubproof, where DIR is in $fpath
  fish        hubproof completions fish > ~/.config/fish/completions/hubproof.fish
  elvish      hubproof completions elvish >> ~/.config/elvish/rc.elv
  powershell  hubproof completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: Shell,
}

/// Where manual pages go.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write hubproof.1 and a page for each subcommand to this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// `--draft`, and `draft` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
pub(crate) enum DraftArgument {
    /// Draft 4
    #[value(name = "4")]
    #[serde(rename = "4")]
    Draft4,
    /// Draft 6
    #[value(name = "6")]
    #[serde(rename = "6")]
    Draft6,
    /// Draft 7
    #[value(name = "7")]
    #[serde(rename = "7")]
    Draft7,
    /// Draft 2019-09
    #[value(name = "2019-09")]
    #[serde(rename = "2019-09")]
    Draft201909,
    /// Draft 2020-12
    #[value(name = "2020-12")]
    #[serde(rename = "2020-12")]
    Draft202012,
}

/// `--format` of a bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchFormat {
    /// bench.json
    Json,
    /// bench.hlog
    Hlog,
}

fn allow_parser() -> impl TypedValueParser<Value = Allow> {
    // The names are the possible values, so that parsing one cannot fail.
    PossibleValuesParser::new(Allow::ALL.map(Allow::name)).try_map(|name| name.parse::<Allow>())
}

fn fail_on_parser() -> impl TypedValueParser<Value = FailOn> {
    let abouts = ["A violated MUST", "A violated SHOULD too"];
    let values = FailOn::ALL.iter().zip(abouts);
    let values = values.map(|(level, about)| PossibleValue::new(level.name()).help(about));
    PossibleValuesParser::new(values).map(|name| {
        let named = FailOn::ALL.into_iter().find(|level| level.name() == name);
        named.unwrap_or_default()
    })
}

fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let values = FORMATS.iter().map(|format| {
        let about = format!("{}: {}", format.file, format.about);
        PossibleValue::new(format.name).help(about)
    });
    PossibleValuesParser::new(values).try_map(|name| of_name(&name).ok_or(name))
}

fn parse_seed(text: &str) -> Result<u64, String> {
    use std::hash::{BuildHasher, RandomState};
    match text {
        "random" => Ok(RandomState::new().hash_one(std::process::id()) >> 32),
        number => number
            .parse()
            .map_err(|_| "a seed is a whole number, or `random`".to_owned()),
    }
}

fn parse_jobs(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|jobs| (1..=512).contains(jobs))
        .ok_or_else(|| "give a number from 1 to 512".to_owned())
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    let rate = number
        .parse::<f64>()
        .ok()
        .filter(|rate| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "give requests a second, above 0, such as 50/s".to_owned())
}

fn parse_connections(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|connections| (1..=MOST_CONNECTIONS).contains(connections))
        .ok_or_else(|| format!("give a number from 1 to {MOST_CONNECTIONS}"))
}

fn parse_time(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|_| "give a time such as 0s or 5s".to_owned())
}

fn parse_weight(text: &str) -> Result<(String, u32), String> {
    let weight = text.rsplit_once('=').and_then(|(glob, weight)| {
        let weight = weight.parse().ok()?;
        (!glob.is_empty()).then(|| (glob.to_owned(), weight))
    });
    weight.ok_or_else(|| "give a glob and a whole number, such as itsm.*=3".to_owned())
}

fn parse_limit(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .ok()
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| "give a time such as 90s or 5m".to_owned())
}

#[cfg(test)]
mod tests;
