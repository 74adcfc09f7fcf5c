//! Answers a domain without a connection with UPSTREAM_ERROR.

use super::Defect;
use crate::error::{ApiError, Code};
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "missing-connection-is-upstream",
    requirement: "EXE-05",
    summary: "Answers a domain without a connection with UPSTREAM_ERROR.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.route = Box::new(|hub, key, tool, named| match named {
        Some(id) => routing::named_connection(hub, key, tool, id),
        None => {
            let failed = |_| ApiError::new(Code::UpstreamError, "The vendor could not be reached.");
            routing::automatic(hub, key, tool).map_err(failed)
        }
    });
}
