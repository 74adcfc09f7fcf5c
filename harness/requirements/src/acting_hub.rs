//! A small hand-made hub that acts: it keeps records, idempotency keys, approval entries and a limit. For the tests of checks that look
//! at effects.

use std::collections::BTreeMap;

use hubproof_model::approval::{ApprovalRequest, Driver, HttpDriver};
use hubproof_model::call::{Body, Call, Credentials, Endpoint};
use hubproof_model::case::{ApprovalVerdict, Case, Deed, Done, Step, call_to_decide, read_answer_placeholder};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Finding;
use hubproof_model::profile::{DomainConnection, Key};
use hubproof_model::role::Role;
use hubproof_model::safety::Risk;
use hubproof_model::secret::Secret;
use hubproof_model::surface::{Surface, Tool};
use serde_json::{Value, json};

use crate::check::Check;
use crate::evidence::Evidence;
use crate::exchanges::{Hub, answered, failed, listing_input, missing, succeeded, ticket_input, tool};
use crate::schemas::Schemas;

/// How many calls the throttled key may make.
const LIMIT: usize = 5;

/// Two domains whose tools' effects can be counted, one of them with tools that change a record, and one whose tool is gated.
pub(crate) fn acting_hub() -> Hub {
    let named = json!({"type": "object", "properties": {"ticket_id": {"type": "string", "minLength": 1}}, "required": ["ticket_id"]});
    let change = json!({
        "type": "object",
        "properties": {"ticket_id": {"type": "string", "minLength": 1}, "priority": {"type": "integer", "minimum": 6, "maximum": 9}},
        "required": ["ticket_id", "priority"]
    });
    let mut tickets = ticket_input();
    tickets["required"] = json!(["title", "priority"]);
    let make = |key: &str, risk| Tool {
        output_schema: Some(json!({"type": "object", "properties": {"id": {"type": "string"}}})),
        ..tool(key, risk, tickets.clone())
    };
    let mut hub = Hub::of(vec![
        make("crm.contacts.create", Risk::Write),
        tool("crm.contacts.list", Risk::Read, listing_input_of_markers()),
        make("hr.offers.create", Risk::Write),
        tool("hr.offers.list", Risk::Read, listing_input_of_markers()),
        make("itsm.notes.create", Risk::Write),
        tool("itsm.notes.list", Risk::Read, listing_input_of_markers()),
        make("itsm.tickets.create", Risk::Write),
        tool("itsm.tickets.delete", Risk::Destructive, named.clone()),
        tool("itsm.tickets.get", Risk::Read, named),
        tool("itsm.tickets.list", Risk::Read, listing_input_of_markers()),
        tool("itsm.tickets.update", Risk::Write, change),
    ]);
    let request = |path: &str| ApprovalRequest {
        method: "GET".to_owned(),
        path: path.to_owned(),
        body: None,
    };
    hub.profile.approvals.gated.push("hr.offers.create".to_owned());
    hub.profile.approvals.driver = Some(Driver::Http(HttpDriver {
        list: request("/approvals"),
        entries: "/approvals".to_owned(),
        id: "/id".to_owned(),
        approve: request("/approvals/<id>/approve"),
        reject: request("/approvals/<id>/reject"),
    }));
    for role in Role::ALL {
        let secret = Secret::new(format!("key-of-{role}"));
        hub.profile.keys.by_role.insert(role, Key { secret, variable: None });
    }
    hub.profile.keys.restricted_tool = Some("itsm.tickets.create".to_owned());
    hub.profile.connections.foreign = Some(DomainConnection {
        domain: "itsm".to_owned(),
        id: "conn_foreign".to_owned(),
    });
    hub
}

/// The same hub with a second gated tool, which changes a record, and a second connection of the domain of the first.
pub(crate) fn approving_hub() -> Hub {
    let mut hub = acting_hub();
    hub.profile.approvals.gated.push("itsm.tickets.delete".to_owned());
    let explicit = ["conn_hr_second", "conn_hr"].map(str::to_owned).to_vec();
    hub.profile.connections.explicit.insert("hr".to_owned(), explicit);
    hub
}

