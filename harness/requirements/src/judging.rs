//! Building blocks of judges: violations with what was expected and observed, and controls.

use hubproof_model::call::Endpoint;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::surface::Tool;

use crate::evidence::Evidence;

/// What an answer shows at a glance: status and outcome.
pub fn observed(exchange: &Exchange) -> String {
    match (exchange.response(), Outcome::of(exchange)) {
        (None, _) => exchange
            .result
            .as_ref()
            .err()
            .map(ToString::to_string)
            .unwrap_or_default(),
        (Some(response), Outcome::Bare(_)) => format!("HTTP {} without an envelope", response.status),
        (Some(response), outcome) => format!("HTTP {}, {outcome}", response.status),
    }
}

/// A violation shown by one exchange.
pub fn violated(exchange: &Exchange, summary: impl Into<String>, expected: impl Into<String>) -> Violation {
    Violation {
        tool: exchange.call.tool().map(str::to_owned),
        summary: summary.into(),
        expected: expected.into(),
        observed: observed(exchange),
        exchanges: vec![exchange.number],
        assertion: None,
    }
}

/// Whether the request got past every check of the hub: success, or the vendor's error, or a wait for approval.
pub fn is_accepted(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Success | Outcome::Error(ErrorCode::UpstreamError) | Outcome::Error(ErrorCode::ApprovalRequired)
    )
}

/// Whether the hub served the call: an execute that was accepted, a listing or definition that was answered 2xx.
pub fn is_served(exchange: &Exchange) -> bool {
    match (&exchange.call.endpoint, Outcome::of(exchange)) {
        (Endpoint::Execute { .. }, outcome) => is_accepted(&outcome),
        (_, Outcome::Success) => true,
        (_, outcome) => matches!(outcome, Outcome::Bare(200..=299)),
    }
}

/// Whether the hub, or something before it, throttled the call. Such an answer shows nothing but that.
pub fn is_throttled(exchange: &Exchange) -> bool {
    let status = exchange.response().map(|response| response.status);
    status == Some(429) || Outcome::of(exchange).is(&ErrorCode::RateLimited)
}

/// Whether a gateway before the hub answered in its place, as far as one can tell.
pub(crate) fn is_of_gateway(exchange: &Exchange) -> bool {
    matches!(Outcome::of(exchange), Outcome::Bare(502..=504))
}

/// The answer to the call of this label: the hub's own, and no throttle.
///
/// # Errors
/// An inconclusive finding where there is none.
pub(crate) fn told<'e>(evidence: &Evidence<'e>, label: &str) -> Result<&'e Exchange, Finding> {
    let exchange = evidence.answered(label)?;
    match is_throttled(exchange) || is_of_gateway(exchange) {
        true => Err(Finding::Inconclusive(format!(
            "the {label} call was not let through to the hub: {}",
            observed(exchange)
        ))),
        false => Ok(exchange),
    }
}

/// That at least two of these calls, sent at once, were in flight together: a pace, a limit or a call that was sent again may have kept
/// them apart, and then nothing is said of concurrent calls.
///
/// # Errors
/// That it was not exercised, where they came one after the other.
pub(crate) fn in_flight_together(calls: &[&Exchange]) -> Result<(), Finding> {
    let mut flights: Vec<_> = calls
        .iter()
        .map(|call| (call.sent_after, call.sent_after + call.elapsed))
        .collect();
    flights.sort();
    // Of the flights in the order of sending, two that overlap at all are two that follow each other.
    if flights
        .windows(2)
        .any(|two| matches!(two, [(_, ended), (sent, _)] if sent < ended))
    {
        return Ok(());
    }
    let why = format!(
        "of {} calls that were to be in flight together each came after the other: a limit of the hub's, or `--rate`, kept them apart",
        calls.len()
    );
    Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
}

/// What is not shown of a tool of which a read tells that it acted, and not how often.
pub(crate) fn uncounted(tool: Option<&str>) -> Finding {
    let tool = tool.unwrap_or_default();
    let why = format!("the effects of {tool} are not counted: whether a replay acts again does not show");
    Finding::NotExercised(Unexercised::NotApplicable(why))
}

