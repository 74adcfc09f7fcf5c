//! Error precedence: calls that are wrong in two ways, and which error they are answered with.

use hubproof_model::call::{Body, Call, Credentials, Intent, Template};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::observations::{Flaw, Precedence};
use hubproof_model::outcome::Outcome;
use hubproof_model::role::Role;
use hubproof_model::surface::Tool;
use serde_json::{Value, json};

use crate::credentials::{UNKNOWN_KEY, authorization};
use crate::judging::is_throttled;
use crate::site::Site;
use crate::traffic::with_member;

/// How the ids of the cases begin; the names of two flaws follow, with a `+` between them.
pub(super) const PREFIX: &str = "precedence/";

/// One call for each two flaws that one call can have, and that the profile and the run's level grant.
pub(super) fn plan(site: &Site<'_>) -> Vec<Case> {
    let pairs = Flaw::ALL.iter().enumerate().flat_map(|(index, first)| {
        let others = Flaw::ALL[index + 1..].iter();
        others.map(move |second| [*first, *second])
    });
    pairs.filter_map(|flaws| case(site, flaws)).collect()
}

/// What the calls were answered, in the order of the flaws.
pub(super) fn read(exchanges: &[&Exchange]) -> Vec<Precedence> {
    let precedence = |exchange: &&Exchange| {
        let (first, second) = exchange.case.strip_prefix(PREFIX)?.split_once('+')?;
        let outcome = Outcome::of(exchange);
        // What is throttled is so whatever is wrong with it.
        if outcome == Outcome::Fault || is_throttled(exchange) {
            return None;
        }
        Some(Precedence {
            first: Flaw::of_name(first)?,
            second: Flaw::of_name(second)?,
            outcome,
        })
    };
    let mut all: Vec<_> = exchanges.iter().filter_map(precedence).collect();
    all.sort_by_key(|precedence| (precedence.first, precedence.second));
    all
}

fn case(site: &Site<'_>, flaws: [Flaw; 2]) -> Option<Case> {
    if APART.contains(&flaws) {
        return None;
    }
    let (tool, control) = ground(site, flaws)?;
    let mut call = control;
    for flaw in flaws {
        call = spoilt(site, tool, call, flaw, flaws)?;
    }
    let [first, second] = flaws;
    let id = format!("{PREFIX}{}+{}", first.name(), second.name());
    let title = format!("a call with two flaws: {first}, and {second}");
    Some(Case::new(id, title, vec![call.labelled("probe")]).about(&tool.key))
}

/// Flaws that no call can have both, or whose answers would not tell them apart.
const APART: [[Flaw; 2]; 13] = [
    // One call has one key,
    [Flaw::NoKey, Flaw::UnknownKey],
    [Flaw::NoKey, Flaw::ForbiddenTool],
    [Flaw::UnknownKey, Flaw::ForbiddenTool],
    // is for one tool,
    [Flaw::ForbiddenTool, Flaw::UnknownTool],
    [Flaw::UnknownTool, Flaw::GatedTool],
    // and names one connection.
    [Flaw::UnknownConnection, Flaw::InactiveConnection],
    // These have the same code,
    [Flaw::InvalidInput, Flaw::WrongDryRun],
    // of a body that is not JSON nothing else is wrong,
    [Flaw::UnknownConnection, Flaw::MalformedBody],
    [Flaw::InactiveConnection, Flaw::MalformedBody],
    [Flaw::InvalidInput, Flaw::MalformedBody],
    [Flaw::WrongDryRun, Flaw::MalformedBody],
    // and what is no dry run could ask for an approval that nobody wants.
    [Flaw::WrongDryRun, Flaw::GatedTool],
    [Flaw::MalformedBody, Flaw::GatedTool],
];

