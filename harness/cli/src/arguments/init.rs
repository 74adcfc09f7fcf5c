//! What `init` takes.

use std::path::PathBuf;

use clap::Args;

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