/// A listing's input that any marker fits into.
fn listing_input_of_markers() -> Value {
    let mut input = listing_input();
    input["properties"]["query"]["maxLength"] = json!(80);
    input
}

/// What the hub knows.
pub(crate) struct World {
    schemas: Schemas,
    surface: Surface,
    gated: Vec<String>,
    /// Connections beside the defaults.
    connections: Vec<String>,
    /// Workspace, resource, and the record.
    records: Vec<(String, String, Value)>,
    /// By workspace and idempotency key: what makes the call the same, and the data.
    kept: BTreeMap<(String, String), (Value, Value)>,
    entries: Vec<Entry>,
    used: usize,
    made: usize,
}

/// An entry in Approvals.
struct Entry {
    workspace: &'static str,
    key: Option<String>,
    asked: Value,
    same: Value,
    verdict: Option<ApprovalVerdict>,
}

/// What the check finds when the hub plays each of its cases. `twist` answers some calls in the hub's place, wrongly.
pub(crate) fn found_acting(
    hub: &Hub,
    check: &dyn Check,
    twist: impl Fn(&mut World, &Call) -> Option<Exchange>,
) -> Vec<Finding> {
    let cases = hub.plan(check).expect("the acting hub exercises the check");
    cases.iter().flat_map(|case| judged(hub, check, case, &twist)).collect()
}

/// A twist: every answer is the hub's, and Approvals lists no entry after it.
pub(crate) fn unlisted(world: &mut World, call: &Call) -> Option<Exchange> {
    let answer = world.answer(call);
    world.clear_entries();
    Some(answer)
}

/// What the check finds in one case.
pub(crate) fn judged(
    hub: &Hub,
    check: &dyn Check,
    case: &Case,
    twist: impl Fn(&mut World, &Call) -> Option<Exchange>,
) -> Vec<Finding> {
    let mut world = World::new(hub);
    let (mut exchanges, mut deeds) = (Vec::new(), Vec::new());
    let send = |world: &mut World, exchanges: &mut Vec<Exchange>, call: &Call| {
        let call = filled(call, exchanges);
        let answer = twist(world, &call).unwrap_or_else(|| world.answer(&call));
        exchanges.push(Exchange {
            number: exchanges.len() as u64 + 1,
            case: case.id.clone(),
            call,
            ..answer
        });
    };
    let mut done = |label: &str, outcome| {
        deeds.push(Deed {
            label: label.to_owned(),
            outcome,
        });
    };
    for step in &case.steps {
        match step {
            Step::Exhaust(exhaustion) => {
                for number in 1..=LIMIT + 2 {
                    let label = format!("{}/{number}", exhaustion.label);
                    send(&mut world, &mut exchanges, &exhaustion.call.clone().labelled(label));
                }
                let outcome = Done::Exhausted {
                    sent: LIMIT as u64 + 2,
                    limit: LIMIT as u64,
                };
                done(&exhaustion.label, Ok(outcome));
            }
            Step::AwaitReset(role) => {
                world.used = 0;
                done(&format!("reset of {role}"), Ok(Done::Waited));
            }
            Step::AfterReset(call) => {
                world.used = 0;
                done(&format!("reset of {}", Role::Throttled), Ok(Done::Waited));
                send(&mut world, &mut exchanges, call);
            }
            Step::Decide(decide) => {
                let decided = entry_of(&world, &exchanges, &decide.of).map(|at| {
                    world.entries[at].verdict = Some(decide.verdict);
                    Done::Decided
                });
                done(
                    &decide.label,
                    hub.profile
                        .approvals
                        .driver
                        .as_ref()
                        .and(decided)
                        .ok_or(NOT_DONE.to_owned()),
                );
            }
            Step::CountEntries(count) => {
                let of = call_to_decide(&exchanges, &count.of);
                let of = of.expect("entries are counted of a call that was sent");
                let belongs = |entry: &&Entry| {
                    let key = of.call.idempotency_key();
                    (key.is_some() && entry.key.as_deref() == key) || entry.asked["input"] == json_of(&of.call)["input"]
                };
                let entries = world.entries.iter().filter(belongs).count();
                done(&count.label, listed(hub).map(|()| Done::Entries(entries as u64)));
            }
            Step::ShowEntry(look) => {
                let shown = entry_of(&world, &exchanges, &look.of).map(|at| Done::Entry {
                    id: world.id_of(at),
                    shown: json!({"id": world.id_of(at), "request": world.entries[at].asked}),
                });
                done(&look.label, listed(hub).and(shown.ok_or(NOT_DONE.to_owned())));
            }
            _ => {
                let calls: Vec<_> = step.calls().into_iter().cloned().collect();
                calls.iter().for_each(|call| send(&mut world, &mut exchanges, call));
            }
        }
    }
    check.judge(&Evidence {
        surface: &hub.surface,
        schemas: &Schemas::of(&hub.surface),
        case: Some(case),
        exchanges: exchanges.iter().collect(),
        deeds: &deeds,
    })
}

