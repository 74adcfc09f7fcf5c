//! Whether a hub is at the address, and whether its reads work.

use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::surface::Surface;
use hubproof_requirements::judging::observed;

use super::verdict::{Blame, Check, Group};

const LISTING: &str = "listing";
const READS: &str = "read tools";

/// The verdict on a listing that could be read.
pub(super) fn listed(surface: &Surface) -> Check {
    let (tools, domains) = (surface.tools.len(), surface.domains().len());
    let noun = if domains == 1 { "domain" } else { "domains" };
    Check::ok(Group::Hub, LISTING, format!("{tools} tools in {domains} {noun}"))
}

/// The verdict on a listing that could not be read: of its exchange, and of what discovery says of it.
pub(super) fn unlisted(exchange: &Exchange, why: &str) -> Check {
    let status = exchange.response().map(|response| response.status);
    // The verdict on the key says it, and there is nothing more to see.
    if matches!(status, Some(401 | 403)) {
        return Check::not_tried(Group::Hub, LISTING, "it is not shown without a valid key");
    }
    // So does the verdict on TLS: a connection as such was there.
    if matches!(exchange.result, Err(Fault::Connect(_))) {
        return Check::not_tried(Group::Hub, LISTING, "no call can be sent");
    }
    let content = exchange.response().and_then(|response| response.header("content-type"));
    let content = content.map(|content| format!(", {content}")).unwrap_or_default();
    let seen = format!("GET {}: {}{content}", exchange.request.url, observed(exchange));
    let is_json = exchange.json().is_some();
    let (seen, fix) = match (&exchange.result, status) {
        (Err(Fault::TimedOut(_)), _) => (
            seen,
            "allow more time by [target] timeout, or see what the hub waits for",
        ),
        (Err(_), _) => (
            seen,
            "see what listens at this address: it does not answer as an HTTP server does",
        ),
        (_, Some(404)) => (
            seen,
            "end the base URL just before /tools, such as https://hub.example/api/v1",
        ),
        (_, Some(300..=399)) => (
            seen,
            "give the address that it redirects to: keys are not sent after redirects",
        ),
        (_, Some(429)) => (seen, "try again once the key's rate limit is reset"),
        (_, Some(500..)) => (seen, "look in the hub's logs: it fails to list its tools"),
        (Ok(response), _) if response.truncated => {
            (why.to_owned(), "make the listing smaller: hubproof reads no more of it")
        }
        (_, Some(200..=299)) if is_json => (
            why.to_owned(),
            "see that GET /tools lists tools, or pin the list's place by [dialect] tools_at",
        ),
        _ => (
            seen,
            "give the base URL of a hub, which ends just before /tools: this is something else",
        ),
    };
    Check::problem(Blame::Target, Group::Hub, LISTING, seen, fix)
}

/// The verdict on the reads of the survey, with all that it sent.
pub(super) fn reads(surface: &Surface, sent: &[&Exchange]) -> Check {
    let tried = surface.survey.len();
    let succeeded = surface.survey.values().filter(|seen| seen.error_code.is_none()).count();
    let seen = format!("{succeeded} of {tried} that were tried with a likely input succeed");
    // What is neither a success nor an error of the contract tells nothing of the tool, and much of the hub.
    if let (0, Some(last)) = (tried, sent.last()) {
        let calls = counted(sent.len());
        return Check::warning(
            Group::Hub,
            READS,
            format!(
                "none of {calls} was answered in an envelope; the last: {}",
                observed(last)
            ),
            "see what POST /tools/TOOL/execute answers: a run judges that as violations, or comes to no verdict",
        );
    }
    match (tried, succeeded) {
        (0, _) => Check::not_tried(Group::Hub, READS, "there is none that an input can be made for"),
        (_, 0) => Check::warning(
            Group::Hub,
            READS,
            seen,
            "give inputs that succeed in [inputs.\"TOOL\"] examples; `hubproof init` drafts such lines",
        ),
        _ => Check::ok(Group::Hub, READS, seen),
    }
}

fn counted(calls: usize) -> String {
    format!("{calls} {}", if calls == 1 { "call" } else { "calls" })
}

/// The verdicts on how the hub spells what the reference leaves open: discovery's notes.
pub(super) fn dialect(notes: &[String]) -> Vec<Check> {
    let check = |note: &String| match note.contains("could not be read") {
        true => Check::warning(
            Group::Dialect,
            "definitions",
            note,
            "see what GET /tools/TOOL answers, or pin its place by [dialect] definition_at",
        ),
        false => Check::ok(Group::Dialect, "assumed", note),
    };
    notes.iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::sample::{answered, failed};
    use super::super::verdict::Verdict;
    use super::*;

    /// A listing that goes on beyond what is read.
    fn cut() -> Exchange {
        let mut exchange = answered(200, &[], "[");
        exchange.result.as_mut().unwrap().truncated = true;
        exchange
    }

    #[test]
    fn what_is_no_hub_says_what_it_is() {
        for (exchange, word) in [
            (
                answered(200, &[("content-type", "text/html")], "<html>"),
                "something else",
            ),
            (answered(404, &[], ""), "/tools"),
            (answered(301, &[], ""), "redirects"),
            (answered(502, &[], ""), "logs"),
            (answered(200, &[], "{}"), "tools_at"),
            (cut(), "smaller"),
            (failed(Fault::TimedOut(Duration::ZERO)), "timeout"),
            (failed(Fault::Protocol(String::new())), "HTTP server"),
        ] {
            let check = unlisted(&exchange, "no list");
            assert_eq!(check.verdict, Verdict::Problem(Blame::Target));
            assert!(check.fix.as_deref().unwrap_or_default().contains(word), "{check:?}");
        }
        for told_elsewhere in [answered(401, &[], ""), failed(Fault::Connect(String::new()))] {
            assert_eq!(unlisted(&told_elsewhere, "").verdict, Verdict::NotTried);
        }
    }

    #[test]
    fn reads_that_were_called_are_not_said_to_be_untried() {
        let surface = Surface::default();
        assert_eq!(reads(&surface, &[]).verdict, Verdict::NotTried);
        let page = answered(200, &[("content-type", "text/html")], "<html>");
        let called = reads(&surface, &[&page, &page]);
        assert_eq!(called.verdict, Verdict::Warning);
        assert_eq!(
            called.seen,
            "none of 2 calls was answered in an envelope; the last: HTTP 200 without an envelope"
        );
    }

    #[test]
    fn definitions_that_cannot_be_read_are_a_warning_and_assumptions_are_none() {
        let notes = [
            "2 of 9 definitions could not be read; …".to_owned(),
            "a tool's fields are …".to_owned(),
        ];
        let verdicts: Vec<_> = dialect(&notes).iter().map(|check| check.verdict).collect();
        assert_eq!(verdicts, [Verdict::Warning, Verdict::Ok]);
    }
}
