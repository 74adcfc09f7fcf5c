//! Answers a wrong method with 404.

use http::StatusCode;

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "wrong-methods-not-found",
    requirement: "EXE-14",
    summary: "Answers a wrong method with 404.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.wrong_method = |_| (StatusCode::NOT_FOUND, None);
}