/// What is said where a step of an approver is not done.
const NOT_DONE: &str = "there is no entry, or nobody to look at it";

/// Whether somebody lists entries.
fn listed(hub: &Hub) -> Result<(), String> {
    let lists = hub.profile.approvals.driver.as_ref().is_some_and(Driver::lists_entries);
    lists.then_some(()).ok_or(NOT_DONE.to_owned())
}

fn entry_of(world: &World, exchanges: &[Exchange], label: &str) -> Option<usize> {
    let of = call_to_decide(exchanges, label)?;
    let key = of.call.idempotency_key()?;
    world.entries.iter().position(|entry| entry.key.as_deref() == Some(key))
}

/// What makes a call the same as another.
fn same_of(call: &Call) -> Value {
    let body = json_of(call);
    json!([call.tool(), body["input"], body["connection_id"]])
}

/// The call with what earlier answers tell.
fn filled(call: &Call, earlier: &[Exchange]) -> Call {
    let Body::Json(body) = &call.body else {
        return call.clone();
    };
    let mut body = body.clone();
    for member in body["input"]
        .as_object_mut()
        .into_iter()
        .flat_map(|input| input.values_mut())
    {
        let Some((label, pointer)) = member.as_str().and_then(read_answer_placeholder) else {
            continue;
        };
        let answer = earlier.iter().find(|exchange| exchange.call.label == label);
        *member = answer
            .and_then(|exchange| exchange.json()?.pointer(pointer).cloned())
            .unwrap_or_default();
    }
    call.clone().with_body(Body::Json(body))
}

fn json_of(call: &Call) -> Value {
    match &call.body {
        Body::Json(body) => body.clone(),
        Body::Text(text) => serde_json::from_str(&text.0).unwrap_or_default(),
        Body::Repeat {
            head,
            unit,
            times,
            tail,
        } => serde_json::from_str(&format!("{head}{}{tail}", unit.repeat(*times))).unwrap_or_default(),
        _ => Value::Null,
    }
}

fn workspace_of(call: &Call) -> Option<(&'static str, Role)> {
    match call.credentials {
        Credentials::Bearer(Role::Foreign) => Some(("foreign", Role::Foreign)),
        Credentials::Bearer(role) => Some(("own", role)),
        _ => None,
    }
}

impl World {
    fn new(hub: &Hub) -> Self {
        Self {
            schemas: Schemas::of(&hub.surface),
            surface: hub.surface.clone(),
            gated: hub.profile.approvals.gated.clone(),
            connections: hub.profile.connections.explicit.values().flatten().cloned().collect(),
            records: Vec::new(),
            kept: BTreeMap::new(),
            entries: Vec::new(),
            used: 0,
            made: 0,
        }
    }

