//! Hand-made exchanges and a small hand-made hub, for the tests of plans and judges.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Fault, Response, SentRequest};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::profile::Profile;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::surface::{Dialect, Surface, Surveyed, Tool};
use serde_json::{Value, json};

use crate::check::Check;
use crate::effects::Effects;
use crate::evidence::Evidence;
use crate::inputs::Generators;
use crate::schemas::Schemas;
use crate::site::Site;

/// The call, answered with a JSON body.
pub(crate) fn answered(call: Call, status: u16, body: Value) -> Exchange {
    with_bytes(
        call,
        status,
        &[("content-type", "application/json")],
        body.to_string().as_bytes(),
    )
}

/// The call, answered with these headers and bytes.
pub(crate) fn with_bytes(call: Call, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Exchange {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    exchange(call, Ok(Response::new(status, headers, body.to_vec())))
}

/// The call, answered with the success envelope.
pub(crate) fn succeeded(call: Call, data: Value) -> Exchange {
    let envelope =
        json!({"success": true, "data": data, "connection_id": "conn_itsm", "duration_ms": 3, "request_id": "req_1"});
    answered(call, 200, envelope)
}

/// The call, answered with the error envelope.
pub(crate) fn failed(call: Call, status: u16, code: &str) -> Exchange {
    let error = json!({"code": code, "message": "no", "details": {}});
    answered(
        call,
        status,
        json!({"success": false, "error": error, "request_id": "req_1"}),
    )
}

/// The call, answered that the vendor does not have the record.
pub(crate) fn missing(call: Call) -> Exchange {
    let error = json!({"code": "UPSTREAM_ERROR", "message": "no", "details": {"status": 404}});
    answered(
        call,
        502,
        json!({"success": false, "error": error, "request_id": "req_1"}),
    )
}

/// The same answer with `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
pub(crate) fn telling(mut exchange: Exchange, [limit, remaining, reset]: [&str; 3]) -> Exchange {
    let told = [
        ("x-ratelimit-limit", limit),
        ("x-ratelimit-remaining", remaining),
        ("x-ratelimit-reset", reset),
    ];
    if let Ok(response) = &mut exchange.result {
        let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
        response.headers.extend(told);
    }
    exchange
}

/// The call without an answer.
pub(crate) fn unanswered(call: Call, fault: Fault) -> Exchange {
    exchange(call, Err(fault))
}

fn exchange(call: Call, result: Result<Response, Fault>) -> Exchange {
    let request = SentRequest {
        method: call.method.clone(),
        url: format!("http://hub.test/api/v1{}", call.path),
        headers: Vec::new(),
    };
    Exchange {
        number: 0,
        case: String::new(),
        call,
        request,
        result,
        sent_after: Duration::ZERO,
        elapsed: Duration::from_millis(5),
    }
}

/// A hub as discovery found it, and how far a run may go on it.
pub(crate) struct Hub {
    /// Its face.
    pub(crate) surface: Surface,
    /// What the user says of it.
    pub(crate) profile: Profile,
    /// How far the run may go.
    pub(crate) allow: Allow,
    /// The tools taken in.
    pub(crate) selected: Vec<String>,
    generators: Generators,
    effects: std::sync::OnceLock<Effects>,
}

impl Hub {
    /// Two domains with a read tool and a state-changing tool each; both read tools were seen to succeed.
    pub(crate) fn small() -> Self {
        let contact =
            json!({"type": "object", "properties": {"id": {"type": "string", "minLength": 1}}, "required": ["id"]});
        Self::of(vec![
            tool("crm.contacts.delete", Risk::Destructive, contact),
            tool("crm.contacts.list", Risk::Read, listing_input()),
            tool("itsm.tickets.create", Risk::Write, ticket_input()),
            tool("itsm.tickets.list", Risk::Read, listing_input()),
        ])
    }

    /// A hub with these tools, sorted by key; the read tools were seen to succeed on `conn_DOMAIN`.
    pub(crate) fn of(tools: Vec<Tool>) -> Self {
        let survey: BTreeMap<_, _> = tools
            .iter()
            .filter(|tool| !tool.risk().is_state_changing())
            .map(|tool| {
                let seen = Surveyed {
                    error_code: None,
                    connection_id: Some(format!("conn_{}", tool.domain)),
                };
                (tool.key.clone(), seen)
            })
            .collect();
        Self {
            selected: tools.iter().map(|tool| tool.key.clone()).collect(),
            surface: Surface {
                dialect: dialect(),
                tools,
                survey,
            },
            profile: Profile::of_url("http://hub.test/api/v1"),
            allow: Allow::Admin,
            generators: Generators::default(),
            effects: std::sync::OnceLock::new(),
        }
    }

    /// The same hub for a run that may go this far.
    pub(crate) fn allowing(mut self, allow: Allow) -> Self {
        self.allow = allow;
        self
    }

    /// The site that a check plans on.
    pub(crate) fn site(&self) -> Site<'_> {
        let none = Effects::default();
        let effects = self
            .effects
            .get_or_init(|| Effects::of(&self.surface, &self.profile, &self.site_with(&none)));
        self.site_with(effects)
    }

    fn site_with<'h>(&'h self, effects: &'h Effects) -> Site<'h> {
        Site {
            surface: &self.surface,
            profile: &self.profile,
            allow: self.allow,
            cases: 8,
            seed: 7,
            selected: &self.selected,
            generators: &self.generators,
            effects,
            run: "test",
            part: "",
        }
    }

    /// The check's cases here; fails the test where a case goes beyond the level.
    pub(crate) fn plan(&self, check: &dyn Check) -> Result<Vec<Case>, Unexercised> {
        let cases = check.plan(&self.site())?;
        for case in &cases {
            assert!(
                case.required_allow() <= self.allow,
                "{} goes beyond {}",
                case.id,
                self.allow
            );
        }
        Ok(cases)
    }

    /// What the check finds when `answer` answers each call of each of its cases, case by case.
    pub(crate) fn found(&self, check: &dyn Check, answer: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        let mut number = 0;
        let mut found = Vec::new();
        for case in self.plan(check).expect("the small hub exercises the check") {
            let mut answer = |call: &Call| {
                number += 1;
                Exchange {
                    number,
                    case: case.id.clone(),
                    ..answer(call)
                }
            };
            let exchanges: Vec<_> = case.calls().into_iter().map(&mut answer).collect();
            found.extend(self.judge(check, Some(&case), &exchanges));
        }
        found
    }

    /// What the check finds in these exchanges: of one case, or of the whole log.
    pub(crate) fn judge(&self, check: &dyn Check, case: Option<&Case>, exchanges: &[Exchange]) -> Vec<Finding> {
        check.judge(&Evidence {
            surface: &self.surface,
            schemas: &Schemas::of(&self.surface),
            case,
            exchanges: exchanges.iter().collect(),
            deeds: &[],
        })
    }
}

