//! What goes over the wire of an answer: as it is, or as a fault leaves it.

use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use hyper::body::Bytes;

use super::body::{Step, Steps};
use super::socket::Wire;
use crate::answer::{Answer, of_wrong_types, with_a_wrong_type};
use crate::fault::Fault;
use crate::vendor::DRIP;

/// How long what was sent has time to leave before the connection ends.
const LEAVING: Duration = Duration::from_millis(20);

/// The page of a login.
const LOGIN_PAGE: &str = "<!DOCTYPE html><html><head><title>Log in</title></head><body><form method=\"post\" action=\"/login\">\
                          <input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>";

fn written(answer: &Answer) -> Bytes {
    answer
        .body
        .as_ref()
        .map(|body| body.to_string().into())
        .unwrap_or_default()
}

fn respond(answer: Answer, body: Steps) -> Response<Steps> {
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// An answer as it is.
pub(super) fn whole(answer: Answer) -> Response<Steps> {
    let body = Steps::whole(written(&answer));
    respond(answer, body)
}

/// A login's page in place of an answer.
pub(super) fn login_page() -> Response<Steps> {
    let mut response = Response::new(Steps::whole(Bytes::from_static(LOGIN_PAGE.as_bytes())));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// An answer as a fault leaves it.
pub(super) fn damaged(mut answer: Answer, fault: Fault, wire: &Wire) -> Response<Steps> {
    // What has no body of its own gets one, so that there is something to damage.
    if answer.status == StatusCode::NO_CONTENT {
        answer.status = StatusCode::OK;
    }
    let text = written(&answer);
    let text = if text.is_empty() {
        Bytes::from_static(b"{}")
    } else {
        text
    };
    let half = text.slice(..text.len() / 2);
    let steps = match fault {
        Fault::Drip => Steps::new([Step::Drip(DRIP)]),
        Fault::Truncate | Fault::ResetInBody => {
            answer.headers.insert(CONTENT_LENGTH, text.len().into());
            let end = if fault == Fault::Truncate {
                Step::HangUp
            } else {
                Step::Reset(wire.clone())
            };
            Steps::new([Step::Send(half), Step::Wait(LEAVING), end])
        }
        Fault::Huge => {
            let filler = Bytes::from(vec![b'a'; 1 << 16]);
            let (open, close) = (Bytes::from_static(b"{\"filler\":\""), Bytes::from_static(b"\"}"));
            Steps::new([Step::Send(open), Step::Repeat(filler, 512), Step::Send(close)])
        }
        Fault::WrongTypes => {
            let body = answer.body.as_ref().map(of_wrong_types);
            Steps::whole(body.map_or(text, |body| body.to_string().into()))
        }
        Fault::WrongType(member) => {
            let body = answer.body.as_ref().map(|body| with_a_wrong_type(body, member));
            Steps::whole(body.map_or(text, |body| body.to_string().into()))
        }
        _ => Steps::whole(half),
    };
    respond(answer, steps)
}
