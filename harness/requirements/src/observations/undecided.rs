//! What else the contract does not decide: members of the body that nobody knows, and used idempotency keys in other hands.

use std::collections::BTreeMap;

use hubproof_model::call::Credentials;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::observations::{Question, Undecided};
use hubproof_model::outcome::Outcome;
use hubproof_model::role::Role;
use hubproof_model::surface::Tool;
use serde_json::{Value, json};

use crate::effects::scene::Scene;
use crate::judging::is_throttled;
use crate::site::Site;
use crate::traffic::with_member;

/// How the ids of the cases begin; the question's name follows.
pub(super) const PREFIX: &str = "undecided/";
/// The label of the call that uses the key.
const FIRST: &str = "first";
/// The label of the call that is asked about.
const PROBE: &str = "probe";

/// A case for each question that the profile and the run's level grant.
pub(super) fn plan(site: &Site<'_>) -> Vec<Case> {
    Question::ALL
        .iter()
        .filter_map(|question| case(site, *question))
        .collect()
}

/// What the hub answered, in the order of the questions.
pub(super) fn read(exchanges: &[&Exchange]) -> Vec<Undecided> {
    let mut by_question: BTreeMap<Question, Vec<&Exchange>> = BTreeMap::new();
    for exchange in exchanges.iter().filter(|exchange| !is_throttled(exchange)) {
        let name = exchange.case.strip_prefix(PREFIX);
        if let Some(question) = name.and_then(Question::of_name) {
            by_question.entry(question).or_default().push(exchange);
        }
    }
    let answered = |(question, exchanges): (Question, Vec<&Exchange>)| answer(question, &exchanges);
    by_question.into_iter().filter_map(answered).collect()
}

fn answer(question: Question, exchanges: &[&Exchange]) -> Option<Undecided> {
    let labelled = |label: &str| exchanges.iter().find(|exchange| exchange.call.label == label);
    let probe = labelled(PROBE)?;
    let outcome = Outcome::of(probe);
    if outcome == Outcome::Fault {
        return None;
    }
    let data = |exchange: &Exchange| exchange.json().and_then(|body| body.get("data")).cloned();
    let replayed = match question {
        Question::UnknownMember => None,
        _ => {
            // A key is used by a call that succeeded.
            let first = labelled(FIRST).filter(|first| Outcome::of(first) == Outcome::Success)?;
            (outcome == Outcome::Success).then(|| data(first) == data(probe))
        }
    };
    Some(Undecided {
        question,
        outcome,
        replayed,
    })
}

fn case(site: &Site<'_>, question: Question) -> Option<Case> {
    let id = format!("{PREFIX}{}", question.name());
    let title = question.to_string();
    if question == Question::UnknownMember {
        let (tool, control) = site.read_control().ok()?;
        let probe = with_member(&control, "hubproof_unknown", json!(true));
        return Some(Case::new(id, title, vec![probe.labelled(PROBE)]).about(&tool.key));
    }
    let key = site.idempotency_key(&id);
    // Each makes a record of its own, which is removed again.
    let scenes = site.counting_scenes(&id).ok()?;
    let on_scene = |scene: Scene<'_>| {
        let keyed = |label: &str| scene.call(label, |body| body.keyed(&key));
        let probe = match question {
            Question::DryRunUnderUsedKey => scene.call(PROBE, |body| body.keyed(&key).dry()),
            Question::UsedKeyFromSecondApiKey => {
                site.profile.keys.get(Role::Secondary)?;
                keyed(PROBE).with_credentials(Credentials::Bearer(Role::Secondary))
            }
            _ => {
                let other = other_connection(site, scene.tool)?;
                with_member(&keyed(PROBE), "connection_id", other).labelled(PROBE)
            }
        };
        Some((scene.tool.key.clone(), [keyed(FIRST), probe]))
    };
    let (tool, calls) = scenes.into_iter().find_map(on_scene)?;
    Some(Case::new(id, title, calls.to_vec()).about(tool))
}

