//! ENV-13: errors keep the hub's insides to themselves.

use hubproof_model::call::{Body, Endpoint};
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::surface::Surface;
use serde_json::Value;

use crate::api_answers::{answers, may_be_framework};
use crate::check::{Check, Scope};
use crate::error_envelope::is_error;
use crate::evidence::Evidence;
use crate::internals::internals;
use crate::judging::{observed, violated};
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 13),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Response envelope",
    title: "errors show no internals",
    statement: "A hub SHOULD keep internals out of messages and details: no stack trace, source path, SQL, private address.",
    rationale: "What an error tells of the hub's insides helps whoever looks for a way in, and no one else.",
    method: "Looks through the message and details of every error of the run, and through the whole body where the API answers without \
             an envelope. What the call itself contained, the hub's own address among it, does not count; nor what the tool publishes.",
    mend: "Send a message written for clients, and keep the exception, its trace, queries and addresses in the log under the \
           `request_id`.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// The most of a trace that an observation shows.
const SHOWN_CHARACTERS: usize = 120;

pub(crate) struct Env13;
pub(crate) const CHECK: Env13 = Env13;

impl Check for Env13 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::errors(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        answers(evidence)
            .filter(|(exchange, response)| is_error(exchange, response))
            .filter_map(|(exchange, response)| {
                let texts = texts(exchange, response)?;
                Some(judge_texts(exchange, &texts, evidence.surface))
            })
            .collect()
    }
}

/// What the error says. `None` for the bare 4xx of a framework, whose body is ENV-12's alone.
fn texts(exchange: &Exchange, response: &Response) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    match (Outcome::of(exchange), response.json()) {
        (Outcome::Error(_), Some(body)) => {
            collect(&body["error"]["message"], &mut texts);
            collect(&body["error"]["details"], &mut texts);
        }
        _ if response.status < 500 && may_be_framework(exchange) => return None,
        (_, Some(body)) => collect(body, &mut texts),
        (_, None) => texts.push(String::from_utf8_lossy(&response.body).into_owned()),
    }
    Some(texts)
}

fn judge_texts(exchange: &Exchange, texts: &[String], surface: &Surface) -> Finding {
    let mut found = texts.iter().flat_map(|text| internals(text)).peekable();
    if found.peek().is_none() {
        return Finding::Held;
    }
    let known = known_texts(exchange, surface);
    let is_known = |text: &str| known.iter().any(|known| known.contains(text));
    let Some(internal) = found.find(|internal| !is_known(internal.text)) else {
        return Finding::Held;
    };
    let shown: String = internal.text.chars().take(SHOWN_CHARACTERS).collect();
    Finding::Violated(Violation {
        observed: format!("{}: `{}`", observed(exchange), shown.trim()),
        ..violated(
            exchange,
            format!("an error shows {}", internal.kind),
            "an error without stack traces, source paths, SQL or private addresses",
        )
    })
}

/// What the client knows anyway: what it sent, and what the tool publishes.
fn known_texts(exchange: &Exchange, surface: &Surface) -> Vec<String> {
    let call = &exchange.call;
    let mut texts = vec![exchange.request.url.clone()];
    texts.extend(exchange.request.headers.iter().map(|(_, value)| value.clone()));
    texts.extend(call.headers.iter().map(|(_, value)| value.0.clone()));
    match &call.body {
        Body::Empty => {}
        Body::Json(body) => collect(body, &mut texts),
        Body::Text(text) => texts.push(text.0.clone()),
        Body::Bytes(bytes) => texts.push(String::from_utf8_lossy(bytes).into_owned()),
        Body::Repeat { head, unit, tail, .. } => texts.push(format!("{head}{unit}{tail}")),
    }
    match &call.endpoint {
        Endpoint::Listing { domain } => texts.extend(domain.clone()),
        Endpoint::Definition { tool } | Endpoint::Execute { tool } => texts.push(tool.clone()),
        Endpoint::Approvals | Endpoint::Outside => {}
    }
    let tool = call.tool().and_then(|key| surface.tool(key));
    for schema in tool
        .into_iter()
        .flat_map(|tool| [&tool.input_schema, &tool.output_schema])
    {
        schema.iter().for_each(|schema| collect(schema, &mut texts));
    }
    texts
}

