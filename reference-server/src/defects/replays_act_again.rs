//! Answers a replay with the first data, and acts again.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "replays-act-again",
    requirement: "IDM-01",
    summary: "Answers a replay with the first data, and acts again.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.replay = Box::new(|call, first| {
        Box::pin(async move {
            call.call_vendor().await?;
            call::replay(call, first).await
        })
    });
}
