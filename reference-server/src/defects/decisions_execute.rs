//! Executes a call when it is approved, and once more when it is replayed.

use super::Defect;
use crate::approvals::Status;
use crate::flow::Flow;
use crate::late_checks::Deed;

pub(super) const DEFECT: Defect = Defect {
    name: "decisions-execute",
    requirement: "APR-03",
    summary: "Executes a call when it is approved, and once more when it is replayed.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.decided = Box::new(|hub, entry| {
        if entry.status == Status::Approved
            && let Some(deed) = Deed::approved(hub, entry)
        {
            tokio::spawn(deed.perform());
        }
    });
}
