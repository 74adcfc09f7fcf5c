//! Carries a call for an unknown connection out on the default, and answers CONNECTION_NOT_FOUND.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "lost-connections-act",
    requirement: "EXE-11",
    summary: "Carries a call for an unknown connection out on the default, and answers CONNECTION_NOT_FOUND.",
    plant,
};

fn plant(flow: &mut Flow) {
    act_all_the_same(flow, |error| error.code == Code::ConnectionNotFound);
}
