//! Answers a call beyond the limit with 429, and acts all the same.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-calls-act",
    requirement: "RTL-05",
    summary: "Answers a call beyond the limit with 429, and acts all the same.",
    plant,
};

fn plant(flow: &mut Flow) {
    act_all_the_same(flow, |error| error.code == Code::RateLimited);
}
