//! The routes, and the way from a request to the bytes of its answer.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::routing::any;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::approvals::{Status, api, page};
use crate::body::{self, Incoming};
use crate::catalogue::ApiKey;
use crate::catalogue_view;
use crate::credentials::{Face, unauthorized};
use crate::envelope::{Answer, Payload, Success};
use crate::error::{ApiError, Code};
use crate::execution::{Refusal, execute};
use crate::limits::{Quota, QuotaHeaders, Telling, Told};
use crate::openapi;
use crate::request_id::RequestId;
use crate::state::HubState;

/// Where the API lives.
pub(crate) const BASE: &str = "/api/v1";

type Key = Result<Path<String>, PathRejection>;
type Hub = State<Arc<HubState>>;

/// Every route. Methods are checked by the handlers, so that one place answers what is wrong with them.
pub(crate) fn router(hub: Arc<HubState>) -> Router {
    // Not nested: that costs every request a rewritten URI.
    let below = |path: &str| format!("{BASE}{path}");
    Router::new()
        .route(&below("/tools"), any(listing))
        .route(&below("/tools/{key}"), any(definition))
        .route(&below("/tools/{key}/execute"), any(execution))
        .route(&below("/approvals"), any(approvals))
        .route(&below("/approvals/{id}"), any(approval))
        .route(&below("/approvals/{id}/approve"), any(approve))
        .route(&below("/approvals/{id}/reject"), any(reject))
        .route("/approvals", any(approvals_page))
        .route("/approvals/sign-in", any(page_sign_in))
        .route("/approvals/sign-out", any(page_sign_out))
        .route("/approvals/{id}/approve", any(page_approve))
        .route("/approvals/{id}/reject", any(page_reject))
        .route("/healthz", any(health))
        .route("/openapi.json", any(description))
        .fallback(unknown_route)
        .with_state(hub)
}

/// A request on its way through the hub.
struct Visit {
    hub: Arc<HubState>,
    head: Parts,
    request_id: RequestId,
    began: Instant,
    /// What the caller's key has left, once the caller is known.
    quota: Option<Quota>,
    /// Whether that was too little for this request.
    is_throttled: bool,
    face: Option<Told>,
    caller: Option<Arc<ApiKey>>,
}

impl Visit {
    fn begin(hub: Arc<HubState>, request: Request) -> (Self, Body) {
        let (head, body) = request.into_parts();
        let request_id = hub.request_id();
        let visit = Self {
            hub,
            head,
            request_id,
            began: Instant::now(),
            quota: None,
            is_throttled: false,
            face: None,
            caller: None,
        };
        (visit, body)
    }

    /// Lets the caller in, and shows its quota from here on (RTL-13).
    fn admit(&mut self, face: Face<'_>) -> Result<Option<Arc<ApiKey>>, ApiError> {
        self.face = match face {
            Face::Listing => Some(Told::Listing),
            Face::Definition(_) => Some(Told::Definition),
            Face::Execute(_) => Some(Told::Execute),
            Face::Approvals => None,
        };
        self.caller = (self.hub.flow.guard)(&self.hub, &self.head, face)?;
        // An execute is about to be counted, which shows its quota.
        if let Some(key) = self.caller.as_ref().filter(|_| self.face != Some(Told::Execute)) {
            self.quota = Some(self.hub.limits.show(key, self.hub.clock.now()));
        }
        Ok(self.caller.clone())
    }

    /// Counts an execute.
    async fn count(&mut self, key: &ApiKey) -> Result<(), ApiError> {
        let now = self.hub.clock.now();
        let taken = (self.hub.flow.take)(&self.hub, key, now).await;
        self.is_throttled = taken.is_err();
        let (Ok(quota) | Err(quota)) = taken;
        self.quota = Some(quota);
        match taken {
            Ok(_) => Ok(()),
            Err(quota) => Err((self.hub.flow.throttle)(quota, now)),
        }
    }

    fn quota_headers(&self, status: StatusCode) -> Option<QuotaHeaders> {
        (self.hub.flow.tell_quota)(&Telling {
            key: self.caller.as_deref()?,
            face: self.face?,
            quota: self.quota?,
            is_throttled: self.is_throttled,
            status,
        })
    }

