//! What `doctor` takes.

use clap::Args;

use super::TargetArguments;

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
