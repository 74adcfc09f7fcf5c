//! What `generate` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::parse_seed;

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
