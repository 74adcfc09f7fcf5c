//! Names no connector of an admin tool.

use serde_json::{Value, json};

use super::Defect;
use crate::catalogue::{RiskLevel, Tool};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "connectors-not-named",
    requirement: "CAT-13",
    summary: "Names no connector of an admin tool.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.define = define;
}

fn define(tool: &Tool, mut definition: Value) -> Value {
    if tool.risk_level == RiskLevel::Admin {
        definition["connectors"] = json!([]);
    }
    definition
}
