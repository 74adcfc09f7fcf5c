//! The cheap check: says of an answer to an execute that it is an ordinary success, in which the judges of [lone](crate::lone) answers
//! would find nothing wrong. It makes no exchange and no tree of values but of `data` that it has not seen before. What it does not call
//! ordinary may be sound all the same: it wants a closer look.

mod envelope;
mod proven;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName};
use hubproof_model::call::{Body, Call, Credentials, Endpoint};
use hubproof_model::rate_limit::header_names;
use hubproof_model::surface::Dialect;

use self::envelope::Envelope;
use self::proven::Proven;
use crate::api_answers::{declares_json, may_be_replay};
use crate::schemas::Schemas;

/// By how much a told duration may exceed the measured one (ENV-07).
const TOLERANCE: Duration = Duration::from_millis(1);

/// An answer to look at.
#[derive(Debug, Clone, Copy)]
pub struct AnswerParts<'a> {
    /// The status code.
    pub status: u16,
    /// The headers, in order.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

/// What of a call decides how its answer is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    may_be_replay: bool,
    is_dry_run: bool,
}

impl Asked {
    /// What a call asks for. `None` for calls whose answers are never ordinary: those that are no plain execute with a key.
    #[must_use]
    pub fn of(call: &Call) -> Option<Self> {
        let is_plain = matches!(call.endpoint, Endpoint::Execute { .. })
            && matches!(call.credentials, Credentials::Bearer(_))
            && matches!(call.body, Body::Json(_))
            && !call.verbatim_path;
        is_plain.then(|| Self {
            may_be_replay: may_be_replay(call),
            is_dry_run: call.is_dry_run(),
        })
    }
}

/// What a look at an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// An ordinary success; `duration_ms`.
    Ordinary {
        /// How long the hub says that it took.
        duration: Duration,
    },
    /// Anything else: the judges must look at it.
    Closer,
}

/// Looks at the answers of some tools, one after the other.
#[derive(Debug)]
pub struct OrdinaryCheck {
    schemas: Arc<Schemas>,
    tools: Vec<String>,
    limits: Option<[HeaderName; 3]>,
    proven: Proven,
}

impl OrdinaryCheck {
    /// For answers of these tools, which are named by their place in the list from here on.
    #[must_use]
    pub fn new(schemas: Arc<Schemas>, dialect: &Dialect, tools: Vec<String>) -> Self {
        let [limit, remaining, reset] = header_names(dialect).map(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        Self {
            schemas,
            tools,
            limits: limit
                .zip(remaining)
                .zip(reset)
                .map(|((limit, remaining), reset)| [limit, remaining, reset]),
            proven: Proven::default(),
        }
    }

    /// Looks at an answer to a call of the tool, which took so long.
    pub fn look(&mut self, tool: usize, asked: Asked, answer: AnswerParts<'_>, elapsed: Duration) -> Look {
        self.ordinary(tool, asked, answer, elapsed)
            .map_or(Look::Closer, |duration| Look::Ordinary { duration })
    }

    fn ordinary(&mut self, tool: usize, asked: Asked, answer: AnswerParts<'_>, elapsed: Duration) -> Option<Duration> {
        let sound = (200..300).contains(&answer.status) && is_json(answer.headers) && self.tells_limit(answer.headers);
        if !sound {
            return None;
        }
        let envelope = Envelope::read(std::str::from_utf8(answer.body).ok()?)?;
        let duration = envelope.duration()?;
        if !asked.may_be_replay && duration > elapsed + TOLERANCE {
            return None;
        }
        let validator = match asked.is_dry_run {
            true => None,
            false => self.schemas.output(self.tools.get(tool)?),
        };
        self.proven.is_sound(tool, validator, envelope.data).then_some(duration)
    }

    /// Whether the headers of limits are there and make sense, told as plain numbers (RTL-01, RTL-02).
    fn tells_limit(&self, headers: &HeaderMap) -> bool {
        let Some([limit, remaining, reset]) = &self.limits else {
            return false;
        };
        let told = |name| only(headers, name).and_then(number);
        match (told(limit), told(remaining), told(reset)) {
            (Some(limit), Some(remaining), Some(reset)) => remaining >= 0.0 && remaining <= limit && reset >= 0.0,
            _ => false,
        }
    }
}

/// The value of the only header of this name.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let only = values.next()?;
    match values.next() {
        None => only.to_str().ok(),
        Some(_) => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

fn is_json(headers: &HeaderMap) -> bool {
    only(headers, &CONTENT_TYPE).is_some_and(|declared| declared == "application/json" || declares_json(declared))
}
