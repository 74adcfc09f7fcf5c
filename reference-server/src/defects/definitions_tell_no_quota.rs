//! Sends the definition of a tool without the headers of the limit.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "definitions-tell-no-quota",
    requirement: "RTL-13",
    summary: "Sends the definition of a tool without the headers of the limit.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| {
        if telling.face == limits::Told::Definition {
            return None;
        }
        limits::tell(telling)
    });
}