/// What the check finds where the definition of `itsm.tickets.list` has this member.
pub(crate) fn judge_definition(check: &dyn Check, member: &str, value: Value) -> Vec<Finding> {
    let mut definition = json!({"key": "itsm.tickets.list"});
    definition[member] = value;
    let exchange = answered(Call::definition("itsm.tickets.list"), 200, definition);
    Hub::small().judge(check, None, &[exchange])
}

fn dialect() -> Dialect {
    let field = |name: &str| Some(name.to_owned());
    Dialect {
        tools_at: field("/tools"),
        cursor_at: None,
        cursor_parameter: None,
        definition_at: field(""),
        key_field: field("key"),
        domain_field: field("domain"),
        risk_field: field("risk_level"),
        input_schema_field: field("input_schema"),
        output_schema_field: field("output_schema"),
        connectors_field: field("connectors"),
        ..Dialect::default()
    }
}

/// A tool whose listing entry and definition say the same; its connector is its domain's own.
pub(crate) fn tool(key: &str, risk: Risk, input_schema: Value) -> Tool {
    let domain = key.split('.').next().unwrap_or_default();
    let output_schema = json!({"type": "object"});
    let connectors = vec![format!("{domain}-vendor")];
    Tool {
        key: key.to_owned(),
        domain: domain.to_owned(),
        listed: json!({"key": key, "domain": domain, "risk_level": risk.to_string()}),
        risk: Some(risk),
        input_schema: Some(input_schema),
        output_schema: Some(output_schema),
        connectors,
    }
}

/// The definition that says of a tool what its listing entry says.
pub(crate) fn definition(tool: &Tool) -> Value {
    json!({
        "key": tool.key,
        "domain": tool.domain,
        "risk_level": tool.risk().to_string(),
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
        "connectors": tool.connectors,
    })
}

/// Optional `query` and `limit`.
pub(crate) fn listing_input() -> Value {
    json!({
        "type": "object",
        "properties": {"query": {"type": "string", "maxLength": 20}, "limit": {"type": "integer", "minimum": 1, "maximum": 100}},
        "additionalProperties": false
    })
}

/// A `title`, and an optional `priority`.
pub(crate) fn ticket_input() -> Value {
    json!({
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 80}, "priority": {"type": "integer", "minimum": 1, "maximum": 5}},
        "required": ["title"],
        "additionalProperties": false
    })
}

/// Whether there are findings, and all of them held.
pub(crate) fn all_held(findings: &[Finding]) -> bool {
    !findings.is_empty() && findings.iter().all(|finding| *finding == Finding::Held)
}

/// The summaries of the violations among the findings.
pub(crate) fn violations(findings: &[Finding]) -> Vec<&str> {
    let mut summaries = Vec::new();
    for finding in findings {
        if let Finding::Violated(violation) = finding {
            summaries.push(violation.summary.as_str());
        }
    }
    summaries
}

/// Whether there are findings, and none of them is held or violated.
pub(crate) fn shows_nothing(findings: &[Finding]) -> bool {
    let is_open = |finding: &Finding| matches!(finding, Finding::Inconclusive(_) | Finding::NotExercised(_));
    !findings.is_empty() && findings.iter().all(is_open)
}
