//! Compares texts with `enum` without regard to case.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "enums-case-insensitive",
    requirement: "EXE-02",
    summary: "Compares texts with `enum` without regard to case.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("enum", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let is_alike = |option: &Value| match (option.as_str(), given.as_str()) {
        (Some(option), Some(text)) => option.eq_ignore_ascii_case(text),
        _ => option == given,
    };
    asked.as_array().is_some_and(|options| options.iter().any(is_alike))
}