    /// The sound answer.
    pub(crate) fn answer(&mut self, call: &Call) -> Exchange {
        if let Some(refusal) = self.refusal(call) {
            return refusal;
        }
        let body = json_of(call);
        let tool = call.tool().unwrap_or_default().to_owned();
        let is_read = self
            .surface
            .tool(&tool)
            .is_some_and(|tool| !tool.risk().is_state_changing());
        if is_read {
            return self.act(call);
        }
        if body["dry_run"] == true {
            return succeeded(call.clone(), json!({"planned": true}));
        }
        let workspace = workspace_of(call).map_or("", |(workspace, _)| workspace).to_owned();
        let key = body["idempotency_key"].as_str().map(str::to_owned);
        let same = json!([tool, body["input"], body["connection_id"]]);
        let kept = key
            .clone()
            .and_then(|key| self.kept.get(&(workspace.clone(), key)).cloned());
        match kept {
            Some((own, data)) if own == same => return succeeded(call.clone(), data),
            Some(_) => return failed(call.clone(), 409, "INVALID_INPUT"),
            None => {}
        }
        if let Some(refusal) = self.gated.contains(&tool).then(|| self.unapproved(call)).flatten() {
            return refusal;
        }
        let done = self.act(call);
        if let (Some(key), Some(data)) = (key, done.json().and_then(|body| body.get("data"))) {
            self.kept.insert((workspace, key), (same, data.clone()));
        }
        done
    }

    /// The call done, whatever its key and its approval.
    pub(crate) fn act(&mut self, call: &Call) -> Exchange {
        let workspace = workspace_of(call).map_or("", |(workspace, _)| workspace).to_owned();
        let key = call.tool().unwrap_or_default().to_owned();
        let (resource, action) = key.rsplit_once('.').unwrap_or_default();
        let input = json_of(call)["input"].clone();
        let at = |id: &Value, records: &[(String, String, Value)]| {
            let is_it = |(own, of, record): &(String, String, Value)| {
                *own == workspace && of == resource && record["id"] == *id
            };
            records.iter().position(is_it)
        };
        match action {
            "create" => {
                self.made += 1;
                let mut record = input;
                record["id"] = json!(format!("rec_{}", self.made));
                self.records.push((workspace, resource.to_owned(), record.clone()));
                succeeded(call.clone(), record)
            }
            "list" => {
                let query = input["query"].as_str().unwrap_or_default();
                let shown = self.records.iter().filter(|(own, of, record)| {
                    *own == workspace && of == resource && record.to_string().contains(query)
                });
                let shown: Vec<_> = shown.map(|(_, _, record)| record.clone()).collect();
                succeeded(call.clone(), json!({"items": shown}))
            }
            _ => match (at(&input["ticket_id"], &self.records), action) {
                (None, _) => missing(call.clone()),
                (Some(at), "delete") => succeeded(call.clone(), self.records.remove(at).2),
                (Some(at), "update") => {
                    self.records[at].2["priority"] = input["priority"].clone();
                    succeeded(call.clone(), self.records[at].2.clone())
                }
                (Some(at), _) => succeeded(call.clone(), self.records[at].2.clone()),
            },
        }
    }

    /// The sound answer to the call with another idempotency key, and any other change to its body.
    pub(crate) fn answer_changed(&mut self, call: &Call, change: impl FnOnce(&mut Value)) -> Exchange {
        let mut body = json_of(call);
        change(&mut body);
        self.answer(&call.clone().with_body(Body::Json(body)))
    }

    /// Keeps these data under a key, as if a call had been answered with them.
    pub(crate) fn keep(&mut self, call: &Call, data: Value) {
        let body = json_of(call);
        let workspace = workspace_of(call).map_or("", |(workspace, _)| workspace).to_owned();
        let key = body["idempotency_key"].as_str().unwrap_or_default().to_owned();
        let same = json!([call.tool(), body["input"], body["connection_id"]]);
        self.kept.insert((workspace, key), (same, data));
    }

    /// The data that are kept under a key, whoever used it.
    pub(crate) fn kept_under(&self, key: &str) -> Option<Value> {
        let mut kept = self.kept.iter();
        kept.find(|((_, own), _)| own == key).map(|(_, (_, data))| data.clone())
    }

    /// Makes an entry in Approvals.
    pub(crate) fn enter(&mut self, call: &Call) {
        let asked = json_of(call);
        self.entries.push(Entry {
            workspace: workspace_of(call).map_or("", |(workspace, _)| workspace),
            key: asked["idempotency_key"].as_str().map(str::to_owned),
            same: same_of(call),
            asked,
            verdict: None,
        });
    }

    /// Hides the latest record from all reads.
    pub(crate) fn take_record(&mut self) -> Option<(String, String, Value)> {
        self.records.pop()
    }

    /// Shows a record again that was hidden.
    pub(crate) fn put_record(&mut self, record: (String, String, Value)) {
        self.records.push(record);
    }

