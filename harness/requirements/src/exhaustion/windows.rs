//! What the answers to an exhausted key show: its windows, what was admitted in each, and whether a window gives calls back before its
//! end.

use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::rate_limit::Moment;
use hubproof_model::role::Role;

use crate::evidence::Evidence;
use crate::judging::{is_served, is_throttled, observed};
use crate::told_limits::{TOLERANCE, ToldLimit};

use super::{BEFORE, ONE_BY_ONE};

/// All answers to the key that a case exhausts, in the order of sending.
#[derive(Debug)]
pub(crate) struct Exhausted<'e> {
    pub(crate) answers: Vec<ToldLimit<'e>>,
}

/// Answers that tell one Reset: of one window for certain, though perhaps not all of it.
#[derive(Debug, Clone)]
pub(crate) struct Window<'t, 'e> {
    pub(crate) answers: Vec<&'t ToldLimit<'e>>,
}

impl<'e> Exhausted<'e> {
    /// Reads the case, whose first burst has this label, with a call that was answered before it.
    ///
    /// # Errors
    /// A finding that says nothing of the limit: why it was not exhausted, or that the call fails for another reason.
    pub(crate) fn of(evidence: &Evidence<'e>, role: Role, before: &Exchange, burst: &str) -> Result<Self, Finding> {
        if !is_served(before) && !is_throttled(before) {
            let why = format!(
                "the call to exhaust the {role} key with is not accepted: {}",
                observed(before)
            );
            return Err(Finding::Inconclusive(why));
        }
        evidence.done(burst)?;
        let answers = evidence.exchanges.iter().filter_map(|exchange| {
            let told = ToldLimit::of(exchange, &evidence.surface.dialect)?;
            (told.role == role).then_some(told)
        });
        Ok(Self {
            answers: answers.collect(),
        })
    }

    /// Reads a case that exhausts the throttled key.
    ///
    /// # Errors
    /// As [`Exhausted::of`].
    pub(crate) fn throttled(evidence: &Evidence<'e>, burst: &str) -> Result<Self, Finding> {
        Self::of(evidence, Role::Throttled, evidence.answered(BEFORE)?, burst)
    }

    /// The answers to the copies of the burst of this label.
    pub(crate) fn burst(&self, label: &str) -> Vec<&ToldLimit<'e>> {
        let is_copy = |told: &&ToldLimit<'_>| {
            let copy = told.exchange.call.label.strip_prefix(label);
            copy.is_some_and(|rest| rest.starts_with('/'))
        };
        self.answers.iter().filter(is_copy).collect()
    }

    /// The windows whose Reset is told, in the order in which they began.
    pub(crate) fn windows(&self) -> Vec<Window<'_, 'e>> {
        let mut windows: Vec<Window<'_, 'e>> = Vec::new();
        for answer in self.answers.iter().filter(|told| told.reset_span().is_some()) {
            match windows.iter_mut().find(|window| window.is_of(answer)) {
                Some(window) => window.answers.push(answer),
                None => windows.push(Window { answers: vec![answer] }),
            }
        }
        windows
    }

    /// The window that an answer tells.
    pub(crate) fn window_of(&self, answer: &ToldLimit<'_>) -> Option<Window<'_, 'e>> {
        let mut windows = self.windows().into_iter();
        windows.find(|window| {
            window
                .answers
                .iter()
                .any(|told| told.exchange.number == answer.exchange.number)
        })
    }

    /// The answers that refuse a call for the key's own limit: what came before shows that it was reached. A vendor's throttling, passed on,
    /// says nothing of it.
    pub(crate) fn own_refusals(&self) -> Vec<&ToldLimit<'e>> {
        let refused = self.answers.iter().filter(|told| is_throttled(told.exchange));
        refused.filter(|told| self.is_beyond(told)).collect()
    }

    /// Whether the limit was reached when a call came: so many were admitted in its window, or nothing was told to be left of it.
    pub(crate) fn is_beyond(&self, answer: &ToldLimit<'_>) -> bool {
        let last = self.answers.iter().rfind(|told| answer.is_after(told));
        let nothing_left = last
            .and_then(|told| told.limit.remaining.value())
            .is_some_and(|left| left <= 0.0);
        let is_full = |window: Window<'_, '_>| {
            let limit = window.limit();
            limit.is_some_and(|limit| window.admitted().len() as f64 >= limit)
        };
        nothing_left || self.window_of(answer).is_some_and(is_full)
    }

    /// Whether windows give calls back before their end, as a bucket that refills does: shown by the last of the calls that went out one by
    /// one, which came late enough for that. `None` where it was not, or where Reset passed meanwhile.
    pub(crate) fn refills(&self) -> Option<bool> {
        let calls = self.burst(ONE_BY_ONE);
        let (probe, before) = calls.split_last()?;
        let refused: Vec<_> = before.iter().filter(|told| is_throttled(told.exchange)).collect();
        let (first, last) = (refused.first()?, refused.last()?);
        let window = self.window_of(last)?;
        let (length, limit) = (window.seconds_told()?, window.limit()?);
        let pause = probe.sent() - last.answered();
        let was_in_window = first.answered() - before.first()?.sent() <= length;
        if refused.len() < 2 || pause * limit < length || !was_in_window {
            return None;
        }
        match is_throttled(probe.exchange) {
            true => Some(false),
            false => window.is_of(probe).then_some(true),
        }
    }

    /// How many calls a window may have given back to those that were sent in it. `None` where that cannot be bounded.
    pub(crate) fn given_back(&self, window: &Window<'_, '_>) -> Option<f64> {
        if self.refills() == Some(false) {
            return Some(0.0);
        }
        let length = window.seconds_told().filter(|length| *length > 0.0)?;
        let took = window.answers.last()?.answered() - window.answers.first()?.sent();
        Some((window.limit()? * took / length).floor())
    }

    /// Whether any call was refused for the limit.
    ///
    /// # Errors
    /// Not exercised: nothing was; RTL-04 judges that.
    pub(crate) fn was_throttled(&self) -> Result<(), Finding> {
        if self.answers.iter().any(|told| is_throttled(told.exchange)) {
            return Ok(());
        }
        let why = format!("none of {} calls was throttled (RTL-04)", self.answers.len());
        Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
    }
}

