//! AUTH-10: no answer carries the caller's key.

use hubproof_model::call::{Call, Credentials, Endpoint, Intent, Template};
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Leak};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use serde_json::json;

use crate::check::{Check, Scope};
use crate::credentials::{authorization, may_be_logged};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic::{self, with_member};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 10),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Authentication",
    title: "no answer carries the caller's key",
    statement: "A hub MUST NOT send the caller's key, or a vendor's credential, back in a header or body.",
    rationale: "Answers are logged, cached and shown to models; a key in one is a key given away.",
    method: "Searches every answer of the run for every key of the profile, among them answers to a key under a wrong scheme and \
             (on loopback, or where the profile calls the key disposable) to a key where a tool, input, connection or route belongs. \
             Vendors' credentials are not known to the suite.",
    mend: "Put no request header, URL or input into answers as it came: build error details from known fields, and mask anything \
           that looks like a key before it is sent.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Auth10;
pub(crate) const CHECK: Auth10 = Auth10;

impl Check for Auth10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let successes = traffic::successes(site).into_iter();
        let mut cases = traffic::catalogue();
        cases.extend(successes.filter(|case| case.required_allow() == Allow::Read));
        cases.extend(traffic::errors(site));
        let mut misplaced = under_wrong_schemes();
        if may_be_logged(site.profile) {
            misplaced.extend(out_of_place(site));
        }
        cases.extend(misplaced.into_iter().map(|(place, call)| {
            let title = format!("the key {}", place.replace('-', " "));
            Case::new(format!("AUTH-10/{place}"), title, vec![call.labelled("misplaced")])
        }));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = |exchange: &&Exchange| judge_exchange(exchange);
        evidence.exchanges.iter().flat_map(judged).collect()
    }
}

/// Credentials that a hub refuses, and may want to name as it does.
fn under_wrong_schemes() -> Vec<(&'static str, Call)> {
    let key = Template::placeholder(Role::Primary);
    let values = [
        ("without-a-scheme", key.clone()),
        ("under-another-scheme", format!("Basic {key}")),
        ("with-a-letter-more", format!("Bearer {key}x")),
    ];
    let call =
        |(place, value): (&'static str, String)| (place, Call::listing(None).with_credentials(authorization(value)));
    values.map(call).to_vec()
}

/// Calls with the key where something else belongs, that a hub refuses, and may want to quote as it does.
fn out_of_place(site: &Site<'_>) -> Vec<(&'static str, Call)> {
    let key = Template::placeholder(Role::Primary);
    let at = |call: Call, path: String| Call {
        path: Template(path),
        ..call
    };
    let outside = Call::get(Endpoint::Outside, "");
    let execute = Call::post_execute(&key, json!({"input": {}}), Intent::Read);
    let mut calls = vec![
        ("as-a-route", at(outside, format!("/{key}"))),
        ("as-a-domain", at(Call::listing(None), format!("/tools?domain={key}"))),
        ("as-a-tool", at(Call::definition(&key), format!("/tools/{key}"))),
        ("as-a-tool-to-execute", at(execute, format!("/tools/{key}/execute"))),
    ];
    if let Ok((_, control)) = site.read_control() {
        calls.push(("as-an-input", with_member(&control, "input", json!(key))));
        calls.push(("as-a-connection", with_member(&control, "connection_id", json!(key))));
        let bare = control.with_credentials(Credentials::Absent);
        calls.push(("as-a-header-of-another-name", in_other_header(bare)));
    }
    calls
}

fn in_other_header(mut call: Call) -> Call {
    let key = Template(Template::placeholder(Role::Primary));
    call.headers.push(("x-api-key".to_owned(), key));
    call
}

/// Nothing where there is no answer.
fn judge_exchange(exchange: &Exchange) -> Vec<Finding> {
    let Some(response) = exchange.response() else {
        return Vec::new();
    };
    if response.leaks.is_empty() {
        return vec![Finding::Held];
    }
    let leaked = |leak: &Leak| {
        let place = match leak.place.as_str() {
            "body" => "the body".to_owned(),
            header => format!("the header {header}"),
        };
        let summary = format!("the {} key came back in {place}", leak.role);
        Finding::Violated(violated(exchange, summary, "an answer without any key"))
    };
    response.leaks.iter().map(leaked).collect()
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Body;
    use hubproof_model::exchange::Fault;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, succeeded, unanswered, violations};

    fn leaking(places: &[&str]) -> Exchange {
        let mut exchange = failed(Call::listing(None), 401, "UNAUTHORIZED");
        let leak = |place: &&str| Leak {
            role: Role::Primary,
            place: (*place).to_owned(),
        };
        if let Ok(response) = &mut exchange.result {
            response.leaks = places.iter().map(leak).collect();
        }
        exchange
    }

    #[test]
    fn answers_without_a_key_hold() {
        let call = Call::listing(None);
        let exchanges = [
            succeeded(call.clone(), json!({})),
            failed(call.clone(), 404, "TOOL_NOT_FOUND"),
            unanswered(call, Fault::Connect("refused".to_owned())),
        ];
        let found = Hub::small().judge(&CHECK, None, &exchanges);
        assert!(all_held(&found) && found.len() == 2);
    }

    #[test]
    fn each_place_of_a_key_is_a_violation() {
        let found = Hub::small().judge(&CHECK, None, &[leaking(&["body", "x-request-id"])]);
        assert_eq!(
            violations(&found),
            [
                "the primary key came back in the body",
                "the primary key came back in the header x-request-id"
            ]
        );
    }

    #[test]
    fn keys_go_out_of_place_only_where_they_may_be_logged() {
        let out_of_place = |hub: &Hub| {
            let cases = hub.plan(&CHECK).unwrap();
            let names_key = |call: &&Call| {
                let in_body = matches!(&call.body, Body::Json(body) if body.to_string().contains("<key:"));
                in_body || call.path.0.contains("<key:") || !call.headers.is_empty()
            };
            cases.iter().flat_map(|case| case.calls()).filter(names_key).count()
        };
        let mut hub = Hub::small();
        assert_eq!(out_of_place(&hub), 0);
        hub.profile.keys.disposable = true;
        assert_eq!(out_of_place(&hub), 7);
    }

    #[test]
    fn nothing_is_executed_that_changes_state() {
        let cases = Hub::small().plan(&CHECK).unwrap();
        assert!(cases.iter().all(|case| case.required_allow() == Allow::Read));
        assert!(cases.iter().any(|case| case.id == "AUTH-10/under-another-scheme"));
    }

    #[test]
    fn placeholders_stand_in_paths_as_they_are() {
        let mut hub = Hub::small();
        hub.profile.keys.disposable = true;
        let calls: Vec<_> = hub
            .plan(&CHECK)
            .unwrap()
            .into_iter()
            .flat_map(|case| case.into_calls())
            .collect();
        for path in [
            "/<key:primary>",
            "/tools?domain=<key:primary>",
            "/tools/<key:primary>/execute",
        ] {
            assert!(calls.iter().any(|call| call.path.0 == path), "{path}");
        }
    }
}
