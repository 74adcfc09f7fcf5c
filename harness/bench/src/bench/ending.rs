//! How a bench ends before its time.

use hubproof_model::record::RunEnd;
use hubproof_runner::interrupt::{Interrupt, StopReason};

use crate::load::Loaded;
use crate::options::BenchError;
use crate::pool::Filled;

/// Why a bench goes no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// A mistake of the user's: there is no record.
    Mistake(BenchError),
    /// An end that the record tells of.
    Ended(RunEnd),
}

impl From<BenchError> for Stop {
    fn from(mistake: BenchError) -> Self {
        Stop::Mistake(mistake)
    }
}

impl From<RunEnd> for Stop {
    fn from(end: RunEnd) -> Self {
        Stop::Ended(end)
    }
}

/// How a load ended, where that was before its time.
pub(super) fn end(loaded: &Loaded, interrupt: &Interrupt) -> Result<(), RunEnd> {
    match &loaded.gone {
        Some(fault) => Err(RunEnd::TargetUnusable(format!(
            "it went away after {:.1} s: {fault}",
            loaded.measured.as_secs_f64()
        ))),
        None if loaded.interrupted => Err(stopped(interrupt)),
        None => loaded.silent.map_or(Ok(()), |after| {
            Err(RunEnd::TargetUnusable(format!(
                "it stopped answering after {:.1} s",
                after.as_secs_f64()
            )))
        }),
    }
}

/// What stopped it from outside.
pub(super) fn stopped(interrupt: &Interrupt) -> RunEnd {
    match interrupt.reason() {
        Some(StopReason::TimeLimit(limit)) => RunEnd::TimeLimit(limit),
        Some(StopReason::Signal) | None => RunEnd::Interrupted("stopped by a signal".to_owned()),
    }
}

/// A pool that is empty.
pub(super) fn nothing_to_call(filled: &Filled) -> RunEnd {
    let first = filled.left_out.iter().next();
    let why = first.map_or(
        "none may be called: see --tools and --allow".to_owned(),
        |(tool, why)| format!("{tool}: {why}"),
    );
    RunEnd::TargetUnusable(format!("no tool of the mix succeeds ({why})"))
}