impl<'t, 'e> Window<'t, 'e> {
    /// Whether an answer is of this window for certain. A point in time is the same; seconds from now are of the same window while it goes
    /// on.
    fn is_of(&self, answer: &ToldLimit<'_>) -> bool {
        let first = self.answers[0];
        match (first.reset_span(), answer.reset_span()) {
            (Some(own), Some(others)) if first.tells_moment() => answer.tells_moment() && own == others,
            (Some((ends, _)), Some((others, _))) => {
                let is_near = (ends - others).abs() <= TOLERANCE;
                !answer.tells_moment() && is_near && answer.answered() < ends - TOLERANCE
            }
            _ => false,
        }
    }

    /// The largest Limit that is told.
    pub(crate) fn limit(&self) -> Option<f64> {
        let limits = self.answers.iter().filter_map(|told| told.limit.limit.value());
        limits.reduce(f64::max)
    }

    /// The answers to calls that were let through.
    pub(crate) fn admitted(&self) -> Vec<&'t ToldLimit<'e>> {
        let admitted = self.answers.iter().copied();
        admitted.filter(|told| is_served(told.exchange)).collect()
    }

    /// The most seconds to its end that are told: at least what the window lasts, where it was seen from its beginning.
    pub(crate) fn seconds_told(&self) -> Option<f64> {
        let seconds = self.answers.iter().filter_map(|told| told.limit.seconds_to_reset());
        seconds.reduce(f64::max)
    }
}

/// Whether a call with another key was made while the window of a refusal went on for certain. Its own `Date` says when that was.
pub(crate) fn is_within(refusal: &ToldLimit<'_>, other: &ToldLimit<'_>) -> bool {
    let was_before_reset = match refusal.limit.reset.value() {
        // The second of `Date` has not ended before.
        Some(Moment::At(ends)) => other.limit.date.is_some_and(|date| date + 1.0 <= ends),
        Some(Moment::After(_)) => {
            let ends = refusal.reset_span();
            ends.is_some_and(|(ends, _)| other.answered() < ends - TOLERANCE)
        }
        None => false,
    };
    other.is_after(refusal) && was_before_reset
}

/// Whether an answer refuses a call as the contract says: 429 and RATE_LIMITED.
pub(crate) fn is_proper_refusal(exchange: &Exchange) -> bool {
    let status = exchange.response().map(|response| response.status);
    status == Some(429) && Outcome::of(exchange).is(&ErrorCode::RateLimited)
}
