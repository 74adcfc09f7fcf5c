//! What the answers to an exhausted key show: its windows, what was admitted in each, and whether a window gives calls back before its
//! end.

use std::collections::BTreeSet;

use hubproof_model::call::Credentials;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::role::Role;

use crate::evidence::Evidence;
use crate::judging::{is_served, is_throttled, observed};
use crate::told_limits::{TOLERANCE, ToldLimit};

use super::{BEFORE, ONE_BY_ONE};

/// All answers to the key that a case exhausts, in the order of sending.
#[derive(Debug)]
pub(crate) struct Exhausted<'e> {
    pub(crate) answers: Vec<ToldLimit<'e>>,
    /// The numbers of all calls with the key, answered or not.
    sent: BTreeSet<u64>,
    /// Where the answers of each window stand.
    grouped: Vec<Vec<usize>>,
    /// Whether windows give calls back before their end, as a bucket that refills does. `None` where nothing shows it.
    refills: Option<bool>,
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
        let is_of_key = |exchange: &&&Exchange| exchange.call.credentials == Credentials::Bearer(role);
        let sent = evidence.exchanges.iter().filter(is_of_key);
        let mut exhausted = Self {
            answers: answers.collect(),
            sent: sent.map(|exchange| exchange.number).collect(),
            grouped: Vec::new(),
            refills: None,
        };
        exhausted.grouped = group(&exhausted.answers);
        exhausted.refills = exhausted.late_call_was_let_through();
        Ok(exhausted)
    }

    /// Reads a case that exhausts the throttled key.
    ///
    /// # Errors
    /// As [`Exhausted::of`].
    pub(crate) fn throttled(evidence: &Evidence<'e>, burst: &str) -> Result<Self, Finding> {
        Self::of(evidence, Role::Throttled, evidence.answered(BEFORE)?, burst)
    }

    /// Whether no other call with the key went out between two that are answered one after the other.
    pub(crate) fn are_neighbours(&self, before: &ToldLimit<'_>, after: &ToldLimit<'_>) -> bool {
        let between = (before.exchange.number + 1)..after.exchange.number;
        after.is_after(before) && self.sent.range(between).next().is_none()
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
        self.grouped.iter().map(|group| self.window(group)).collect()
    }

    /// The window that an answer tells.
    pub(crate) fn window_of(&self, answer: &ToldLimit<'_>) -> Option<Window<'_, 'e>> {
        let is_of = |index: &usize| self.answers[*index].exchange.number == answer.exchange.number;
        let group = self.grouped.iter().find(|group| group.iter().any(is_of));
        group.map(|group| self.window(group))
    }

    fn window(&self, group: &[usize]) -> Window<'_, 'e> {
        let answers = group.iter().map(|index| &self.answers[*index]);
        Window {
            answers: answers.collect(),
        }
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

    /// The refusals of the exhausted key before and after other keys' calls, where nothing was let through between them: nothing came back
    /// to it meanwhile.
    pub(crate) fn refusals_around(&self, calls: &[&ToldLimit<'_>]) -> Option<[&ToldLimit<'e>; 2]> {
        let refused = || self.answers.iter().filter(|told| is_throttled(told.exchange));
        let before = refused().filter(|told| calls.iter().all(|call| call.is_after(told)));
        let before = before.max_by(|one, other| one.answered().total_cmp(&other.answered()))?;
        let after = refused().find(|told| calls.iter().all(|call| told.is_after(call)))?;
        let mut between = self
            .answers
            .iter()
            .filter(|told| told.is_after(before) && after.is_after(told));
        between
            .all(|told| is_throttled(told.exchange))
            .then_some([before, after])
    }

    /// Whether windows were seen to give nothing back before their end.
    pub(crate) fn gives_nothing_back(&self) -> bool {
        self.refills == Some(false)
    }

    /// Whether the last of the calls that went out one by one was let through, where it came late enough for a bucket to have refilled. Where
    /// it was, the window may have ended.
    fn late_call_was_let_through(&self) -> Option<bool> {
        let calls = self.burst(ONE_BY_ONE);
        let (probe, before) = calls.split_last()?;
        let last = before.last().filter(|told| is_throttled(told.exchange))?;
        let window = self.window_of(last)?;
        let (length, limit) = (window.seconds_told()?, window.limit()?);
        let refused = window
            .answers
            .iter()
            .filter(|told| is_throttled(told.exchange) && probe.is_after(told));
        let refused: Vec<_> = refused.collect();
        let first = refused.first()?;
        // Where the calls met the end of a window, the next one begins with all of the limit but the call itself.
        let is_fresh = |told: &ToldLimit<'_>| told.limit.remaining.value().is_some_and(|left| left >= limit - 1.0);
        let began = before
            .iter()
            .rfind(|told| first.is_after(told) && is_fresh(told))
            .or(before.first())?;
        let was_in_window = first.answered() - began.sent() <= length;
        // From a refusal, all but a part of one call is still to come back until Reset, which may be rounded down.
        let longest = last.limit.seconds_to_reset()? + TOLERANCE + last.took();
        let had_refilled = (probe.sent() - last.answered()) * (limit - 1.0) >= longest;
        if refused.len() < 2 || !had_refilled || !was_in_window {
            return None;
        }
        Some(!is_throttled(probe.exchange))
    }

    /// How many calls a window may have given back to those that were sent in it. `None` where that cannot be bounded.
    pub(crate) fn given_back(&self, window: &Window<'_, '_>) -> Option<f64> {
        let (began, ended) = window.span()?;
        self.given_back_between(window, began, ended)
    }

    /// The same, between two times of the run that follow the window's beginning.
    pub(crate) fn given_back_between(&self, window: &Window<'_, '_>, from: f64, until: f64) -> Option<f64> {
        // Reset and `Date` are rounded, so the window may be that much shorter; one of less than a second would not be told in whole ones.
        let length = (window.seconds_told()? - 2.0 * TOLERANCE).max(1.0);
        let (began, _) = window.span()?;
        // Where windows slide, its own calls expire then.
        if until - began >= length {
            return None;
        }
        let refills = !self.gives_nothing_back();
        let most = (window.limit()? * (until - from) / length).floor();
        Some(if refills { most } else { 0.0 })
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

/// Groups answers by the window that they tell.
fn group(answers: &[ToldLimit<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Window<'_, '_>, Vec<usize>)> = Vec::new();
    for (index, answer) in answers
        .iter()
        .enumerate()
        .filter(|(_, told)| told.reset_span().is_some())
    {
        match groups.iter_mut().rfind(|(window, _)| window.is_of(answer)) {
            Some((window, group)) => {
                window.answers.push(answer);
                group.push(index);
            }
            None => groups.push((Window { answers: vec![answer] }, vec![index])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

impl<'t, 'e> Window<'t, 'e> {
    /// Whether an answer is of this window for certain. A point in time is the same; seconds from now are of the same window while it goes
    /// on. What is let through after a refusal is of another one: where windows slide, Reset may be rounded to the same second.
    fn is_of(&self, answer: &ToldLimit<'_>) -> bool {
        let first = self.answers[0];
        let mut refused = self.answers.iter().filter(|told| is_throttled(told.exchange));
        if is_served(answer.exchange) && refused.any(|told| answer.is_after(told)) {
            return false;
        }
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

    /// How many calls from before it may expire in it, where windows slide: as many as were used already. `None` where that is not told.
    pub(crate) fn used_before(&self) -> Option<f64> {
        let left = self.answers.iter().filter_map(|told| told.limit.remaining.value());
        let most_left = left.reduce(f64::max)?;
        Some((self.limit()? - 1.0 - most_left).max(0.0))
    }

    /// When the first of its calls was sent, and the last answer had come.
    fn span(&self) -> Option<(f64, f64)> {
        let began = self.answers.iter().map(|told| told.sent()).reduce(f64::min)?;
        let ended = self.answers.iter().map(|told| told.answered()).reduce(f64::max)?;
        Some((began, ended))
    }

    /// The most seconds to its end that are told: at least what the window lasts, where it was seen from its beginning.
    pub(crate) fn seconds_told(&self) -> Option<f64> {
        let seconds = self.answers.iter().filter_map(|told| told.limit.seconds_to_reset());
        seconds.reduce(f64::max)
    }
}

/// Whether an answer refuses a call as the contract says: 429 and RATE_LIMITED.
pub(crate) fn is_proper_refusal(exchange: &Exchange) -> bool {
    let status = exchange.response().map(|response| response.status);
    status == Some(429) && Outcome::of(exchange).is(&ErrorCode::RateLimited)
}