/// The tool to try two flaws on, with the call that has none: the best read tool, unless the flaws want another one.
fn ground<'s>(site: &Site<'s>, flaws: [Flaw; 2]) -> Option<(&'s Tool, Call)> {
    let needs = |flaw| flaws.contains(&flaw);
    let connections = &site.profile.connections;
    let domain = match needs(Flaw::InactiveConnection) {
        true => Some(connections.inactive.as_ref()?.domain.as_str()),
        false => None,
    };
    let fits = |tool: &&'s Tool| domain.is_none_or(|domain| tool.domain == domain);
    let with_control = |tool: &'s Tool| Some((tool, site.control(tool)?));
    let restricted = site.profile.keys.restricted_tool.as_deref();
    let is_forbidden = |tool: &&Tool| restricted == Some(tool.key.as_str());
    let is_gated = |tool: &&Tool| site.is_gated(&tool.key);
    if needs(Flaw::ForbiddenTool) || needs(Flaw::GatedTool) {
        let has_key = site.profile.keys.get(Role::Restricted).is_some();
        let mut tools = site
            .probeable_tools()
            .filter(|tool| !site.lacks_connection(&tool.domain))
            .filter(|tool| !needs(Flaw::ForbiddenTool) || (has_key && is_forbidden(tool)))
            .filter(|tool| !needs(Flaw::GatedTool) || is_gated(tool))
            .filter(fits);
        return tools.find_map(with_control);
    }
    let mut tools = site.read_tools().into_iter().filter(fits);
    tools.find_map(with_control)
}

/// The call with one flaw more.
fn spoilt(site: &Site<'_>, tool: &Tool, call: Call, flaw: Flaw, flaws: [Flaw; 2]) -> Option<Call> {
    Some(match flaw {
        Flaw::NoKey => call.with_credentials(Credentials::Absent),
        Flaw::UnknownKey => call.with_credentials(authorization(format!("Bearer {UNKNOWN_KEY}"))),
        Flaw::ForbiddenTool => call.with_credentials(Credentials::Bearer(Role::Restricted)),
        Flaw::UnknownTool => {
            let unknown = Call::post_execute("hubproof.no_such.tool", Value::Null, Intent::Read);
            let Call { body, credentials, .. } = call;
            unknown.with_body(body).with_credentials(credentials)
        }
        Flaw::UnknownConnection => with_member(&call, "connection_id", json!("conn_hubproof_does_not_exist")),
        Flaw::InactiveConnection => {
            let inactive = site.profile.connections.inactive.as_ref()?;
            with_member(&call, "connection_id", json!(inactive.id))
        }
        // An unknown tool has no schema, but every input is an object.
        Flaw::InvalidInput if flaws.contains(&Flaw::UnknownTool) => with_member(&call, "input", json!("no object")),
        Flaw::InvalidInput => with_member(&call, "input", broken_input(site, tool)?),
        Flaw::WrongDryRun => with_member(&call, "dry_run", json!("true")),
        Flaw::MalformedBody => {
            let body = call.json()?.to_string();
            call.with_body(Body::Text(Template(body.strip_suffix('}')?.to_owned())))
        }
        // The tool is what is wrong.
        Flaw::GatedTool => call,
    })
}

