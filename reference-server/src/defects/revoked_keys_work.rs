//! Goes on taking a key that was revoked.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "revoked-keys-work",
    requirement: "AUTH-02",
    summary: "Goes on taking a key that was revoked.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.is_valid = |_| true;
}
