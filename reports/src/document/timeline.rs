//! How the answers went over the time of the run.

use hubproof_model::timeline::{self, RunTimeline};
use serde::{Deserialize, Serialize};

use super::time::Milliseconds;

/// The run in slices of equal length, those in which nothing was sent left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// How long a slice is.
    #[serde(rename = "slice_ms")]
    pub length: Milliseconds,
    /// The slices, from the first.
    pub slices: Vec<Slice>,
}

/// The requests that were sent in a slice, whenever they were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Its beginning, from that of the run.
    #[serde(rename = "from_ms")]
    pub from: Milliseconds,
    /// How many were sent.
    pub requests: u64,
    /// How many of them the hub or the vendor failed (5xx), or had no whole answer.
    pub errors: u64,
    /// The median of the times from sending to the last byte, or to the fault.
    pub p50: Milliseconds,
    /// What one in a hundred of these exceeds.
    pub p99: Milliseconds,
    /// The longest of these.
    pub max: Milliseconds,
}

impl Timeline {
    /// None where nothing was sent.
    pub(super) fn of(timeline: &RunTimeline) -> Option<Self> {
        (!timeline.slices.is_empty()).then(|| Self {
            length: timeline.length.into(),
            slices: timeline.slices.iter().map(Slice::from).collect(),
        })
    }
}

impl From<&timeline::Slice> for Slice {
    fn from(slice: &timeline::Slice) -> Self {
        Self {
            from: slice.from.into(),
            requests: slice.requests,
            errors: slice.errors,
            p50: slice.p50.into(),
            p99: slice.p99.into(),
            max: slice.max.into(),
        }
    }
}