    /// Forgets all entries.
    pub(crate) fn clear_entries(&mut self) {
        self.entries.clear();
    }

    fn id_of(&self, entry: usize) -> String {
        format!("apr_{}", entry + 1)
    }

    /// The refusal of a gated call that nobody has approved; its first asking makes an entry.
    fn unapproved(&mut self, call: &Call) -> Option<Exchange> {
        let workspace = workspace_of(call).map_or("", |(workspace, _)| workspace);
        let key = call.idempotency_key();
        let is_own = |entry: &Entry| key.is_some() && entry.key.as_deref() == key && entry.workspace == workspace;
        let at = self.entries.iter().position(is_own).unwrap_or_else(|| {
            self.enter(call);
            self.entries.len() - 1
        });
        let entry = &self.entries[at];
        let refuse = |code: &str| {
            let error = json!({"code": code, "message": "no", "details": {"approval_id": self.id_of(at)}});
            Some(answered(
                call.clone(),
                403,
                json!({"success": false, "error": error, "request_id": "req_1"}),
            ))
        };
        match entry.verdict {
            _ if entry.same != same_of(call) => Some(failed(call.clone(), 409, "INVALID_INPUT")),
            None => refuse("APPROVAL_REQUIRED"),
            Some(ApprovalVerdict::Reject) => refuse("FORBIDDEN"),
            Some(ApprovalVerdict::Approve) => None,
        }
    }

    fn refusal(&mut self, call: &Call) -> Option<Exchange> {
        let refuse = |status, code| Some(failed(call.clone(), status, code));
        let Some((workspace, role)) = workspace_of(call) else {
            return refuse(401, "UNAUTHORIZED");
        };
        if role == Role::Throttled {
            self.used += 1;
            if self.used > LIMIT {
                return refuse(429, "RATE_LIMITED");
            }
        }
        let Endpoint::Execute { tool } = &call.endpoint else {
            return refuse(404, "NOT_FOUND");
        };
        let Some(known) = self.surface.tool(tool) else {
            return refuse(404, "TOOL_NOT_FOUND");
        };
        if role == Role::Restricted && tool == "itsm.tickets.create" {
            return refuse(403, "FORBIDDEN");
        }
        let body = json_of(call);
        let key = body.get("idempotency_key").and_then(Value::as_str);
        let is_odd = |key: &str| key.is_empty() || key.len() > 255 || key.contains(char::is_control);
        let accepts = |schema: &Value| {
            let validator = self.schemas.validator(schema);
            validator.is_ok_and(|validator| validator.is_valid(&body["input"]))
        };
        let is_valid = known.input_schema.as_ref().is_some_and(accepts);
        if key.is_some_and(is_odd) || !is_valid {
            return refuse(400, "INVALID_INPUT");
        }
        let own = match workspace {
            "foreign" if ["hr", "itsm"].contains(&known.domain.as_str()) => "conn_foreign".to_owned(),
            "foreign" => return refuse(404, "CONNECTION_NOT_FOUND"),
            _ => format!("conn_{}", known.domain),
        };
        match body.get("connection_id").and_then(Value::as_str) {
            Some(named) if named != own && !self.connections.iter().any(|known| known == named) => {
                refuse(404, "CONNECTION_NOT_FOUND")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::scene::Scene;

    #[test]
    fn the_effects_of_its_tools_can_be_told() {
        let hub = acting_hub();
        let site = hub.site();
        let keys = |scenes: Vec<Scene<'_>>| scenes.iter().map(|scene| scene.tool.key.clone()).collect::<Vec<_>>();
        assert_eq!(keys(site.scenes("a").unwrap()).len(), 5);
        // Tickets can be removed again.
        assert_eq!(
            keys(site.few_counting_scenes("a").unwrap()),
            ["itsm.tickets.create", "crm.contacts.create"]
        );
        assert_eq!(keys(site.gated_scenes("a").unwrap()), ["hr.offers.create"]);
        let hub = approving_hub();
        let gated = hub.site().gated_scenes("a").unwrap();
        assert_eq!(keys(gated), ["hr.offers.create", "itsm.tickets.delete"]);
    }
}
