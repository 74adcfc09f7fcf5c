//! What `vendor` takes.

use std::net::SocketAddr;

use clap::Args;
use hubproof_vendor::Fault;

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
