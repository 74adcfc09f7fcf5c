//! Reads a body as JSON, whatever it is declared as.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "media-type-ignored",
    requirement: "EXE-09",
    summary: "Reads a body as JSON, whatever it is declared as.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.takes_media_type = |_| true;
}
