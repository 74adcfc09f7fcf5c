//! One request to a vendor, sent once over a connection of its own, and its answer, read whole and bounded.

use http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::mapping::{Bounds, Mapping};
use super::target::Target;

/// What is sent.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) path_and_query: String,
    pub(super) body: Option<Bytes>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// Its status.
    pub(super) fn status(&self) -> u16 {
        self.status
    }
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// There was no connection: nothing was sent.
    Unreachable,
    /// The connection ended before the answer did: the vendor may have acted.
    Dropped,
    /// The answer is larger than what is read.
    TooLarge,
    /// What came is no answer of HTTP, or the request cannot be written.
    Malformed,
}

/// Sends a request once. A pool would send again what an idle connection loses, unseen: each request has its own.
pub(super) async fn exchange(mapping: &Mapping, target: &Target, outgoing: &Outgoing) -> Result<Answer, NoAnswer> {
    let Bounds {
        connect, answer_bytes, ..
    } = mapping.bounds;
    let stream = match timeout(connect, TcpStream::connect(&target.authority)).await {
        Ok(Ok(stream)) => stream,
        _ => return Err(NoAnswer::Unreachable),
    };
    // Small requests go out at once; where that cannot be set they are only later.
    let _ = stream.set_nodelay(true);
    let request = request(mapping, target, outgoing).ok_or(NoAnswer::Malformed)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| NoAnswer::Dropped)?;
    // The connection ends with this call, however that ends.
    let mut tasks = JoinSet::new();
    tasks.spawn(connection);
    let response = sender.send_request(request).await.map_err(|fault| no_answer(&fault))?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, answer_bytes).collect().await.map_err(|fault| {
        if fault.is::<LengthLimitError>() {
            return NoAnswer::TooLarge;
        }
        fault
            .downcast_ref::<hyper::Error>()
            .map_or(NoAnswer::Dropped, no_answer)
    })?;
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.to_bytes(),
    })
}

fn request(mapping: &Mapping, target: &Target, outgoing: &Outgoing) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(outgoing.body.clone().unwrap_or_default()));
    *request.method_mut() = outgoing.method.clone();
    *request.uri_mut() = outgoing.path_and_query.parse().ok()?;
    let headers = request.headers_mut();
    headers.insert(HOST, target.host.clone());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("reference-hub"));
    if outgoing.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.extend(mapping.headers.iter().cloned());
    let mut credentials = HeaderValue::from_str(target.credentials.expose()).ok()?;
    credentials.set_sensitive(true);
    headers.insert(mapping.credentials.header.clone(), credentials);
    Some(request)
}

fn no_answer(fault: &hyper::Error) -> NoAnswer {
    if fault.is_parse() || fault.is_parse_status() {
        NoAnswer::Malformed
    } else {
        NoAnswer::Dropped
    }
}