/// An object that the tool's schema rejects.
fn broken_input(site: &Site<'_>, tool: &Tool) -> Option<Value> {
    const TRIED: usize = 8;
    let generator = site.generator(tool).ok()?;
    let broken = generator
        .invalid(site.seed, TRIED)
        .into_iter()
        .map(|broken| broken.instance);
    broken.into_iter().find(Value::is_object)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hubproof_model::exchange::Fault;
    use hubproof_model::outcome::ErrorCode;
    use hubproof_model::profile::{DomainConnection, Key};
    use hubproof_model::safety::Allow;
    use hubproof_model::secret::Secret;

    use super::*;
    use crate::exchanges::{Hub, failed, succeeded, unanswered, with_bytes};

    /// A hub whose profile grants every flaw.
    fn hub() -> Hub {
        let mut hub = Hub::small().allowing(Allow::Probe);
        let key = Key {
            secret: Secret::new("restricted"),
            variable: None,
        };
        hub.profile.keys.by_role.insert(Role::Restricted, key);
        hub.profile.keys.restricted_tool = Some("itsm.tickets.create".to_owned());
        hub.profile.approvals.gated = vec!["itsm.tickets.create".to_owned()];
        hub.profile.connections.inactive = Some(DomainConnection {
            domain: "itsm".to_owned(),
            id: "conn_old".to_owned(),
        });
        hub
    }

    fn planned(hub: &Hub) -> Vec<Case> {
        plan(&hub.site())
    }

    fn names(cases: &[Case]) -> BTreeSet<&str> {
        cases.iter().map(|case| &case.id[PREFIX.len()..]).collect()
    }

    #[test]
    fn every_two_flaws_that_go_together_are_tried_once() {
        let hub = hub();
        let cases = planned(&hub);
        let names = names(&cases);
        assert_eq!((cases.len(), names.len()), (32, 32), "{names:#?}");
        for name in [
            "no_key+malformed_body",
            "forbidden_tool+inactive_connection",
            "forbidden_tool+gated_tool",
            "unknown_tool+invalid_input",
            "inactive_connection+wrong_dry_run",
            "invalid_input+gated_tool",
        ] {
            assert!(names.contains(name), "{name}: {names:#?}");
        }
        for name in [
            "no_key+forbidden_tool",
            "unknown_tool+gated_tool",
            "invalid_input+malformed_body",
        ] {
            assert!(!names.contains(name), "{name}: {names:#?}");
        }
    }

    #[test]
    fn nothing_is_tried_that_the_profile_or_the_level_does_not_grant() {
        let cases = planned(&Hub::small().allowing(Allow::Read));
        let cases = names(&cases);
        let wants = |name: &&&str| {
            ["forbidden", "inactive", "gated"]
                .iter()
                .any(|flaw| name.contains(flaw))
        };
        assert_eq!((cases.len(), cases.iter().find(wants)), (16, None), "{cases:#?}");
        let reading = planned(&hub().allowing(Allow::Read));
        assert!(reading.iter().all(|case| case.required_allow() == Allow::Read));
        assert!(!names(&reading).contains("no_key+gated_tool"));
    }

    #[test]
    fn a_state_changing_tool_gets_dry_runs_or_what_no_hub_can_take_for_a_call() {
        for case in planned(&hub()) {
            let call = case.calls()[0].clone();
            if call.tool() != Some("itsm.tickets.create") {
                continue;
            }
            let is_wrong = case.id.contains("wrong_dry_run") || case.id.contains("malformed_body");
            assert!(
                call.intent == Intent::Refused && (call.is_dry_run() || is_wrong),
                "{}",
                case.id
            );
        }
    }

    #[test]
    fn a_call_has_both_flaws() {
        let hub = hub();
        let cases = planned(&hub);
        let call = |name: &str| {
            let id = format!("{PREFIX}{name}");
            cases.iter().find(|case| case.id == id).unwrap().calls()[0].clone()
        };
        let both = call("unknown_tool+invalid_input");
        assert_eq!(
            (both.tool(), both.json().unwrap()["input"].is_object()),
            (Some("hubproof.no_such.tool"), false)
        );
        let both = call("forbidden_tool+inactive_connection");
        assert_eq!(both.credentials, Credentials::Bearer(Role::Restricted));
        assert_eq!(both.json().unwrap()["connection_id"], "conn_old");
        let both = call("no_key+malformed_body");
        let Body::Text(text) = &both.body else {
            panic!("{both:?}")
        };
        assert!(both.credentials == Credentials::Absent && serde_json::from_str::<Value>(&text.0).is_err());
    }

    #[test]
    fn what_is_answered_is_read_in_the_order_of_the_flaws() {
        let call = || Call::post_execute("a.b.c", json!({}), Intent::Read);
        let of = |name: &str, exchange: Exchange| Exchange {
            case: name.to_owned(),
            ..exchange
        };
        let exchanges = [
            of(
                "precedence/invalid_input+gated_tool",
                failed(call(), 403, "APPROVAL_REQUIRED"),
            ),
            of("precedence/no_key+unknown_tool", failed(call(), 429, "RATE_LIMITED")),
            of("precedence/no_key+unknown_tool", failed(call(), 401, "UNAUTHORIZED")),
            of("precedence/no_key+malformed_body", with_bytes(call(), 400, &[], b"bad")),
            of(
                "precedence/no_key+invalid_input",
                unanswered(call(), Fault::BudgetSpent(1)),
            ),
            of("precedence/unknown_key+unknown_tool", succeeded(call(), json!({}))),
            of("precedence/no_key+nothing", failed(call(), 401, "UNAUTHORIZED")),
            of("AUTH-01/execute", failed(call(), 401, "UNAUTHORIZED")),
        ];
        let exchanges: Vec<_> = exchanges.iter().collect();
        let seen = |first, second, outcome| Precedence { first, second, outcome };
        assert_eq!(
            read(&exchanges),
            [
                seen(Flaw::NoKey, Flaw::UnknownTool, Outcome::Error(ErrorCode::Unauthorized)),
                seen(Flaw::NoKey, Flaw::MalformedBody, Outcome::Bare(400)),
                seen(Flaw::UnknownKey, Flaw::UnknownTool, Outcome::Success),
                seen(
                    Flaw::InvalidInput,
                    Flaw::GatedTool,
                    Outcome::Error(ErrorCode::ApprovalRequired)
                ),
            ]
        );
    }
}
