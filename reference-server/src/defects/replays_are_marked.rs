//! Adds a member to the data of a replay.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "replays-are-marked",
    requirement: "IDM-01",
    summary: "Adds a member to the data of a replay.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.replay = Box::new(|call, mut first| {
        if let Some(data) = first.data.as_object_mut() {
            data.insert("replayed".to_owned(), true.into());
        }
        call::replay(call, first)
    });
}
