//! A request as it is sent again: with what no exchange of a report shows.

use hubproof_model::call;
use hubproof_model::exchange;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::exchange::{Exchange, Header};

/// A call among those that show a violation again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// The number of the exchange that it repeats.
    pub number: u64,
    /// The request, where the violation does not show that exchange, or not all of its request.
    pub request: Option<Request>,
}

/// A request in full; masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers that the harness set.
    pub headers: Vec<Header>,
    /// What is sent, if anything.
    pub body: Option<RequestBody>,
    /// Whether the path goes out as it is, and no dot segment of it is resolved.
    pub verbatim: bool,
}

/// All of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestBody {
    /// Text, with placeholders for keys.
    Text(String),
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// A unit again and again.
    Repeat(Repeat),
}

/// A unit again and again, between a head and a tail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// What comes first.
    pub head: String,
    /// What is repeated.
    pub unit: String,
    /// How often.
    pub times: usize,
    /// What comes last.
    pub tail: String,
}

impl Repeated {
    /// The call that repeats an exchange, beside those that a violation shows.
    pub(crate) fn of(exchange: &exchange::Exchange, shown: &[Exchange]) -> Self {
        let request = Request::of(exchange);
        let own = shown.iter().find(|own| own.number == exchange.number);
        let is_shown = own.is_some_and(|own| Request::shown(own).as_ref() == Some(&request));
        Self {
            number: exchange.number,
            request: Some(request).filter(|_| !is_shown),
        }
    }

    /// The request, its own or that of the exchange that it repeats.
    pub(crate) fn request(&self, shown: &[Exchange]) -> Option<Request> {
        let own = shown.iter().find(|own| own.number == self.number);
        self.request.clone().or_else(|| Request::shown(own?))
    }
}

impl Request {
    /// What was sent, as it was planned: with placeholders for keys.
    pub(crate) fn of(exchange: &exchange::Exchange) -> Self {
        let sent = &exchange.request;
        let header = |(name, value): &(String, String)| Header {
            name: name.clone(),
            value: value.clone(),
        };
        Self {
            method: sent.method.clone(),
            url: sent.url.clone(),
            headers: sent.headers.iter().map(header).collect(),
            body: RequestBody::of(&exchange.call.body),
            verbatim: exchange.call.verbatim_path,
        }
    }

    /// The request of an exchange, as far as the exchange shows all of it.
    fn shown(exchange: &Exchange) -> Option<Self> {
        let body = match &exchange.request_body {
            None => None,
            Some(Body::Json(value)) => Some(RequestBody::Text(value.to_string())),
            Some(Body::Text { truncated: true, .. }) => return None,
            Some(Body::Text { text, .. }) => Some(RequestBody::Text(text.clone())),
        };
        Some(Self {
            method: exchange.method.clone(),
            url: exchange.url.clone(),
            headers: exchange.request_headers.clone(),
            body,
            verbatim: false,
        })
    }

    /// Whether an exchange shows this request.
    pub(crate) fn is_of(&self, exchange: &Exchange) -> bool {
        let is_body = match &self.body {
            None => exchange.request_body.is_none(),
            Some(own) => exchange
                .request_body
                .as_ref()
                .is_some_and(|shown| own.is_shown_as(shown)),
        };
        let head = (&self.method, &self.url, &self.headers);
        is_body && head == (&exchange.method, &exchange.url, &exchange.request_headers)
    }
}

impl RequestBody {
    fn of(body: &call::Body) -> Option<Self> {
        Some(match body {
            call::Body::Empty => return None,
            call::Body::Json(value) => Self::Text(value.to_string()),
            call::Body::Text(template) => Self::Text(template.0.clone()),
            call::Body::Bytes(bytes) => Self::Bytes(bytes.clone()),
            call::Body::Repeat {
                head,
                unit,
                times,
                tail,
            } => Self::Repeat(Repeat {
                head: head.clone(),
                unit: unit.clone(),
                times: *times,
                tail: tail.clone(),
            }),
        })
    }

    /// Whether an exchange shows this body so.
    fn is_shown_as(&self, shown: &Body) -> bool {
        let is_text = |body: &call::Body| Body::of_request(body).as_ref() == Some(shown);
        match self {
            Self::Text(text) => match shown {
                Body::Json(value) => {
                    let written = value.to_string();
                    written == *text
                }
                Body::Text { .. } => is_text(&call::Body::Text(call::Template(text.clone()))),
            },
            Self::Bytes(bytes) => is_text(&call::Body::Bytes(bytes.clone())),
            Self::Repeat(Repeat {
                head,
                unit,
                times,
                tail,
            }) => is_text(&call::Body::Repeat {
                head: head.clone(),
                unit: unit.clone(),
                times: *times,
                tail: tail.clone(),
            }),
        }
    }
}
