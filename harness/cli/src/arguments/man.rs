//! What `man` takes.

use std::path::PathBuf;

use clap::Args;

/// Where manual pages go.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Write hubproof.1 and a page for each subcommand to this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
