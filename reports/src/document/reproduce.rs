//! The lines that show a violation again.

use hubproof_model::record::ViolationRecord;
use hubproof_model::repetition::{Repetition, RunAlone};
use serde::{Deserialize, Serialize};

use super::exchange::Exchange;
use super::request::Repeated;

/// Lines for a POSIX shell that show a violation again. They follow from the rest of the report, and stand in it for other programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reproduce {
    /// The `hubproof run` that does.
    pub run: String,
    /// What starts the bundled hub again, which the calls are for; none where the target is there anyway, or where there are no calls.
    pub hub: Option<String>,
    /// The calls. Those of a round go out at once, and each round when the one before has ended.
    pub rounds: Vec<Vec<Repeated>>,
    /// The lines of the rounds, each line when the one before has ended: `curl`, several of them at once where they have to be. Where the run had
    /// markers and idempotency keys of its own, the first line makes new ones.
    pub calls: Vec<String>,
    /// Why calls do not show it and the run alone does, where it is so.
    pub run_alone: Option<RunAlone>,
}

impl Reproduce {
    /// What shows a violation again, its lines yet to be made.
    pub(super) fn unwritten(violation: &ViolationRecord, shown: &[Exchange]) -> Self {
        let (rounds, run_alone) = match &violation.repetition {
            Repetition::Rounds(rounds) => (rounds.as_slice(), None),
            Repetition::Run(why) => (&[][..], Some(*why)),
        };
        let of_round = |round: &Vec<_>| round.iter().map(|own| Repeated::of(own, shown)).collect();
        Self {
            run: String::new(),
            hub: None,
            rounds: rounds.iter().map(of_round).collect(),
            calls: Vec::new(),
            run_alone,
        }
    }

    /// All lines, in the order in which they are of use.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let run = std::iter::once(self.run.as_str());
        run.chain(self.hub.as_deref())
            .chain(self.calls.iter().map(String::as_str))
    }

    /// That calls do not show it, and why, in a sentence; where it is so.
    #[must_use]
    pub fn caveat(&self) -> Option<String> {
        let why = self.run_alone?;
        Some(format!("calls alone do not show it again: {why}"))
    }
}
