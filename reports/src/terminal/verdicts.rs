//! How many requirements came to which verdict, as the summary line has it.

use std::fmt;

use hubproof_model::gate::FailOn;

use crate::document::Report;
use crate::document::tally::Tally;
use crate::figures::{count, counted};

/// Counts of requirements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdicts {
    /// By verdict.
    pub(super) tally: Tally,
    /// Those that are violated and decide the run.
    pub(super) gating: u64,
    /// Those that are violated as the baseline has it.
    pub(super) known: u64,
}

impl Verdicts {
    pub(super) fn of(report: &Report, fail_on: FailOn) -> Self {
        Self {
            tally: report.summary.by_verdict,
            gating: report.broken(fail_on).count() as u64,
            known: report.summary.known,
        }
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            held,
            violated,
            not_exercised,
            inconclusive,
        } = self.tally;
        let all = held + violated + not_exercised + inconclusive;
        write!(f, "{}: {} held", counted(all, "requirement"), count(held))?;
        if violated > 0 {
            let gate = match self.gating {
                0 => "none gates".to_owned(),
                1 => "1 gates".to_owned(),
                more => format!("{} gate", count(more)),
            };
            let known = match self.known {
                0 => String::new(),
                known => format!(", {} known", count(known)),
            };
            write!(f, ", {} violated ({gate}{known})", count(violated))?;
        }
        if not_exercised > 0 {
            write!(f, ", {} not exercised", count(not_exercised))?;
        }
        if inconclusive > 0 {
            write!(f, ", {} inconclusive", count(inconclusive))?;
        }
        Ok(())
    }
}
