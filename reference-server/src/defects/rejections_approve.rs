//! Executes a call when it is rejected: any decision sets it off.

use super::Defect;
use crate::approvals::Status;
use crate::flow::Flow;
use crate::late_checks::Deed;

pub(super) const DEFECT: Defect = Defect {
    name: "rejections-approve",
    requirement: "APR-05",
    summary: "Executes a call when it is rejected: any decision sets it off.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.decided = Box::new(|hub, entry| {
        if entry.status == Status::Rejected
            && let Some(deed) = Deed::approved(hub, entry)
        {
            tokio::spawn(deed.perform());
        }
    });
}
