//! What shows a violation again is made to be pasted into a shell: it must be of this violation, and call nothing but the target.

use hubproof_model::requirement::RequirementId;

use super::{Checked, must};
use crate::document::Report;
use crate::document::exchange::Exchange;
use crate::document::request::Repeated;
use crate::document::violation::Violation;
use crate::reproduce::Decided;

/// Looks at the calls of a violation; and at its lines, where this version wrote them. What another version wrote is no matter: its lines
/// are made anew.
pub(super) fn check(
    at: &str,
    report: &Report,
    decided: &Decided<'_>,
    id: RequirementId,
    violation: &Violation,
) -> Checked {
    let at = format!("{at}.reproduce");
    let reproduce = &violation.reproduce;
    let has_calls = reproduce.run_alone.is_none() && !violation.exchanges.is_empty();
    let is_empty = reproduce.rounds.iter().any(Vec::is_empty);
    must(
        has_calls != reproduce.rounds.is_empty() && !is_empty,
        format!("{at}.rounds"),
        || "there are calls unless `run_alone` says why not".to_owned(),
    )?;
    for repeated in reproduce.rounds.iter().flatten() {
        call(&at, report, &violation.exchanges, repeated)?;
    }
    must(
        !report.is_of_this_version() || decided.lines(id, violation).are_of(violation),
        at,
        || "the lines are not those of this violation".to_owned(),
    )
}

fn call(at: &str, report: &Report, shown: &[Exchange], repeated: &Repeated) -> Checked {
    let number = repeated.number;
    let exchange = shown.iter().find(|own| own.number == number);
    let fits = match (&repeated.request, exchange) {
        (Some(request), Some(exchange)) => request.is_of(exchange),
        (Some(_), None) => true,
        (None, _) => repeated.request(shown).is_some(),
    };
    must(fits, format!("{at}.rounds"), || {
        format!("the request of exchange {number} is not the one that the violation shows")
    })?;
    // A key goes with it.
    let request = repeated.request(shown);
    let is_of_target = request.is_some_and(|request| is_of_target(&request.url, report));
    must(is_of_target, format!("{at}.rounds"), || {
        format!("the request of exchange {number} is for another target")
    })
}

/// Whether a URL is the target's. The shards of a run on the bundled hub had a hub each, with a port of its own.
fn is_of_target(url: &str, report: &Report) -> bool {
    let origin = |url: &str| {
        let url = url::Url::parse(url).ok()?;
        let port = url.port_or_known_default().filter(|_| !report.target.bundled);
        Some((url.scheme().to_owned(), url.host_str()?.to_owned(), port))
    };
    let own = origin(&report.target.url);
    own.is_some() && own == origin(url)
}
