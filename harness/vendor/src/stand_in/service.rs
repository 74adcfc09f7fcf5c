//! Answers one request: what a vendor does with it, and what a fault makes of that.

use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use serde_json::Value;
use tokio::sync::oneshot;

use super::Stage;
use super::body::{HangUp, Steps};
use super::response::{damaged, login_page, whole};
use super::socket::Wire;
use crate::account::{Refusal, Request as RouteRequest};
use crate::answer::Answer;
use crate::fault::Fault;
use crate::received::{Credentials, Received};
use crate::script::Met;
use crate::vendor::Route;

/// The largest body that is read.
const LARGEST_BODY: usize = 1 << 20;

/// Answers a request.
pub(super) async fn answer(
    stage: Arc<Stage>,
    wire: Wire,
    request: Request<Incoming>,
) -> Result<Response<Steps>, HangUp> {
    let (head, body) = request.into_parts();
    // Looked at before its body: what reached the vendor counts though the rest never comes.
    let routed = route(&stage, &head);
    let changes_state = match &routed {
        Ok((route, _)) => route.operation.changes_state(),
        Err(_) => head.method != Method::GET && head.method != Method::HEAD,
    };
    let met = stage.scripts.meet(changes_state);
    let credentials = credentials(&stage, &head);
    let number = stage.log.add(received(&stage, &head, changes_state, credentials, met));
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(whole(failure(&stage, &head, &Refusal::of(413), None)));
    };
    let call = Call {
        stage,
        head,
        body: body.to_bytes(),
        routed,
        credentials,
        number,
    };
    match met {
        None => Ok(whole(call.carry_out())),
        Some(met) => call.fail(met, &wire).await,
    }
}

/// A route, and the parameters of its path.
type Routed = (Route, Vec<(String, String)>);

/// A request that was read whole.
struct Call {
    stage: Arc<Stage>,
    head: Parts,
    body: Bytes,
    routed: Result<Routed, Refusal>,
    credentials: Credentials,
    number: u64,
}

impl Call {
    /// What the vendor does when it is well.
    fn carry_out(&self) -> Answer {
        match self.perform() {
            Ok(answer) => answer,
            Err(refusal) => failure(&self.stage, &self.head, &refusal, None),
        }
    }

    fn perform(&self) -> Result<Answer, Refusal> {
        if self.credentials != Credentials::Accepted {
            return Err(Refusal::of(401));
        }
        let (route, parameters) = self.routed.as_ref().map_err(Clone::clone)?;
        let body = if self.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&self.body).map_err(|_| Refusal::of(400))?
        };
        let request = RouteRequest {
            path: parameters.clone(),
            query: self.head.uri.query().unwrap_or_default(),
            body,
        };
        let outcome = {
            let mut account = self.stage.account.lock().unwrap_or_else(PoisonError::into_inner);
            account.perform(route, &request, SystemTime::now())?
        };
        self.stage.log.carried_out(self.number);
        Ok(Answer::success(&self.stage.vendor, route, outcome))
    }

    async fn fail(self, met: Met, wire: &Wire) -> Result<Response<Steps>, HangUp> {
        let vendor = &self.stage.vendor;
        let echoed = met
            .echoes_credentials
            .then(|| sent_credentials(&self.stage, &self.head))
            .flatten();
        match met.fault {
            Fault::Status(status) => Ok(whole(failure(&self.stage, &self.head, &Refusal::of(status), echoed))),
            Fault::Throttle(after) => Ok(whole(Answer::throttled(vendor, after, echoed))),
            Fault::LoginPage => Ok(login_page()),
            // A port that is about to close: what is on its way already is reset like the rest.
            Fault::Reset | Fault::Refuse => {
                wire.reset();
                Err(HangUp)
            }
            Fault::Stall => std::future::pending().await,
            Fault::LateSuccess => {
                // Dropped with this future, which ends with the connection.
                let (_here, gone) = oneshot::channel::<()>();
                tokio::spawn(async move {
                    let _ = gone.await;
                    self.carry_out();
                });
                std::future::pending().await
            }
            Fault::ResetInBody
            | Fault::Drip
            | Fault::Truncate
            | Fault::NotJson
            | Fault::Huge
            | Fault::WrongTypes
            | Fault::WrongType(_) => Ok(damaged(self.carry_out(), met.fault, wire)),
        }
    }
}

/// The route of a request, and its path's parameters.
fn route(stage: &Stage, head: &Parts) -> Result<Routed, Refusal> {
    let mut is_there = false;
    for route in &stage.vendor.routes {
        let Some(parameters) = route.path.matches(head.uri.path()) else {
            continue;
        };
        if route.method == head.method {
            return Ok((route.clone(), parameters));
        }
        is_there = true;
    }
    Err(Refusal::of(if is_there { 405 } else { 404 }))
}

fn sent_credentials<'a>(stage: &Stage, head: &'a Parts) -> Option<&'a str> {
    head.headers.get(&stage.vendor.credentials.header)?.to_str().ok()
}

fn credentials(stage: &Stage, head: &Parts) -> Credentials {
    match sent_credentials(stage, head) {
        None => Credentials::Missing,
        Some(sent) if stage.vendor.credentials.accept(sent) => Credentials::Accepted,
        Some(_) => Credentials::Refused,
    }
}

fn received(stage: &Stage, head: &Parts, changes_state: bool, credentials: Credentials, met: Option<Met>) -> Received {
    let key = stage.vendor.idempotency_header.as_ref();
    let key = key.and_then(|name| head.headers.get(name)?.to_str().ok());
    Received {
        number: 0,
        at: SystemTime::now(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        changes_state,
        carried_out: false,
        credentials,
        idempotency_key: key.map(str::to_owned),
        fault: met.map(|met| met.fault),
    }
}

fn failure(stage: &Stage, head: &Parts, refusal: &Refusal, echoed: Option<&str>) -> Answer {
    let mut answer = Answer::failure(&stage.vendor, refusal, echoed);
    if refusal.status == 405 {
        let allowed = stage
            .vendor
            .routes
            .iter()
            .filter(|route| route.path.matches(head.uri.path()).is_some());
        let allowed: Vec<_> = allowed.map(|route| route.method.as_str()).collect();
        if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
            answer.headers.insert(http::header::ALLOW, allowed);
        }
    }
    answer
}
