//! The web page at `/approvals`: a person signs in with an approver's key, reads what waits, and approves or rejects. It needs no
//! script.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, SET_COOKIE, X_FRAME_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use maud::{DOCTYPE, Markup, html};

use super::api::decide_as;
use super::session::{COOKIE_NAME, Session};
use super::{Approval, Status};
use crate::envelope::{Answer, Payload};
use crate::state::HubState;

const PATH: &str = "/approvals";
const STYLE: &str = include_str!("page.css");

/// `GET /approvals`
pub(crate) fn show(hub: &HubState, head: &Parts) -> Answer {
    match hub.sessions.of(&head.headers, hub.clock.now()) {
        Some(session) => page(StatusCode::OK, &entries(hub, &session, None)),
        None => page(StatusCode::OK, &sign_in_form(None)),
    }
}

/// `POST /approvals/sign-in`
pub(crate) fn sign_in(hub: &HubState, form: &[u8]) -> Answer {
    let key = field(form, "key").and_then(|token| hub.key(token.trim()));
    let approver = key.filter(|key| key.approver && (hub.flow.is_valid)(key));
    let token = approver.and_then(|approver| hub.sessions.begin(approver, hub.clock.now()));
    match token {
        Some(token) => see_other().with(
            SET_COOKIE,
            format!("{COOKIE_NAME}={token}; Path={PATH}; HttpOnly; SameSite=Strict; Max-Age=3600"),
        ),
        None => page(
            StatusCode::FORBIDDEN,
            &sign_in_form(Some("This is not the key of an approver.")),
        ),
    }
}

/// `POST /approvals/sign-out`
pub(crate) fn sign_out(hub: &HubState, head: &Parts) -> Answer {
    hub.sessions.end(&head.headers);
    see_other().with(SET_COOKIE, format!("{COOKIE_NAME}=; Path={PATH}; Max-Age=0"))
}

/// `POST /approvals/{id}/approve` and `/reject`
pub(crate) fn decide(hub: &Arc<HubState>, head: &Parts, id: &str, decision: Status, form: &[u8]) -> Answer {
    let Some(session) = hub.sessions.of(&head.headers, hub.clock.now()) else {
        return page(StatusCode::FORBIDDEN, &sign_in_form(Some("Sign in first.")));
    };
    if field(form, "form_token").as_ref() != Some(&session.form_token) {
        let refusal = "This form is not from this page. Try again.";
        return page(StatusCode::FORBIDDEN, &entries(hub, &session, Some(refusal)));
    }
    match decide_as(hub, &session.approver, id, decision) {
        Ok(_) => see_other(),
        Err(refusal) => page(refusal.status(), &entries(hub, &session, Some(&refusal.message))),
    }
}

fn field(form: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(form).find_map(|(own, value)| (own == name).then(|| value.into_owned()))
}

fn see_other() -> Answer {
    let empty = Answer {
        status: StatusCode::SEE_OTHER,
        headers: HeaderMap::new(),
        payload: Payload::Empty,
    };
    empty.with(LOCATION, PATH)
}

fn page(status: StatusCode, content: &Markup) -> Answer {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Approvals" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body { main { h1 { "Approvals" } (content) } }
        }
    };
    let answer = Answer {
        status,
        headers: HeaderMap::new(),
        payload: Payload::Html(document.into_string()),
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    answer
        .with(CONTENT_SECURITY_POLICY, policy)
        .with(X_FRAME_OPTIONS, "DENY")
        .with(CACHE_CONTROL, "no-store")
}

fn sign_in_form(refusal: Option<&str>) -> Markup {
    html! {
        @if let Some(refusal) = refusal { p.refusal role="alert" { (refusal) } }
        form.sign-in method="post" action={ (PATH) "/sign-in" } {
            label for="key" { "Approver's API key" }
            input id="key" name="key" type="password" autocomplete="off" required autofocus;
            button.approve { "Sign in" }
        }
    }
}

fn entries(hub: &HubState, session: &Session, refusal: Option<&str>) -> Markup {
    let all = hub.approvals.list(&session.approver.workspace, None);
    let (pending, decided): (Vec<_>, Vec<_>) = all.iter().partition(|entry| entry.status == Status::Pending);
    html! {
        form.sign-out method="post" action={ (PATH) "/sign-out" } {
            span { (session.approver.id) " · " (session.approver.workspace) }
            button { "Sign out" }
        }
        @if let Some(refusal) = refusal { p.refusal role="alert" { (refusal) } }
        h2 { "Waiting (" (pending.len()) ")" }
        @if pending.is_empty() { p.empty { "No call waits for a decision." } }
        @for entry in pending { (card(entry, Some(session))) }
        @if !decided.is_empty() {
            h2 { "Decided (" (decided.len()) ")" }
            @for entry in decided { (card(entry, None)) }
        }
    }
}

fn card(entry: &Approval, decider: Option<&Session>) -> Markup {
    let input = serde_json::to_string_pretty(&entry.input).unwrap_or_default();
    html! {
        article {
            header { strong { (entry.tool) } span class={ "status " (entry.status.name()) } { (entry.status.name()) } }
            dl {
                dt { "Entry" } dd { (entry.id) }
                dt { "Connection" } dd { (entry.connection_id) }
                dt { "Asked by" } dd { (entry.requested_by) " at " (entry.requested_at) }
                dt { "Idempotency key" } dd { (entry.idempotency_key) }
                @if let (Some(by), Some(at)) = (&entry.decided_by, &entry.decided_at) { dt { "Decided by" } dd { (by) " at " (at) } }
            }
            pre { (input) }
            @if let Some(session) = decider {
                div.actions {
                    @for (action, class, label) in [("approve", "approve", "Approve"), ("reject", "reject", "Reject")] {
                        form method="post" action={ (PATH) "/" (entry.id) "/" (action) } {
                            input type="hidden" name="form_token" value=(session.form_token);
                            button class=(class) { (label) }
                        }
                    }
                }
            }
        }
    }
}