/// The texts in a value, names of members included.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => {
            for (name, member) in members {
                texts.push(name.clone());
                collect(member, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent, Template};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, violations, with_bytes};

    const KEY: &str = "itsm.tickets.list";

    fn judge(exchange: Exchange) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    fn execute(body: Value) -> Call {
        Call::post_execute(KEY, body, Intent::Read)
    }

    fn error(call: Call, message: &str, details: Value) -> Exchange {
        let error = json!({"code": "UPSTREAM_ERROR", "message": message, "details": details});
        answered(
            call,
            502,
            json!({"success": false, "error": error, "request_id": "req_1"}),
        )
    }

    #[test]
    fn plain_errors_hold() {
        assert!(all_held(&judge(failed(execute(json!({})), 400, "INVALID_INPUT"))));
        let details = json!({"vendor": {"status": 500}, "at": "/input/title"});
        assert!(all_held(&judge(error(
            execute(json!({})),
            "the vendor failed",
            details
        ))));
    }

    #[test]
    fn internals_in_the_message_or_deep_in_the_details_are_violations() {
        let connect = error(execute(json!({})), "cannot connect to 10.0.3.7:5432", json!({}));
        assert_eq!(violations(&judge(connect)), ["an error shows a private address"]);
        let trace = json!({"cause": [{"trace": "boom\n    at Router.route (/app/router.js:4:7)"}]});
        let found = judge(error(execute(json!({})), "no", trace));
        assert_eq!(violations(&found), ["an error shows a stack trace"]);
        let sql = json!({"query": "SELECT id FROM tools"});
        assert_eq!(
            violations(&judge(error(execute(json!({})), "no", sql))),
            ["an error shows SQL"]
        );
    }

    #[test]
    fn what_the_call_or_the_schema_contains_does_not_count() {
        let (message, nothing) = ("`10.0.3.7` is not allowed", || json!({}));
        for call in [
            execute(json!({"input": {"query": ["at 10.0.3.7"]}})),
            execute(json!({"connection_id": "10.0.3.7"})),
            execute(json!({})).with_body(Body::Text(Template("{\"query\":\"10.0.3.7\"".to_owned()))),
        ] {
            assert!(all_held(&judge(error(call, message, nothing()))));
        }
        let mut hub = Hub::small();
        let listed = hub.surface.tools.iter_mut().find(|tool| tool.key == KEY).unwrap();
        listed.input_schema = Some(json!({"examples": [{"query": "10.0.3.7"}]}));
        let found = hub.judge(&CHECK, None, &[error(execute(json!({})), message, nothing())]);
        assert!(all_held(&found));
    }

    #[test]
    fn the_targets_own_address_does_not_count_but_another_does() {
        let at = |message: &str| {
            let mut exchange = error(execute(json!({})), message, json!({}));
            exchange.request.url = "http://192.168.1.5:8080/api/v1/tools".to_owned();
            judge(exchange)
        };
        assert!(all_held(&at("192.168.1.5 is busy")));
        assert_eq!(
            violations(&at("192.168.1.5 cannot reach 192.168.1.6")),
            ["an error shows a private address"]
        );
    }

    #[test]
    fn a_bare_page_counts_where_the_api_should_have_answered() {
        let page = b"<pre>Traceback (most recent call last):</pre>";
        let bare = |call: Call, status| judge(with_bytes(call, status, &[], page));
        assert_eq!(
            violations(&bare(execute(json!({})), 500)),
            ["an error shows a stack trace"]
        );
        let outside = || Call::get(Endpoint::Outside, "/nowhere");
        assert_eq!(violations(&bare(outside(), 500)), ["an error shows a stack trace"]);
        assert!(bare(outside(), 404).is_empty());
    }

    #[test]
    fn successes_are_not_judged() {
        assert!(judge(succeeded(execute(json!({})), json!({"note": "10.0.3.7"}))).is_empty());
    }
}
