//! The session: sends calls, and turns what happens into exchanges.

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hubproof_model::call::Call;
use hubproof_model::exchange::{Exchange, Fault, SentRequest};
use hubproof_model::profile::Profile;
use hubproof_model::safety::Allow;
use tokio::time::Instant;

use crate::fill::{Filled, fill};
use crate::masking::Masker;
use crate::pace::Pace;
use crate::reading::{Answer, Bounded};
use crate::verbatim::Verbatim;

/// The bounds of a session.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// How far calls may go.
    pub allow: Allow,
    /// The most bytes of a body that are kept. Default 16 MiB.
    pub max_body: usize,
    /// The most requests.
    pub max_requests: Option<u64>,
    /// The most requests a second.
    pub rate: Option<f64>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            allow: Allow::Read,
            max_body: 16 * 1024 * 1024,
            max_requests: None,
            rate: None,
        }
    }
}

/// Why a session cannot be opened: a mistake in the profile or on the command line.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The URL is none that a hub can have.
    #[error("`{url}` is not a hub's base URL ({reason}): write one such as https://hub.example/api/v1")]
    BadUrl {
        /// As given.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// A header's name or value cannot be sent.
    #[error("the profile's header `{0}` cannot be sent: a name has no spaces, a value no line breaks")]
    BadHeader(String),
    /// The key cannot stand in a header.
    #[error("the {0} key has characters that no header can carry: look for a line break or a quote at its end")]
    BadKey(hubproof_model::role::Role),
    /// An `https` target without the feature that brings TLS.
    #[error("this build has no TLS: build hubproof with the feature `tls` for https targets")]
    NoTls,
    /// The CA file cannot be used.
    #[error("the CA file {path} cannot be used: {reason}")]
    BadCaFile {
        /// As given.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

/// An open session with a target. Sends calls, several at a time where asked; every call leaves an exchange.
#[derive(Debug)]
pub struct Session {
    profile: Profile,
    base: reqwest::Url,
    options: SessionOptions,
    client: reqwest::Client,
    verbatim: Verbatim,
    masker: Masker,
    pace: Pace,
    exchanges: AtomicU64,
    began: Instant,
    interrupted: AtomicBool,
}

impl Session {
    /// Opens a session. Connects to nothing yet.
    ///
    /// # Errors
    /// A mistake in the profile.
    pub fn new(profile: &Profile, options: SessionOptions) -> Result<Self, SessionError> {
        let base = base_url(&profile.target.url)?;
        check_headers(profile)?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .connect_timeout(profile.target.connect_timeout)
            .timeout(profile.target.timeout);
        #[cfg(feature = "tls")]
        let client = client.tls_backend_preconfigured(crate::tls::config(profile)?);
        #[cfg(not(feature = "tls"))]
        if base.scheme() == "https" {
            return Err(SessionError::NoTls);
        }
        Ok(Self {
            client: client.build().map_err(|fault| SessionError::Client(chain(&fault)))?,
            verbatim: Verbatim::new(profile)?,
            masker: Masker::new(profile),
            pace: Pace::new(options.max_requests, options.rate),
            profile: profile.clone(),
            base,
            options,
            exchanges: AtomicU64::new(0),
            began: Instant::now(),
            interrupted: AtomicBool::new(false),
        })
    }

    /// Requests sent so far.
    pub fn sent(&self) -> u64 {
        self.pace.sent()
    }

    /// Ends the session: calls are no longer sent. What is in flight ends by itself.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Sends a call of a case.
    pub async fn send(&self, case: &str, call: &Call) -> Exchange {
        let filled = match self.admit(call) {
            Ok(filled) => self.pace.slot().await.map(|()| filled),
            Err(fault) => Err(fault),
        };
        let number = self.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        let request = filled
            .as_ref()
            .map_or_else(|_| self.unsent(call), |filled| self.masked(filled));
        let sent_after = self.began.elapsed();
        let sent = Instant::now();
        let result = match filled {
            Ok(filled) => self.exchange(call, filled).await,
            Err(fault) => Err(fault),
        };
        Exchange {
            number,
            case: case.to_owned(),
            call: call.clone(),
            request,
            elapsed: sent.elapsed(),
            sent_after,
            result: result.map(|answer| answer.record(&self.masker)),
        }
    }

    /// A call that may be sent, with its secrets in place.
    fn admit(&self, call: &Call) -> Result<Filled, Fault> {
        let (needs, allow) = (call.intent.required_allow(), self.options.allow);
        if needs > allow {
            return Err(Fault::NotAllowed { needs, allow });
        }
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Fault::Interrupted);
        }
        fill(call, &self.profile)
    }

    fn masked(&self, filled: &Filled) -> SentRequest {
        let headers = filled
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), self.masker.text(value)));
        SentRequest {
            method: filled.method.to_string(),
            url: self
                .masker
                .text(&format!("{}{}", self.base.as_str().trim_end_matches('/'), filled.path)),
            headers: headers.collect(),
        }
    }

    fn unsent(&self, call: &Call) -> SentRequest {
        let url = format!("{}{}", self.base.as_str().trim_end_matches('/'), call.path);
        SentRequest {
            method: call.method.clone(),
            url: self.masker.text(&url),
            headers: Vec::new(),
        }
    }

    async fn exchange(&self, call: &Call, filled: Filled) -> Result<Answer, Fault> {
        let timeout = self.profile.target.timeout;
        if call.verbatim_path {
            let exchange = self.verbatim.exchange(&self.base, filled, self.options.max_body);
            return tokio::time::timeout(timeout, exchange)
                .await
                .unwrap_or(Err(Fault::TimedOut(timeout)));
        }
        let url = format!("{}{}", self.base.as_str().trim_end_matches('/'), filled.path);
        let mut request = self.client.request(filled.method, url);
        for (name, value) in &filled.headers {
            request = request.header(name, value);
        }
        if !filled.body.is_empty() {
            request = request.body(filled.body);
        }
        let fault = |fault: reqwest::Error| fault_of(fault, timeout);
        let mut response = request.send().await.map_err(fault)?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let mut bounded = Bounded::new(self.options.max_body);
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if !bounded.push(&chunk) {
                break;
            }
        }
        Ok(Answer {
            status,
            headers,
            body: bounded.body,
            truncated: bounded.truncated,
        })
    }
}