/// A connection of the tool's domain that works when it is named, and is not the default one.
fn other_connection(site: &Site<'_>, tool: &Tool) -> Option<Value> {
    let connections = &site.profile.connections;
    let surveyed = site.surface.survey.iter().find_map(|(key, seen)| {
        let is_of_domain = site.surface.tool(key)?.domain == tool.domain;
        seen.connection_id.as_ref().filter(|_| is_of_domain)
    });
    let default = connections.default.get(&tool.domain).or(surveyed)?;
    let mut explicit = connections.explicit.get(&tool.domain)?.iter();
    explicit.find(|id| *id != default).map(|id| json!(id))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::profile::Key;
    use hubproof_model::safety::{Allow, Risk};
    use hubproof_model::secret::Secret;

    use super::*;
    use crate::exchanges::{Hub, failed, listing_input, succeeded, ticket_input, tool};

    /// A hub whose profile grants every question.
    fn hub() -> Hub {
        let mut create = tool("itsm.tickets.create", Risk::Write, ticket_input());
        let record = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        create.output_schema = Some(record);
        let mut hub = Hub::of(vec![create, tool("itsm.tickets.list", Risk::Read, listing_input())]);
        let key = Key {
            secret: Secret::new("second"),
            variable: None,
        };
        hub.profile.keys.by_role.insert(Role::Secondary, key);
        let explicit = ["conn_itsm", "conn_other"].map(str::to_owned).to_vec();
        hub.profile.connections.explicit.insert("itsm".to_owned(), explicit);
        hub
    }

    #[test]
    fn each_question_is_asked_where_the_profile_and_the_level_grant_it() {
        let all = plan(&hub().site());
        let ids: Vec<_> = all.iter().map(|case| case.id.as_str()).collect();
        let every: Vec<_> = Question::ALL
            .iter()
            .map(|question| format!("{PREFIX}{}", question.name()))
            .collect();
        assert_eq!(ids, every);
        let [first, second] = all[3].calls()[..] else {
            panic!("{:?}", all[3])
        };
        assert_eq!(first.idempotency_key(), second.idempotency_key());
        assert_eq!(second.json().unwrap()["connection_id"], "conn_other");
        assert_eq!(first.json().unwrap()["input"], second.json().unwrap()["input"]);
        assert_eq!(plan(&hub().allowing(Allow::Probe).site()).len(), 1);
        let mut poor = hub();
        poor.profile.keys.by_role.clear();
        poor.profile.connections.explicit.clear();
        assert_eq!(plan(&poor.site()).len(), 2);
    }

    /// What is read of a case whose calls are answered so.
    fn seen(question: Question, answer: impl Fn(&Call) -> Exchange) -> Option<Undecided> {
        let cases = plan(&hub().site());
        let id = format!("{PREFIX}{}", question.name());
        let case = cases.iter().find(|case| case.id == id).unwrap();
        let exchanges: Vec<_> = case
            .calls()
            .into_iter()
            .map(|call| Exchange {
                case: id.clone(),
                ..answer(call)
            })
            .collect();
        read(&exchanges.iter().collect::<Vec<_>>()).pop()
    }

    #[test]
    fn a_success_is_the_first_calls_or_one_of_its_own() {
        let replayed = |question, data: fn(&Call) -> Value| {
            seen(question, |call| succeeded(call.clone(), data(call)))
                .unwrap()
                .replayed
        };
        let second = Question::UsedKeyFromSecondApiKey;
        assert_eq!(replayed(second, |_| json!({"id": 1})), Some(true));
        assert_eq!(replayed(second, |call| json!({"id": call.label})), Some(false));
        assert_eq!(replayed(Question::UnknownMember, |_| json!({})), None);
    }

    #[test]
    fn a_refusal_is_told_by_its_code_and_a_first_call_that_failed_tells_nothing() {
        let refused = seen(Question::DryRunUnderUsedKey, |call| match call.label.as_str() {
            FIRST => succeeded(call.clone(), json!({"id": 1})),
            _ => failed(call.clone(), 422, "INVALID_INPUT"),
        });
        let refused = refused.unwrap();
        assert_eq!(
            (refused.outcome.to_string().as_str(), refused.replayed),
            ("INVALID_INPUT", None)
        );
        let failing = seen(Question::DryRunUnderUsedKey, |call| {
            failed(call.clone(), 502, "UPSTREAM_ERROR")
        });
        assert_eq!(failing, None);
    }
}
