//! Names two requests in a row alike.

use super::Defect;
use crate::flow::Flow;
use crate::request_id::RequestId;

pub(super) const DEFECT: Defect = Defect {
    name: "request-ids-repeat",
    requirement: "ENV-05",
    summary: "Names two requests in a row alike.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.request_id = |start, number| RequestId::new(start, number / 2);
}
