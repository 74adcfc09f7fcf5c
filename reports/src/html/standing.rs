//! How a requirement stands, for the eye: a word, a symbol and a colour, none of them alone.

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use maud::{Markup, html};

use crate::document::requirement::RequirementReport;

/// How a requirement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
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
    pub(super) const ALL: [Standing; 6] = [
        Standing::Broken,
        Standing::Warning,
        Standing::Known,
        Standing::Inconclusive,
        Standing::Held,
        Standing::NotExercised,
    ];

    pub(super) fn of(requirement: &RequirementReport, fail_on: FailOn) -> Self {
        match requirement.verdict {
            Verdict::Held => Standing::Held,
            Verdict::NotExercised => Standing::NotExercised,
            Verdict::Inconclusive => Standing::Inconclusive,
            Verdict::Violated if requirement.is_known() => Standing::Known,
            Verdict::Violated if fail_on.gates(requirement.level) => Standing::Broken,
            Verdict::Violated => Standing::Warning,
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Standing::Broken => "broken",
            Standing::Warning => "warning",
            Standing::Known => "known",
            Standing::Inconclusive => "inconclusive",
            Standing::Held => "held",
            Standing::NotExercised => "not-exercised",
        }
    }

    pub(super) fn symbol(self) -> &'static str {
        match self {
            Standing::Broken => "✗",
            Standing::Warning => "!",
            Standing::Known => "≈",
            Standing::Inconclusive => "?",
            Standing::Held => "✓",
            Standing::NotExercised => "–",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Standing::Broken => "violated",
            Standing::Warning => "warning",
            Standing::Known => "known",
            Standing::Inconclusive => "inconclusive",
            Standing::Held => "held",
            Standing::NotExercised => "not exercised",
        }
    }

    pub(super) fn heading(self) -> &'static str {
        match self {
            Standing::Broken => "Violated",
            Standing::Warning => "Violated, without failing the run",
            Standing::Known => "Known failures",
            Standing::Inconclusive => "Inconclusive",
            Standing::Held => "Held",
            Standing::NotExercised => "Not exercised",
        }
    }

    /// Symbol and word in the standing's colour.
    pub(super) fn badge(self) -> Markup {
        html! { span class={ "badge " (self.class()) } { span aria-hidden="true" { (self.symbol()) } " " (self.word()) } }
    }
}
