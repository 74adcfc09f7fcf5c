//! What the answers told of each key's limit, over the time of the run.

use hubproof_model::quota::{QuotaSample, RunQuota};
use hubproof_model::role::Role;
use serde::{Deserialize, Serialize};

use super::time::Milliseconds;

/// What the answers to a role's key told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The role of the key.
    pub role: Role,
    /// What was told, in the order of the answers; thinned where there were many.
    pub samples: Vec<Sample>,
}

/// What an answer told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// When the answer had come, from the beginning of the run.
    #[serde(rename = "after_ms")]
    pub after: Milliseconds,
    /// How many calls a window takes, if it told so.
    pub limit: Option<f64>,
    /// How many of them were left, if it told so.
    pub remaining: Option<f64>,
    /// Whether the call was refused for the limit.
    pub throttled: bool,
}

pub(super) fn of(quota: &RunQuota) -> Vec<Quota> {
    let of_role = |(role, samples): (&Role, &Vec<QuotaSample>)| Quota {
        role: *role,
        samples: samples.iter().map(Sample::from).collect(),
    };
    quota.roles.iter().map(of_role).collect()
}

impl From<&QuotaSample> for Sample {
    fn from(sample: &QuotaSample) -> Self {
        Self {
            after: sample.after.into(),
            limit: sample.limit,
            remaining: sample.remaining,
            throttled: sample.throttled,
        }
    }
}
