//! Passes the vendor's own wrapping on as `data`.

use super::Defect;
use crate::connectors::Data;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "raw-vendor-data",
    requirement: "ENV-09",
    summary: "Passes the vendor's own wrapping on as `data`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.normalise = |_, data| Data::Members(vec![("result", data)]);
}