fn base_url(url: &str) -> Result<reqwest::Url, SessionError> {
    let bad = |reason: String| SessionError::BadUrl {
        url: url.to_owned(),
        reason,
    };
    let parsed = reqwest::Url::parse(url).map_err(|fault| bad(fault.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(bad(format!("the scheme is `{}`, not http or https", parsed.scheme())));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(bad("it has a query or a fragment".to_owned()));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(bad("it has a user name or a password".to_owned()));
    }
    Ok(parsed)
}

fn check_headers(profile: &Profile) -> Result<(), SessionError> {
    for (role, key) in &profile.keys.by_role {
        if http::HeaderValue::from_str(key.secret.expose()).is_err() {
            return Err(SessionError::BadKey(*role));
        }
    }
    for (name, value) in &profile.target.headers {
        let sound = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && http::HeaderValue::from_str(value.expose()).is_ok();
        if !sound {
            return Err(SessionError::BadHeader(name.clone()));
        }
    }
    Ok(())
}

fn fault_of(fault: reqwest::Error, timeout: Duration) -> Fault {
    // The URL is in the record already, and may hold a key.
    let fault = fault.without_url();
    let said = chain(&fault);
    if fault.is_timeout() {
        Fault::TimedOut(timeout)
    } else if fault.is_connect() {
        Fault::Connect(said)
    } else if fault.is_builder() {
        Fault::Unsendable(said)
    } else if is_protocol(&fault) {
        Fault::Protocol(said)
    } else {
        Fault::Broken(said)
    }
}

/// Whether the target sent something that is not HTTP.
pub(crate) fn is_protocol(fault: &(dyn Error + 'static)) -> bool {
    let mut source = Some(fault);
    while let Some(current) = source {
        if let Some(hyper) = current.downcast_ref::<hyper::Error>() {
            return hyper.is_parse();
        }
        source = current.source();
    }
    false
}

/// An error with its causes, in a line.
pub(crate) fn chain(fault: &dyn Error) -> String {
    let mut text = fault.to_string();
    let mut source = fault.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
