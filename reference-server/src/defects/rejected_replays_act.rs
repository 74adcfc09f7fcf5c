//! Answers the replay of a rejected call with FORBIDDEN, and acts all the same.

use super::Defect;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "rejected-replays-act",
    requirement: "APR-05",
    summary: "Answers the replay of a rejected call with FORBIDDEN, and acts all the same.",
    plant,
};

fn plant(flow: &mut Flow) {
    act_all_the_same(flow, |error| {
        error.details.get("status").is_some_and(|status| status == "rejected")
    });
}
