//! Compares elements for `uniqueItems` as they are written: 1 and 1.0 differ, and so do members in another order.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "duplicates-by-text",
    requirement: "EXE-02",
    summary: "Compares elements for `uniqueItems` as they are written: 1 and 1.0 differ, and so do members in another order.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("uniqueItems", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let written: Vec<_> = given.as_array().into_iter().flatten().map(Value::to_string).collect();
    *asked != true || (1..written.len()).all(|at| !written[..at].contains(&written[at]))
}
