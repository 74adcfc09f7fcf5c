//! Quotes the headers of a vendor's answer in the details of its own.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-headers-passed-on",
    requirement: "UPS-07",
    summary: "Quotes the headers of a vendor's answer in the details of its own.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.vendors.tell = |telling| {
        let quoted = telling.headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            format!("{name}: {value}")
        });
        quoted.collect::<Vec<_>>().join("; ")
    };
}