/// Whether the hub refused the call as the client's mistake: any code but the vendor's error, the throttle and the wait for approval, with
/// a 4xx status, or a bare 4xx.
pub(crate) fn is_rejected(exchange: &Exchange) -> bool {
    let is_4xx = exchange
        .response()
        .is_some_and(|response| (400..500).contains(&response.status));
    let outcome = Outcome::of(exchange);
    is_4xx && !is_accepted(&outcome) && outcome != Outcome::Success && !is_throttled(exchange)
}

/// What a call shows that only a success would say something of. The vendor's error and a wait for approval are within the contract:
/// nothing is wrong with the run.
pub fn without_success(exchange: &Exchange) -> Finding {
    let why = format!(
        "the {} call did not succeed: {}",
        exchange.call.label,
        observed(exchange)
    );
    match is_accepted(&Outcome::of(exchange)) {
        true => Finding::NotExercised(Unexercised::NotApplicable(why)),
        false => Finding::Inconclusive(why),
    }
}

/// That a refusal is awaited of a call whose control only waits for approval, as it does itself: which of the two comes first is
/// nobody's promise.
///
/// # Errors
/// Not exercised, where it is so.
pub fn not_gated(control: &Exchange, probe: &Exchange) -> Result<(), Finding> {
    let waits = |exchange| Outcome::of(exchange).is(&ErrorCode::ApprovalRequired);
    if waits(control) && waits(probe) {
        let why = "the tool is gated, and the approval is asked for first".to_owned();
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    Ok(())
}

/// The control of the case, which differs from the negative call by one thing.
///
/// # Errors
/// An inconclusive finding where the control was not accepted: then a refusal beside it shows nothing. Not exercised, where its
/// domain was found to have no connection.
pub fn accepted_control<'e>(evidence: &Evidence<'e>) -> Result<&'e Exchange, Finding> {
    let control = evidence.answered("control")?;
    if is_served(control) {
        return Ok(control);
    }
    Err(refused_control(evidence, control))
}

/// What a control comes to that was refused: a refusal beside it shows nothing. Not exercised, where its domain was found to have no
/// connection.
pub(crate) fn refused_control(evidence: &Evidence<'_>, control: &Exchange) -> Finding {
    if Outcome::of(control).is(&ErrorCode::ConnectionNotFound) && !has_seen_connection(evidence, control) {
        let why = format!(
            "the domain of {} has no active connection",
            control.call.tool().unwrap_or_default()
        );
        return Finding::NotExercised(Unexercised::NotApplicable(why));
    }
    Finding::Inconclusive(format!("the control beside it was not accepted: {}", observed(control)))
}

/// Whether the survey saw a tool of the called tool's domain succeed whose vendors all implement the called tool too: then the
/// connection that served the one serves the other. Of unknown vendors nothing is said in its favour.
fn has_seen_connection(evidence: &Evidence<'_>, exchange: &Exchange) -> bool {
    let surface = evidence.surface;
    let Some(called) = exchange.call.tool().and_then(|key| surface.tool(key)) else {
        return false;
    };
    let is_covered = |tool: &Tool| tool.connectors.iter().all(|name| called.connectors.contains(name));
    let shows_connection =
        |tool: &Tool| tool.domain == called.domain && (called.connectors.is_empty() || is_covered(tool));
    let mut seen = surface.survey.iter().filter(|(_, seen)| seen.error_code.is_none());
    seen.any(|(key, _)| surface.tool(key).is_some_and(shows_connection))
}

/// Whether the call of this label ended in one of these errors, beside a control that was served.
///
/// # Errors
/// An inconclusive finding where the control was not served, or there is no answer.
pub fn refused(evidence: &Evidence<'_>, label: &str, codes: &[ErrorCode], summary: &str) -> Result<Finding, Finding> {
    accepted_control(evidence)?;
    ends_in(evidence, label, codes, summary)
}

