//! Compares elements for `uniqueItems` by identity: objects and lists are never equal.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "duplicate-objects-accepted",
    requirement: "EXE-02",
    summary: "Compares elements for `uniqueItems` by identity: objects and lists are never equal.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("uniqueItems", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let scalars = given.as_array().into_iter().flatten();
    let scalars: Vec<_> = scalars
        .filter(|element| !element.is_object() && !element.is_array())
        .collect();
    *asked != true || (1..scalars.len()).all(|at| !scalars[..at].contains(&scalars[at]))
}
