//! Sends the headers of the limit with listings and definitions, not with executes.

use super::Defect;
use crate::flow::Flow;
use crate::limits::{self, Told};

pub(super) const DEFECT: Defect = Defect {
    name: "executes-tell-no-quota",
    requirement: "RTL-01",
    summary: "Sends the headers of the limit with listings and definitions, not with executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.tell_quota = Box::new(|telling| match telling.face {
        Told::Execute => None,
        Told::Listing | Told::Definition => limits::tell(telling),
    });
}
