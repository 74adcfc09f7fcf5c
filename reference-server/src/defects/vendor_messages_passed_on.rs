//! Passes on what a vendor says of its failure, credentials and all.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-messages-passed-on",
    requirement: "UPS-07",
    summary: "Passes on what a vendor says of its failure, credentials and all.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.vendors.tell = |telling| telling.message.to_owned();
}