    /// The answer to a wrong method, if the method is wrong (EXE-14). `HEAD` goes with `GET`.
    fn wrong_method(&self, allow: &'static str) -> Option<Answer> {
        let method = self.head.method.as_str();
        if allow.split(", ").any(|allowed| allowed == method) {
            return None;
        }
        let (status, allow) = (self.hub.flow.wrong_method)(allow);
        let error = ApiError::new(Code::MethodNotAllowed, "This route does not have this method.").under(status);
        let answer = (self.hub.flow.outside)(&self.head, &error, &self.request_id);
        Some(match allow {
            Some(allow) => answer.with(ALLOW, allow),
            None => answer,
        })
    }

    fn catalogue(&self, result: Result<Value, ApiError>) -> Answer {
        match result {
            Ok(body) => Answer::json(StatusCode::OK, body),
            Err(error) => self.refusal(&error),
        }
    }

    fn refusal(&self, error: &ApiError) -> Answer {
        let flow = &self.hub.flow;
        let body = (flow.failure)(&self.head, error, &self.request_id);
        let mut answer = Answer::json((flow.failure_status)(error), body);
        if let (Code::Unauthorized, Some(challenge)) = (error.code, flow.challenge) {
            answer = answer.with(WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = error.retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            answer = answer.with(RETRY_AFTER, seconds.to_string());
        }
        answer
    }

    /// The bytes of an answer.
    fn end(self, mut answer: Answer) -> Response<Body> {
        if let Some(told) = self.quota_headers(answer.status) {
            answer = answer
                .with(HeaderName::from_static("x-ratelimit-limit"), told.limit)
                .with(HeaderName::from_static("x-ratelimit-remaining"), told.remaining)
                .with(HeaderName::from_static("x-ratelimit-reset"), told.reset);
        }
        tracing::info!(
            method = %self.head.method,
            path = self.head.uri.path(),
            status = answer.status.as_u16(),
            request_id = &*self.request_id,
            key = self.caller.as_ref().map(|key| key.id.as_str()),
            elapsed_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            "answered",
        );
        let (declared, bytes) = match answer.payload {
            Payload::Json(value) => (Some(self.hub.flow.content_type), value.to_string().into()),
            Payload::Written(json) => (Some(self.hub.flow.content_type), Bytes::from(json)),
            Payload::Text(text) => (Some("text/plain; charset=utf-8"), text.into()),
            Payload::Html(html) => (Some("text/html; charset=utf-8"), html.into()),
            Payload::Empty => (None, Bytes::new()),
        };
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        if let Some(declared) = declared {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(declared));
        }
        response
    }
}

/// The path's parameter; what is not UTF-8 names nothing that exists.
fn parameter(key: Key) -> String {
    key.map_or_else(|_| char::REPLACEMENT_CHARACTER.to_string(), |Path(key)| key)
}

async fn listing(State(hub): Hub, request: Request) -> Response<Body> {
    let (mut visit, _) = Visit::begin(hub, request);
    let answer = visit.wrong_method("GET, HEAD").unwrap_or_else(|| {
        let listed = visit
            .admit(Face::Listing)
            .and_then(|_| catalogue_view::list(&visit.hub, &visit.head));
        visit.catalogue(listed)
    });
    visit.end(answer)
}

async fn definition(State(hub): Hub, key: Key, request: Request) -> Response<Body> {
    let (mut visit, _) = Visit::begin(hub, request);
    let key = parameter(key);
    let answer = visit.wrong_method("GET, HEAD").unwrap_or_else(|| {
        let defined = visit
            .admit(Face::Definition(&key))
            .and_then(|_| catalogue_view::define(&visit.hub, &key));
        visit.catalogue(defined)
    });
    visit.end(answer)
}

async fn execution(State(hub): Hub, key: Key, request: Request) -> Response<Body> {
    let (mut visit, body) = Visit::begin(hub, request);
    if let Some(answer) = visit.wrong_method("POST") {
        return visit.end(answer);
    }
    let done = execute_as(&mut visit, &parameter(key), body).await;
    let answer = match done {
        Ok(success) => {
            let flow = &visit.hub.flow;
            let body = (flow.success)(&visit.hub, &success, &visit.request_id);
            Answer::new((flow.success_status)(&success), body)
        }
        Err(error) => visit.refusal(&error),
    };
    visit.end(answer)
}

