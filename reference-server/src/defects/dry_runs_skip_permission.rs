//! Answers a dry run before it looks at what the key may call.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::unchecked_dry_runs::let_dry_runs_pass;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-skip-permission",
    requirement: "DRY-04",
    summary: "Answers a dry run before it looks at what the key may call.",
    plant,
};

fn plant(flow: &mut Flow) {
    let_dry_runs_pass(flow, |error| error.code == Code::Forbidden);
}
