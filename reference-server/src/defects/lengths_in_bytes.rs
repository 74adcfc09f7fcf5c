//! Counts the length of a text in bytes, and refuses what has more than `maxLength` asks.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "lengths-in-bytes",
    requirement: "EXE-01",
    summary: "Counts the length of a text in bytes, and refuses what has more than `maxLength` asks.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("maxLength", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let (Some(most), Some(text)) = (asked.as_u64(), given.as_str()) else {
        return true;
    };
    text.len() as u64 <= most
}
