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
        let mut data = first.data.into_value();
        if let Some(members) = data.as_object_mut() {
            members.insert("replayed".to_owned(), true.into());
        }
        first.data = data.into();
        call::replay(call, first)
    });
}
