//! A hub's judgment of inputs without the hub around it: for proofs that need many.

use serde_json::Value;

use crate::catalogue::Tool;
use crate::defects::Defect;
use crate::flow::Flow;

/// Judges inputs as a hub with a defect does.
pub struct InputJudge {
    flow: Flow,
}

impl InputJudge {
    /// That of a hub with this defect.
    #[must_use]
    pub fn with(defect: &Defect) -> Self {
        let mut flow = Flow::default();
        (defect.plant)(&mut flow);
        Self { flow }
    }

    /// Whether the tool takes the input.
    #[must_use]
    pub fn accepts(&self, tool: &Tool, input: &Value) -> bool {
        (self.flow.validate)(tool, input).is_ok()
    }
}
