//! Load: requests that are made once and sent many times, over connections that are kept, with as little work a call as HTTP allows.
//! What comes back leaves an exchange only where one is asked for.

mod connection;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http_body_util::Full;
use hubproof_model::call::Call;
use hubproof_model::exchange::{Exchange, Fault, SentRequest};
use hubproof_model::profile::Profile;
use hubproof_model::safety::Allow;
use hyper::body::Bytes;

use crate::SessionError;
use crate::direct::{Direct, Ready};
use crate::fill::fill;
use crate::masking::Masker;
use crate::reading::{Answer, Bounded};
use crate::target::{base_url, check_headers};

pub use self::connection::LoadConnection;

/// The most bytes of a body that are read: those of a session.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A target under load: prepares requests, gives connections, and makes exchanges of what was sent and answered. Clones share one state.
#[derive(Debug, Clone)]
pub struct LoadTarget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    direct: Direct,
    masker: Masker,
    profile: Profile,
    /// Without a slash at the end.
    base: String,
    allow: Allow,
}

/// A request that is ready to go out any number of times. It holds the key: it is not shown. Clones share its body.
#[derive(Clone)]
pub struct Prepared {
    request: Ready,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

impl Prepared {
    /// The same request with another body, as it stands: no placeholder in it is filled in. It must mean to the target what the
    /// prepared one means.
    #[must_use]
    pub fn with_body(&self, body: Bytes) -> Self {
        let mut request = self.request.clone();
        *request.body_mut() = Full::new(body);
        Self { request }
    }
}

/// An answer as it came. It may hold secrets: it is neither recorded nor shown, but for the [exchange](LoadTarget::exchange) made of it.
pub struct LoadAnswer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, up to its bound.
    pub body: Bytes,
    /// Whether the body went on beyond the bound.
    pub truncated: bool,
}

impl std::fmt::Debug for LoadAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadAnswer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// When a call was sent, and how long it took.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// From the beginning of the load to the sending.
    pub sent_after: Duration,
    /// From the sending to the last byte, or to the fault.
    pub elapsed: Duration,
}

impl LoadTarget {
    /// The target of a profile, for calls that go no further than the level. Connects to nothing yet.
    ///
    /// # Errors
    /// A mistake in the profile.
    pub fn new(profile: &Profile, allow: Allow) -> Result<Self, SessionError> {
        let base = base_url(&profile.target.url)?;
        check_headers(profile)?;
        #[cfg(not(feature = "tls"))]
        if base.scheme() == "https" {
            return Err(SessionError::NoTls);
        }
        let shared = Shared {
            direct: Direct::new(&base, profile)?,
            masker: Masker::new(profile)?,
            profile: profile.clone(),
            base: base.as_str().trim_end_matches('/').to_owned(),
            allow,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// How long an answer is awaited.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.shared.profile.target.timeout
    }

    /// Makes a request of a call.
    ///
    /// # Errors
    /// A call that goes beyond the level, or that cannot be sent.
    pub fn prepare(&self, call: &Call) -> Result<Prepared, Fault> {
        let (needs, allow) = (call.intent.required_allow(), self.shared.allow);
        if needs > allow {
            return Err(Fault::NotAllowed { needs, allow });
        }
        let request = fill(call, &self.shared.profile).and_then(|filled| self.shared.direct.request(filled));
        let request = request.map_err(|fault| self.shared.masker.fault(fault))?;
        Ok(Prepared { request })
    }

    /// A connection that is not open yet: the first call opens it, unless [`LoadConnection::open`] has.
    #[must_use]
    pub fn connection(&self) -> LoadConnection {
        LoadConnection::new(self.clone())
    }

    /// Whether a secret of the run came back in an answer (AUTH-10): the exchange made of it says which, and where.
    #[must_use]
    pub fn came_back(&self, answer: &LoadAnswer) -> bool {
        let masker = &self.shared.masker;
        let in_header = |value: &http::HeaderValue| masker.finds(value.as_bytes());
        answer.headers.values().any(in_header) || masker.finds(&answer.body)
    }

    /// The exchange of a call and what came of it, with the secrets taken out.
    #[must_use]
    pub fn exchange(&self, call: Call, result: Result<LoadAnswer, Fault>, timing: Timing) -> Exchange {
        let masker = &self.shared.masker;
        let headers = fill(&call, &self.shared.profile).map(|filled| filled.headers);
        let shown = headers.into_iter().flatten();
        let shown = shown.map(|header| (header.name.as_str().to_owned(), masker.text(&header.shown)));
        Exchange {
            number: 0,
            case: String::new(),
            request: SentRequest {
                method: call.method.clone(),
                url: masker.text(&format!("{}{}", self.shared.base, call.path)),
                headers: shown.collect(),
            },
            call,
            result: match result {
                Ok(answer) => Ok(answer.whole().record(masker)),
                Err(fault) => Err(masker.fault(fault)),
            },
            sent_after: timing.sent_after,
            elapsed: timing.elapsed,
        }
    }
}

impl LoadAnswer {
    fn whole(self) -> Answer {
        Answer {
            status: self.status,
            headers: self.headers,
            body: Bounded::read(self.body.to_vec(), self.truncated),
        }
    }
}
