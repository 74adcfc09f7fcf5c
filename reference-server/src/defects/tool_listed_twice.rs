//! Lists its first tool again at the end.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "tool-listed-twice",
    requirement: "CAT-01",
    summary: "Lists its first tool again at the end.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.list = Box::new(|mut entries| {
        entries.extend(entries.first().cloned());
        entries
    });
}
