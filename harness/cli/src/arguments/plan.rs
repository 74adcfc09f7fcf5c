//! What `plan` takes.

use clap::Args;

use super::{ScopeArguments, TargetArguments};

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
}
