//! Answers a vendor's 429 with UPSTREAM_ERROR.

use super::Defect;
use crate::call::upstream;
use crate::error::Code;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-throttles-are-failures",
    requirement: "UPS-02",
    summary: "Answers a vendor's 429 with UPSTREAM_ERROR.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| {
        let mut error = upstream(fault);
        if error.code == Code::RateLimited {
            error.code = Code::UpstreamError;
        }
        error
    };
}
