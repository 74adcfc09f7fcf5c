//! Sends 401 without `WWW-Authenticate`.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "no-challenge",
    requirement: "AUTH-04",
    summary: "Sends 401 without `WWW-Authenticate`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.challenge = None;
}
