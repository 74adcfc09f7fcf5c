//! Answers a call that the key may not make with FORBIDDEN, and acts all the same.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "forbidden-calls-act",
    requirement: "AUTH-07",
    summary: "Answers a call that the key may not make with FORBIDDEN, and acts all the same.",
    plant,
};

fn plant(flow: &mut Flow) {
    act_all_the_same(flow, |error| error.code == Code::Forbidden && error.details.is_empty());
}
