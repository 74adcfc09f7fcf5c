//! Fails on JSON that its parser refuses.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "unreadable-numbers-crash",
    requirement: "EXE-10",
    summary: "Fails on JSON that its parser refuses.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = |bytes| {
        serde_json::from_slice::<Value>(bytes)
            .map_err(|_| ApiError::new(Code::InternalError, "The hub could not read the body."))?;
        body::read(bytes)
    };
}
