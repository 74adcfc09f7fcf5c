//! What `explain` takes.

use clap::Args;

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
