//! How a run ended, in words.

use hubproof_model::record::RunEnd;

use crate::figures::span;

/// The name of an end in reports.
pub(crate) fn kind(end: &RunEnd) -> &'static str {
    match end {
        RunEnd::Complete => "complete",
        RunEnd::Interrupted(_) => "interrupted",
        RunEnd::TimeLimit(_) => "time_limit",
        RunEnd::TargetUnusable(_) => "target_unusable",
        RunEnd::HarnessFault(_) => "harness_fault",
    }
}

/// Why the run ended before its time; `None` where it is complete.
pub(crate) fn message(end: &RunEnd) -> Option<String> {
    match end {
        RunEnd::Complete => None,
        RunEnd::Interrupted(why) | RunEnd::TargetUnusable(why) | RunEnd::HarnessFault(why) => Some(why.clone()),
        RunEnd::TimeLimit(limit) => Some(format!("the time limit of {} ended the run", span(*limit))),
    }
}

/// The end as a heading, such as `target unusable`.
pub(crate) fn heading(end: &RunEnd) -> String {
    kind(end).replace('_', " ")
}
