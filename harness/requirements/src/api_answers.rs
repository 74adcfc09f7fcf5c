//! Which answers are the API's own, and which a web framework or proxy may have given before the API was reached (contract: "How
//! requirements are judged").

use hubproof_model::call::{Body, Call, Credentials, Endpoint};
use hubproof_model::exchange::{Exchange, Response};

use crate::evidence::Evidence;

/// Statuses with which frameworks and proxies refuse what they do not pass on.
const EARLY_STATUSES: [u16; 5] = [405, 413, 414, 415, 431];

/// The answers that the API itself gave, whole, in the order of sending.
pub(crate) fn api_answers<'e>(evidence: &Evidence<'e>) -> impl Iterator<Item = (&'e Exchange, &'e Response)> {
    answers(evidence).filter(|(exchange, _)| !may_be_framework(exchange))
}

/// Every answer that came whole, in the order of sending.
pub(crate) fn answers<'e>(evidence: &Evidence<'e>) -> impl Iterator<Item = (&'e Exchange, &'e Response)> {
    let whole = |exchange: &&'e Exchange| {
        // How Approvals are reached is the hub's own business.
        let is_judged = exchange.call.endpoint != Endpoint::Approvals;
        let response = exchange
            .response()
            .filter(|response| is_judged && !response.truncated)?;
        Some((*exchange, response))
    };
    evidence.exchanges.iter().filter_map(whole)
}

/// Whether a framework or proxy may have answered before the API was reached.
pub(crate) fn may_be_framework(exchange: &Exchange) -> bool {
    let (call, status) = (&exchange.call, exchange.response().map(|response| response.status));
    let is_malformed_header = matches!(call.credentials, Credentials::Values(_)) && status == Some(400);
    status.is_some_and(|status| EARLY_STATUSES.contains(&status))
        || is_malformed_header
        || call.endpoint == Endpoint::Outside
        || call.verbatim_path
        || !decodes_to_plain_text(&call.path.0)
        || !has_json_body(call)
}

/// Whether an execute carries a value that is declared as JSON. Other calls carry nothing.
fn has_json_body(call: &Call) -> bool {
    let is_execute = matches!(call.endpoint, Endpoint::Execute { .. });
    let is_json = call.content_type.as_deref().is_some_and(declares_json);
    !is_execute || (is_json && matches!(call.body, Body::Json(_)))
}

/// Whether a `Content-Type` names `application/json`, whatever its parameters.
pub(crate) fn declares_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// Whether a path and query decode to text without control characters. Other ones are refused by many frameworks' routers.
fn decodes_to_plain_text(path: &str) -> bool {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let Some((digits, rest)) = part.split_at_checked(2) else {
            return false;
        };
        let Ok(byte) = u8::from_str_radix(digits, 16) else {
            return false;
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains(char::is_control))
}

/// Whether the call carries an idempotency key, so that its answer may be that of an earlier one.
pub(crate) fn may_be_replay(call: &Call) -> bool {
    call.json()
        .and_then(|body| body.get("idempotency_key"))
        .is_some_and(|key| !key.is_null())
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Intent, Template};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{answered, failed};

    fn execute() -> Call {
        Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read)
    }

    fn is_api(call: Call, status: u16) -> bool {
        !may_be_framework(&answered(call, status, json!({})))
    }

    #[test]
    fn well_formed_calls_are_answered_by_the_api() {
        for call in [execute(), Call::listing(Some("ü & co")), Call::definition("a.b.c")] {
            assert!(is_api(call.clone(), 200) && is_api(call.clone(), 404) && is_api(call, 429));
        }
        let with_charset = Call {
            content_type: Some("Application/JSON; charset=utf-8".to_owned()),
            ..execute()
        };
        assert!(is_api(with_charset, 400));
    }

    #[test]
    fn what_may_not_reach_the_api_is_not_its_own() {
        let of_type = |content_type: Option<&str>| Call {
            content_type: content_type.map(str::to_owned),
            ..execute()
        };
        let hostile = Call {
            verbatim_path: true,
            ..Call::definition("..")
        };
        let text = Body::Text(Template("{".to_owned()));
        for call in [
            Call::get(Endpoint::Outside, "/nowhere"),
            hostile,
            execute().with_body(text),
            execute().with_body(Body::Empty),
            of_type(Some("text/plain")),
            of_type(None),
            Call::get(Endpoint::Listing { domain: None }, "/tools?domain=%ff"),
            Call::get(Endpoint::Listing { domain: None }, "/tools?domain=%00"),
            Call::get(Endpoint::Listing { domain: None }, "/tools?domain=%"),
        ] {
            assert!(!is_api(call.clone(), 400), "{call:?}");
        }
        assert!(EARLY_STATUSES.iter().all(|status| !is_api(execute(), *status)));
    }

    #[test]
    fn a_malformed_header_may_be_refused_early_but_not_a_wrong_key() {
        let malformed = execute().with_credentials(Credentials::Values(vec![Template("Bearer".to_owned())]));
        assert!(may_be_framework(&answered(malformed.clone(), 400, json!("bad"))));
        assert!(!may_be_framework(&failed(malformed, 401, "UNAUTHORIZED")));
    }

    #[test]
    fn a_key_makes_a_replay_possible() {
        let with_key = |key| Call::post_execute("a.b.c", json!({"input": {}, "idempotency_key": key}), Intent::Read);
        assert!(may_be_replay(&with_key(json!("k"))));
        assert!(!may_be_replay(&with_key(json!(null))) && !may_be_replay(&execute()));
    }
}
