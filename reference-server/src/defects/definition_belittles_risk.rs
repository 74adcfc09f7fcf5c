//! Says `write` in the definition of a tool that the listing calls destructive.

use serde_json::Value;

use super::Defect;
use crate::catalogue::{RiskLevel, Tool};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "definition-belittles-risk",
    requirement: "CAT-08",
    summary: "Says `write` in the definition of a tool that the listing calls destructive.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.define = define;
}

fn define(tool: &Tool, mut definition: Value) -> Value {
    if tool.risk_level == RiskLevel::Destructive {
        definition["risk_level"] = Value::from("write");
    }
    definition
}
