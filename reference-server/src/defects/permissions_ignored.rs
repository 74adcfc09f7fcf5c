//! Executes tools that the key may not call.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "permissions-ignored",
    requirement: "AUTH-05",
    summary: "Executes tools that the key may not call.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.permits = |_, _| true;
}
