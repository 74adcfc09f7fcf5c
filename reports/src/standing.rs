//! How a requirement stands, for the eye: a word and a symbol, neither of them alone.

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;

use crate::document::requirement::RequirementReport;

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Violated, and the run fails for it.
    Broken,
    /// Violated, and the run does not fail for it.
    Warning,
    /// Violated as the baseline has it.
    Known,
    /// No verdict could be reached.
    Inconclusive,
    /// Held.
    Held,
    /// Not exercised.
    NotExercised,
}

impl Standing {
    /// All of them, the worst first.
    pub(crate) const ALL: [Standing; 6] = [
        Standing::Broken,
        Standing::Warning,
        Standing::Known,
        Standing::Inconclusive,
        Standing::Held,
        Standing::NotExercised,
    ];

    pub(crate) fn of(requirement: &RequirementReport, fail_on: FailOn) -> Self {
        match requirement.verdict {
            Verdict::Held => Standing::Held,
            Verdict::NotExercised => Standing::NotExercised,
            Verdict::Inconclusive => Standing::Inconclusive,
            Verdict::Violated if requirement.is_known() => Standing::Known,
            Verdict::Violated if fail_on.gates(requirement.level) => Standing::Broken,
            Verdict::Violated => Standing::Warning,
        }
    }

    /// One word, for what reads it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Standing::Broken => "broken",
            Standing::Warning => "warning",
            Standing::Known => "known",
            Standing::Inconclusive => "inconclusive",
            Standing::Held => "held",
            Standing::NotExercised => "not-exercised",
        }
    }

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Standing::Broken => "✗",
            Standing::Warning => "!",
            Standing::Known => "≈",
            Standing::Inconclusive => "?",
            Standing::Held => "✓",
            Standing::NotExercised => "–",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Standing::Broken => "violated",
            Standing::Warning => "warning",
            Standing::Known => "known",
            Standing::Inconclusive => "inconclusive",
            Standing::Held => "held",
            Standing::NotExercised => "not exercised",
        }
    }

    pub(crate) fn heading(self) -> &'static str {
        match self {
            Standing::Broken => "Violated",
            Standing::Warning => "Violated, without failing the run",
            Standing::Known => "Known failures",
            Standing::Inconclusive => "Inconclusive",
            Standing::Held => "Held",
            Standing::NotExercised => "Not exercised",
        }
    }
}
