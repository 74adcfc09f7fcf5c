//! What judges of gated calls look at: calls that wait, replays of approved ones, and those that nobody has approved.

use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};

use crate::effects::seen::Seen;
use crate::evidence::Evidence;
pub(crate) use crate::judging::told;
use crate::judging::{ends_in, observed, violated};

/// The labels of calls that nobody has approved, beside an approved one: without a key, under another key, with another input too, and
/// naming the connection too.
pub(crate) const UNAPPROVED: [&str; 4] = [
    "without a key",
    "under another key",
    "another input under another key",
    "naming its connection under another key",
];

/// The call of this label, which was answered that it needs approval.
///
/// # Errors
/// An inconclusive finding where it was not.
pub(crate) fn waiting<'e>(evidence: &Evidence<'e>, label: &str) -> Result<&'e Exchange, Finding> {
    let exchange = told(evidence, label)?;
    match Outcome::of(exchange).is(&ErrorCode::ApprovalRequired) {
        true => Ok(exchange),
        false => Err(Finding::Inconclusive(format!(
            "the {label} call was not answered APPROVAL_REQUIRED: {}",
            observed(exchange)
        ))),
    }
}

/// Whether the call of this label ended in one of these errors.
///
/// # Errors
/// A violation where it did not; an inconclusive finding where it has no answer of the hub's.
pub(crate) fn ended_in(
    evidence: &Evidence<'_>,
    label: &str,
    codes: &[ErrorCode],
    summary: &str,
) -> Result<(), Finding> {
    told(evidence, label)?;
    match ends_in(evidence, label, codes, summary)? {
        Finding::Held => Ok(()),
        other => Err(other),
    }
}

/// Whether the case has a call of this label.
pub(crate) fn is_planned(evidence: &Evidence<'_>, label: &str) -> bool {
    let mut exchanges = evidence.exchanges.iter();
    exchanges.any(|exchange| exchange.call.label == label)
}

/// Answered exchanges whose labels begin like this, in the order of sending.
pub(crate) fn labelled<'e>(evidence: &Evidence<'e>, beginning: &str) -> Vec<&'e Exchange> {
    let exchanges = evidence.exchanges.iter();
    exchanges
        .filter(|exchange| exchange.call.label.starts_with(beginning) && exchange.response().is_some())
        .copied()
        .collect()
}

/// That the approved call, replayed, was executed, and its effect showed: the control beside all that must not execute.
///
/// # Errors
/// A finding that says nothing of the hub.
pub(crate) fn executed_once_approved<'e>(seen: &Seen<'e>, evidence: &'e Evidence<'e>) -> Result<&'e Exchange, Finding> {
    evidence.done("approval")?;
    seen.acted_alone("replay", "after the replay")
}

/// What one call shows that must not be executed: it was, or it was refused.
pub(crate) fn not_executed(exchange: &Exchange, summary: &str) -> Finding {
    match Outcome::of(exchange) {
        Outcome::Success => Finding::Violated(violated(exchange, summary, "APPROVAL_REQUIRED, or another refusal")),
        // Whether the vendor was asked to act, or to look, is not seen.
        Outcome::Error(ErrorCode::UpstreamError) => {
            let why = format!("the call {} ended in the vendor's error", exchange.call.label);
            Finding::Inconclusive(why)
        }
        _ => Finding::Held,
    }
}

/// What the observations before and after some calls show: an effect more is theirs.
///
/// # Errors
/// A violation where there is one; an inconclusive finding where a read failed.
pub(crate) fn no_effect_between(
    seen: &Seen<'_>,
    evidence: &Evidence<'_>,
    (before, after): (&str, &str),
    summary: &str,
) -> Result<(), Finding> {
    let (earlier, later) = (seen.effects(before)?, seen.effects(after)?);
    match later > earlier {
        true => Err(acted(seen, evidence, after, summary, (earlier, later))),
        false => Ok(()),
    }
}

/// The violation of effects that an observation shows: so many should be there, and so many are.
pub(crate) fn acted(
    seen: &Seen<'_>,
    evidence: &Evidence<'_>,
    observation: &str,
    summary: &str,
    (expected, effects): (u64, u64),
) -> Finding {
    let reads = seen.numbers(observation);
    let first_read = reads.iter().min().copied().unwrap_or(u64::MAX);
    let tool = evidence.case.and_then(|case| case.tool.as_deref());
    let calls = evidence.exchanges.iter();
    let calls = calls.filter(|exchange| exchange.call.tool() == tool && exchange.number < first_read);
    let calls: Vec<_> = calls.map(|exchange| exchange.number).collect();
    let told = |effects: u64| match effects {
        0 => "no effect".to_owned(),
        1 => "one effect".to_owned(),
        more => format!("{more} effects"),
    };
    Finding::Violated(Violation {
        tool: tool.map(str::to_owned),
        summary: summary.to_owned(),
        expected: told(expected),
        observed: told(effects),
        exchanges: [calls, reads].concat(),
        assertion: None,
    })
}

/// What could not be shown, though the rest was.
pub(crate) fn not_shown(why: &str) -> Finding {
    Finding::NotExercised(Unexercised::NotApplicable(why.to_owned()))
}