async fn execute_as(visit: &mut Visit, tool: &str, body: Body) -> Result<Success, ApiError> {
    let mut body = Incoming::Unread(body);
    let error = match admit_and_execute(visit, tool, &mut body).await {
        Ok(success) => return Ok(success),
        Err(error) => error,
    };
    let refusal = Refusal {
        hub: &visit.hub,
        head: &visit.head,
        caller: visit.caller.clone(),
        tool,
        body: &mut body,
        request_id: visit.request_id,
        error,
    };
    (visit.hub.flow.settle)(refusal).await
}

async fn admit_and_execute(visit: &mut Visit, tool: &str, body: &mut Incoming) -> Result<Success, ApiError> {
    let caller = visit.admit(Face::Execute(tool))?;
    let key = caller.ok_or_else(|| unauthorized("Authorization is missing: send `Bearer <API key>`."))?;
    visit.count(&key).await?;
    execute(&visit.hub, key, &visit.head, tool, body, visit.request_id).await
}

async fn approvals(State(hub): Hub, request: Request) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let answer = visit
        .wrong_method("GET, HEAD")
        .unwrap_or_else(|| visit.catalogue(api::list(&visit.hub, &visit.head)));
    visit.end(answer)
}

async fn approval(State(hub): Hub, id: Key, request: Request) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let answer = visit
        .wrong_method("GET, HEAD")
        .unwrap_or_else(|| visit.catalogue(api::get(&visit.hub, &visit.head, &parameter(id))));
    visit.end(answer)
}

async fn approve(hub: Hub, id: Key, request: Request) -> Response<Body> {
    decide(hub, id, request, Status::Approved)
}

async fn reject(hub: Hub, id: Key, request: Request) -> Response<Body> {
    decide(hub, id, request, Status::Rejected)
}

fn decide(State(hub): Hub, id: Key, request: Request, decision: Status) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let answer = visit
        .wrong_method("POST")
        .unwrap_or_else(|| visit.catalogue(api::decide(&visit.hub, &visit.head, &parameter(id), decision)));
    visit.end(answer)
}

async fn approvals_page(State(hub): Hub, request: Request) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let answer = visit
        .wrong_method("GET, HEAD")
        .unwrap_or_else(|| page::show(&visit.hub, &visit.head));
    visit.end(answer)
}

async fn page_sign_in(hub: Hub, request: Request) -> Response<Body> {
    with_form(hub, request, |visit, form| page::sign_in(&visit.hub, form)).await
}

async fn page_sign_out(hub: Hub, request: Request) -> Response<Body> {
    with_form(hub, request, |visit, _| page::sign_out(&visit.hub, &visit.head)).await
}

async fn page_approve(hub: Hub, id: Key, request: Request) -> Response<Body> {
    let id = parameter(id);
    with_form(hub, request, |visit, form| {
        page::decide(&visit.hub, &visit.head, &id, Status::Approved, form)
    })
    .await
}

async fn page_reject(hub: Hub, id: Key, request: Request) -> Response<Body> {
    let id = parameter(id);
    with_form(hub, request, |visit, form| {
        page::decide(&visit.hub, &visit.head, &id, Status::Rejected, form)
    })
    .await
}

async fn with_form(State(hub): Hub, request: Request, answer: impl Fn(&Visit, &[u8]) -> Answer) -> Response<Body> {
    let (visit, body) = Visit::begin(hub, request);
    if let Some(answer) = visit.wrong_method("POST") {
        return visit.end(answer);
    }
    let answer = match body::collect(body).await {
        Ok(form) => answer(&visit, &form),
        Err(error) => visit.refusal(&error),
    };
    visit.end(answer)
}

async fn health(State(hub): Hub, request: Request) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let answer = visit
        .wrong_method("GET, HEAD")
        .unwrap_or_else(|| Answer::json(StatusCode::OK, json!({"status": "ok"})));
    visit.end(answer)
}

async fn description(State(hub): Hub, request: Request) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let answer = visit.wrong_method("GET, HEAD").unwrap_or_else(|| {
        // Relative to where the description was found: right behind any proxy.
        openapi::describe(BASE).unwrap_or_else(|fault| {
            tracing::error!(%fault, "the description is not JSON");
            visit.refusal(&ApiError::new(Code::InternalError, "There is no description."))
        })
    });
    visit.end(answer)
}

async fn unknown_route(State(hub): Hub, request: Request) -> Response<Body> {
    let (visit, _) = Visit::begin(hub, request);
    let error = ApiError::new(Code::RouteNotFound, "There is no such route.");
    let answer = (visit.hub.flow.outside)(&visit.head, &error, &visit.request_id);
    visit.end(answer)
}