/// Whether the exchange of this label ended in one of these errors.
///
/// # Errors
/// An inconclusive finding where there is no answer.
pub fn ends_in(evidence: &Evidence<'_>, label: &str, codes: &[ErrorCode], summary: &str) -> Result<Finding, Finding> {
    let exchange = evidence.answered(label)?;
    let outcome = Outcome::of(exchange);
    if codes.iter().any(|code| outcome.is(code)) {
        return Ok(Finding::Held);
    }
    if is_throttled(exchange) {
        return Err(Finding::Inconclusive(format!("the {label} call was throttled")));
    }
    let expected: Vec<_> = codes.iter().map(ErrorCode::as_str).collect();
    Ok(Finding::Violated(violated(exchange, summary, expected.join(" or "))))
}

/// What a judge found, and, where it held, what of the guarantee the case could not show.
pub(crate) fn with_reservation(result: Result<Finding, Finding>, not_shown: Option<Finding>) -> Vec<Finding> {
    let mut found = findings(result);
    if found == [Finding::Held] {
        found.extend(not_shown);
    }
    found
}

/// Collapses a judge written with `?` into its findings.
pub fn findings(result: Result<Finding, Finding>) -> Vec<Finding> {
    vec![result.unwrap_or_else(|finding| finding)]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Call;
    use hubproof_model::safety::Risk;

    use super::*;
    use crate::areas::exe::exe_02_broken_inputs::CHECK;
    use crate::exchanges::{Hub, failed, listing_input, succeeded, tool};

    /// What a control comes to that finds no connection, beside a tool of the same vendor that was seen to have one.
    fn without_connection(connectors: &[&str]) -> Vec<Finding> {
        let mut hub = Hub::of(vec![
            tool("hr.leave.list", Risk::Read, listing_input()),
            tool("hr.people.list", Risk::Read, listing_input()),
        ]);
        hub.surface.survey.remove("hr.leave.list");
        hub.surface.tools[0].connectors = connectors.iter().map(|name| (*name).to_owned()).collect();
        hub.selected.retain(|key| key == "hr.leave.list");
        hub.found(&CHECK, |call: &Call| match call.label.as_str() {
            "control" => failed(call.clone(), 404, "CONNECTION_NOT_FOUND"),
            _ => failed(call.clone(), 400, "INVALID_INPUT"),
        })
    }

    /// Whether calls that are sent and answered at these milliseconds are in flight together.
    fn overlap(flights: &[(u64, u64)]) -> bool {
        let exchange = |(sent, answered): &(u64, u64)| Exchange {
            sent_after: Duration::from_millis(*sent),
            elapsed: Duration::from_millis(answered - sent),
            ..succeeded(Call::listing(None), 1.into())
        };
        let calls: Vec<_> = flights.iter().map(exchange).collect();
        in_flight_together(&calls.iter().collect::<Vec<_>>()).is_ok()
    }

    #[test]
    fn two_flights_that_overlap_are_in_flight_together_in_whatever_order_they_are_told() {
        assert!(overlap(&[(0, 5), (4, 9)]) && overlap(&[(4, 9), (0, 5)]) && overlap(&[(0, 9), (3, 4)]));
        assert!(overlap(&[(20, 25), (0, 5), (24, 30)]));
        assert!(!overlap(&[(0, 5), (5, 9), (20, 30)]) && !overlap(&[(0, 5)]) && !overlap(&[]));
    }

    #[test]
    fn a_control_without_a_connection_shows_nothing() {
        let is_inconclusive = |finding: &Finding| matches!(finding, Finding::Inconclusive(_));
        let is_unexercised = |finding: &Finding| matches!(finding, Finding::NotExercised(_));
        assert!(without_connection(&["hr-vendor", "other"]).iter().all(is_inconclusive));
        assert!(without_connection(&[]).iter().all(is_inconclusive));
        assert!(without_connection(&["other"]).iter().all(is_unexercised));
    }
}
