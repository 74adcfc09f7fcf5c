//! What a check-up says: checks in groups, each with a verdict and what to do about it.

use std::fmt;

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What the user says of the target.
    Profile,
    /// The way there.
    Network,
    /// Whether a hub is at its end.
    Hub,
    /// The API keys.
    Keys,
    /// The hub's clock.
    Clock,
    /// How the hub spells what the reference leaves open.
    Dialect,
    /// Whether a run keeps within the limits.
    Limits,
    /// Which writes can be seen.
    Effects,
    /// Who decides on gated calls.
    Approvals,
    /// What would exercise more requirements.
    More,
}

impl Group {
    /// The name in documents and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Group::Profile => "profile",
            Group::Network => "network",
            Group::Hub => "hub",
            Group::Keys => "keys",
            Group::Clock => "clock",
            Group::Dialect => "dialect",
            Group::Limits => "rate limits",
            Group::Effects => "effects",
            Group::Approvals => "approvals",
            Group::More => "to exercise more",
        }
    }
}

/// Whose mistake a problem is: it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The target cannot be tested as it is.
    Target,
    /// The profile or a flag is wrong.
    Profile,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// A run can go on, and may show less than it could.
    Warning,
    /// A run would fail, or say the wrong thing.
    Problem(Blame),
    /// Nothing is known.
    NotTried,
}

impl Verdict {
    /// The name in documents and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem(_) => "problem",
            Verdict::NotTried => "not tried",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is about.
    pub group: Group,
    /// What was looked at, in a word or two.
    pub what: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do about it, in a line; `None` where there is nothing to do.
    pub fix: Option<String>,
}

impl Check {
    /// As it should be.
    pub(super) fn ok(group: Group, what: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::of(Verdict::Ok, group, what, seen, None)
    }

    /// What a run can live with.
    pub(super) fn warning(
        group: Group,
        what: impl Into<String>,
        seen: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::of(Verdict::Warning, group, what, seen, Some(fix.into()))
    }

    /// What a run cannot live with.
    pub(super) fn problem(
        blame: Blame,
        group: Group,
        what: impl Into<String>,
        seen: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::of(Verdict::Problem(blame), group, what, seen, Some(fix.into()))
    }

    /// What was not looked at, and why.
    pub(super) fn not_tried(group: Group, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::of(Verdict::NotTried, group, what, why, None)
    }

    /// The same with what would let it be tried.
    pub(super) fn unless(self, fix: impl Into<String>) -> Self {
        Self {
            fix: Some(fix.into()),
            ..self
        }
    }

    fn of(
        verdict: Verdict,
        group: Group,
        what: impl Into<String>,
        seen: impl Into<String>,
        fix: Option<String>,
    ) -> Self {
        Self {
            group,
            what: what.into(),
            verdict,
            seen: seen.into(),
            fix,
        }
    }
}
