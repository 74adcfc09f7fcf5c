//! The lines that show a violation again.

use hubproof_model::repetition::RunAlone;
use serde::{Deserialize, Serialize};

/// Lines for a POSIX shell that show a violation again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reproduce {
    /// The `hubproof run` that does.
    pub run: String,
    /// What starts the bundled hub again, which the calls are for; none where the target is there anyway, or where there are no calls.
    pub hub: Option<String>,
    /// The calls, each line when the one before has ended: `curl`, several of them at once where they have to be. Where the run had
    /// markers and idempotency keys of its own, the first line makes new ones.
    pub calls: Vec<String>,
    /// Why calls do not show it and the run alone does, where it is so.
    pub run_alone: Option<RunAlone>,
}

impl Reproduce {
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
