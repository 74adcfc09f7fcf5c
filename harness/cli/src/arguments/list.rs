//! What `list` takes.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}
