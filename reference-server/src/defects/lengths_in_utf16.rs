//! Counts the length of a text in UTF-16 units: a character beyond the first 65,536 counts twice.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "lengths-in-utf16",
    requirement: "EXE-01",
    summary: "Counts the length of a text in UTF-16 units: a character beyond the first 65,536 counts twice.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("maxLength", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let (Some(most), Some(text)) = (asked.as_u64(), given.as_str()) else {
        return true;
    };
    text.encode_utf16().count() as u64 <= most
}
