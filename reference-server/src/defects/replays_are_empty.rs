//! Answers a replay with empty data: the first call's are not kept.

use serde_json::json;

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "replays-are-empty",
    requirement: "IDM-01",
    summary: "Answers a replay with empty data: the first call's are not kept.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.replay = Box::new(|call, mut first| {
        first.data = json!({}).into();
        call::replay(call, first)
    });
}
