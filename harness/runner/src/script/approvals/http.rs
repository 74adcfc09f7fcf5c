//! The `http` driver: requests to the hub with the approver's key.

use hubproof_model::approval::{ApprovalRequest, HttpDriver};
use hubproof_model::call::{Body, Call, Credentials, Endpoint, Intent, Template, encode_segment};
use hubproof_model::case::{ApprovalVerdict, Case};
use hubproof_model::effect::{ID, fill};
use hubproof_model::exchange::Exchange;
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_requirements::judging::observed;
use serde_json::Value;

use super::{Approver, Asked};

impl Approver<'_> {
    pub(super) async fn send_list(&self, driver: &HttpDriver, case: &Case) -> Asked<Vec<Value>> {
        let call = call(&driver.list, "", "list", Intent::Read);
        let sent = self.session.send(&case.id, &call).await;
        let exchange = &sent.exchange;
        let place = format!("{} {}", driver.list.method, driver.list.path);
        let listed = match is_success(exchange) {
            false => Err(refused(&place, exchange)),
            true => {
                let entries = exchange.json().and_then(|body| body.pointer(&driver.entries));
                entries.and_then(Value::as_array).cloned().ok_or_else(|| {
                    let at = &driver.entries;
                    format!("{place} has no array of entries at `{at}`: see [approvals] list.entries")
                })
            }
        };
        (listed, sent.into_exchanges().collect())
    }

    pub(super) async fn send_decision(
        &self,
        driver: &HttpDriver,
        case: &Case,
        verdict: ApprovalVerdict,
        id: &str,
    ) -> Asked<()> {
        let request = match verdict {
            ApprovalVerdict::Approve => &driver.approve,
            ApprovalVerdict::Reject => &driver.reject,
        };
        // A decision lets the hub execute, at the level at which the call itself is allowed.
        let call = call(request, id, "decision", Intent::Execute(Allow::Write));
        let sent = self.session.send(&case.id, &call).await;
        let taken = match is_success(&sent.exchange) {
            true => Ok(()),
            false => Err(refused(&format!("{} {}", request.method, request.path), &sent.exchange)),
        };
        (taken, sent.into_exchanges().collect())
    }
}

fn call(request: &ApprovalRequest, id: &str, label: &str, intent: Intent) -> Call {
    let body = request
        .body
        .as_ref()
        .map(|body| fill(body, ID, &Value::String(id.to_owned())));
    Call {
        label: label.to_owned(),
        method: request.method.clone(),
        credentials: Credentials::Bearer(Role::Approver),
        content_type: body.as_ref().map(|_| "application/json".to_owned()),
        body: body.map_or(Body::Empty, Body::Json),
        intent,
        path: Template(request.path.replace(ID, &encode_segment(id))),
        ..Call::get(Endpoint::Approvals, "")
    }
}

fn is_success(exchange: &Exchange) -> bool {
    exchange
        .response()
        .is_some_and(|response| (200..300).contains(&response.status))
}

fn refused(place: &str, exchange: &Exchange) -> String {
    let hint = match exchange.response().map(|response| response.status) {
        Some(401 | 403) => "see [keys] approver",
        Some(_) => "see [approvals]",
        None => "see [target]",
    };
    format!("the approver's {place} failed ({}): {hint}", observed(exchange))
}
