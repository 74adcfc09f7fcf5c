//! The subcommands, one file each.

pub(crate) mod bench;
pub(crate) mod certify;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod keygen;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod report;
mod requirement_row;
pub(crate) mod run;
pub(crate) mod vendor;
pub(crate) mod verify;
