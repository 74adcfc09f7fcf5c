//! The reference hub: an Integration Hub in memory, whole and sound, with defects that can be switched on.
//!
//! A request goes through the steps of the (private) `Flow`: the guard, the tool, the body, the input, the connection, approval,
//! idempotency, the vendor, the envelope. A [defect](defects) replaces one step by the mistake that a real hub makes there.

mod api;
mod approvals;
mod body;
mod call;
pub mod catalogue;
mod catalogue_view;
pub mod clock;
pub mod connectors;
mod credentials;
pub mod defects;
mod envelope;
mod error;
mod execution;
mod flow;
mod hub;
mod idempotency;
mod in_process;
mod input;
mod input_judge;
mod kept_refusals;
mod late_checks;
pub mod latency;
mod limits;
mod misreading;
mod openapi;
mod race_window;
mod request_id;
mod routing;
mod state;
mod subschemas;
mod timestamp;
mod unchecked_dry_runs;

pub use hub::{Approver, Hub, Ready, ReadyConnection, RunningHub, StartError};
pub use in_process::InProcessHub;
pub use input_judge::InputJudge;
