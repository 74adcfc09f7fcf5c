//! The session: sends calls, and turns what happens into exchanges.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hubproof_model::call::Call;
use hubproof_model::exchange::{Exchange, Fault, SentRequest};
use hubproof_model::profile::Profile;
use hubproof_model::safety::Allow;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::SessionError;
use crate::certificate::PeerCertificate;
use crate::direct::{self, Direct};
use crate::fault::{of_reqwest, root};
use crate::fill::{Filled, fill};
use crate::masking::Masker;
use crate::pace::Pace;
use crate::patience::patience;
use crate::reading::{Answer, Bounded};
use crate::target::{base_url, check_headers};

/// How long an idle connection stays in the pool. Servers close theirs after a few seconds (the shortest defaults are two), and a
/// request that meets the closing breaks: better to be first.
const POOL_IDLE: Duration = Duration::from_secs(1);

/// Larger bodies get a connection of their own. Below this, what is sent fits the socket's buffer, so that no write can break
/// before the answer is read.
const LARGE_BODY: usize = 32 * 1024;

/// The longest time between two requests, over a century: a clock cannot count without end.
const AGES: Duration = Duration::from_secs(u32::MAX as u64);

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
    /// The most real executes of state-changing tools.
    pub max_effects: Option<u64>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            allow: Allow::Read,
            max_body: 16 * 1024 * 1024,
            max_requests: None,
            rate: None,
            max_effects: None,
        }
    }
}

/// An open session with a target: the only place that speaks HTTP. Sends calls, several at a time where asked; every call leaves
/// an exchange. One pool of HTTP/1.1 connections; no redirects, retries, proxies, cookies or decompression.
#[derive(Debug)]
pub struct Session {
    profile: Profile,
    /// The base URL.
    url: reqwest::Url,
    /// The same as a text, without a slash at the end.
    base: String,
    /// Where the path begins in it.
    below_authority: usize,
    options: SessionOptions,
    client: reqwest::Client,
    direct: Direct,
    masker: Masker,
    pace: Pace,
    /// The number of the latest exchange.
    number: Mutex<u64>,
    began: Instant,
    interrupted: watch::Sender<bool>,
    /// Real executes so far.
    effects: AtomicU64,
    /// Whether the session has come to removing what it made: then nothing holds it up any more.
    is_cleaning_up: AtomicBool,
}

/// A call made into a request, by the way it goes out.
enum Ready {
    Pooled(reqwest::Request),
    Direct(direct::Ready),
}

impl Session {
    /// Opens a session. Connects to nothing yet.
    ///
    /// # Errors
    /// A mistake in the profile or the options.
    pub fn new(profile: &Profile, options: SessionOptions) -> Result<Self, SessionError> {
        let base = base_url(&profile.target.url)?;
        check_headers(profile)?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .pool_idle_timeout(POOL_IDLE)
            .connect_timeout(profile.target.connect_timeout);
        #[cfg(feature = "tls")]
        let client = client.tls_backend_preconfigured(crate::tls::config(profile)?);
        #[cfg(not(feature = "tls"))]
        if base.scheme() == "https" {
            return Err(SessionError::NoTls);
        }
        let text = base.as_str().trim_end_matches('/');
        Ok(Self {
            client: client.build().map_err(|fault| SessionError::Client(root(&fault)))?,
            direct: Direct::new(&base, profile)?,
            masker: Masker::new(profile)?,
            pace: Pace::new(options.max_requests, options.rate.map(interval).transpose()?),
            profile: profile.clone(),
            below_authority: base.as_str().len() - base.path().len(),
            base: text.to_owned(),
            url: base,
            options,
            number: Mutex::new(0),
            began: Instant::now(),
            interrupted: watch::Sender::new(false),
            effects: AtomicU64::new(0),
            is_cleaning_up: AtomicBool::new(false),
        })
    }

    /// The host and the port that the session connects to.
    pub fn address(&self) -> (&str, u16) {
        self.direct.address()
    }

    /// The certificate that the target shows, whether it is valid or not; none without TLS, or where none came.
    pub async fn certificate(&self) -> Option<PeerCertificate> {
        #[cfg(feature = "tls")]
        return self.direct.certificate().await;
        #[cfg(not(feature = "tls"))]
        None
    }

    /// Requests sent so far.
    pub fn sent(&self) -> u64 {
        self.pace.sent()
    }

    /// The time since the session began: what exchanges tell their times by.
    pub fn time(&self) -> Duration {
        self.began.elapsed()
    }

    /// Ends the session: calls are no longer sent, those that wait for their turn neither. What is in flight ends by itself.
    pub fn interrupt(&self) {
        self.interrupted.send_replace(true);
    }

    /// Opens the session again, even an interrupted one, to remove what it made: no budget holds that up.
    pub fn begin_cleanup(&self) {
        self.is_cleaning_up.store(true, Ordering::Relaxed);
        self.pace.lift_budget();
        self.interrupted.send_replace(false);
    }

    /// Waits until the session is interrupted.
    pub async fn interrupted(&self) {
        // The session holds the sender: this ends only when it is interrupted.
        let _ = self.interrupted.subscribe().wait_for(|interrupted| *interrupted).await;
    }

    /// Sends a call of a case. Never fails: what goes wrong is in the exchange.
    pub async fn send(&self, case: &str, call: &Call) -> Exchange {
        let ready = match self.ready(call) {
            Ok(ready) => self.turn().await.map(|()| ready),
            Err(fault) => Err(fault),
        };
        let limit = patience(call, &self.profile);
        let (number, sent) = self.stamp();
        let (request, result) = match ready {
            Ok((request, Ready::Pooled(pooled))) => (request, self.pooled(pooled, limit).await),
            Ok((request, Ready::Direct(direct))) => (request, self.direct(direct, limit).await),
            Err(fault) => (self.unsent(call), Err(fault)),
        };
        let elapsed = sent.elapsed();
        Exchange {
            number,
            case: case.to_owned(),
            call: call.clone(),
            request,
            result: match result {
                Ok(answer) => Ok(answer.record(&self.masker)),
                Err(fault) => Err(self.masker.fault(fault)),
            },
            sent_after: sent - self.began,
            elapsed,
        }
    }

    /// A text from elsewhere, such as a program's output, without the secrets of the profile.
    pub fn masked(&self, text: &str) -> String {
        self.masker.text(text)
    }

    /// The exchange of a call that cannot be sent, for this reason.
    pub fn withhold(&self, case: &str, call: &Call, fault: Fault) -> Exchange {
        let (number, sent) = self.stamp();
        Exchange {
            number,
            case: case.to_owned(),
            call: call.clone(),
            request: self.unsent(call),
            result: Err(self.masker.fault(fault)),
            sent_after: sent - self.began,
            elapsed: Duration::ZERO,
        }
    }

    /// Makes a request of a call that may be sent, and says how it is recorded.
    fn ready(&self, call: &Call) -> Result<(SentRequest, Ready), Fault> {
        let (needs, allow) = (call.intent.required_allow(), self.options.allow);
        if needs > allow {
            return Err(Fault::NotAllowed { needs, allow });
        }
        if *self.interrupted.borrow() {
            return Err(Fault::Interrupted);
        }
        if call.is_real_execute() && !self.is_cleaning_up.load(Ordering::Relaxed) {
            let executed = self.effects.fetch_add(1, Ordering::Relaxed);
            if let Some(most) = self.options.max_effects.filter(|most| executed >= *most) {
                return Err(Fault::EffectsSpent(most));
            }
        }
        let filled = fill(call, &self.profile)?;
        let shown = SentRequest {
            headers: filled
                .headers
                .iter()
                .map(|header| (header.name.as_str().to_owned(), self.masker.text(&header.shown)))
                .collect(),
            ..self.unsent(call)
        };
        let url = format!("{}{}", self.base, filled.path);
        // Of the base URL, so that its host is not parsed again for each call.
        let pooled = self.url.join(&url[self.below_authority..]).ok();
        // A URL that does not stay as it is goes the other way, so that what is recorded is what was sent.
        let pooled = pooled.filter(|parsed| {
            !call.verbatim_path
                && filled.body.len() <= LARGE_BODY
                && parsed.as_str() == url
                && parsed.fragment().is_none()
        });
        let ready = match pooled {
            Some(url) => Ready::Pooled(pooled_request(url, filled)),
            None => Ready::Direct(self.direct.request(filled)?),
        };
        Ok((shown, ready))
    }

    /// Waits for the call's turn.
    async fn turn(&self) -> Result<(), Fault> {
        let slot = self.pace.reserve()?;
        tokio::select! {
            biased;
            () = self.interrupted() => Err(Fault::Interrupted),
            () = slot.begins() => {
                slot.take();
                Ok(())
            }
        }
    }

    /// The next number and the moment: both in the order of sending.
    fn stamp(&self) -> (u64, Instant) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        *number += 1;
        (*number, Instant::now())
    }

    /// A request of which no headers were sent.
    fn unsent(&self, call: &Call) -> SentRequest {
        SentRequest {
            method: call.method.clone(),
            url: self.masker.text(&format!("{}{}", self.base, call.path)),
            headers: Vec::new(),
        }
    }

    async fn direct(&self, request: direct::Ready, limit: Duration) -> Result<Answer, Fault> {
        let exchange = self.direct.exchange(request, self.options.max_body);
        tokio::time::timeout(limit, exchange)
            .await
            .unwrap_or(Err(Fault::TimedOut(limit)))
    }

    async fn pooled(&self, mut request: reqwest::Request, limit: Duration) -> Result<Answer, Fault> {
        *request.timeout_mut() = Some(limit);
        let fault = |fault: reqwest::Error| of_reqwest(&fault, self.profile.target.connect_timeout, limit);
        let mut response = self.client.execute(request).await.map_err(fault)?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let mut body = Bounded::new(self.options.max_body);
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if !body.push(&chunk) {
                break;
            }
        }
        Ok(Answer { status, headers, body })
    }
}

fn pooled_request(url: reqwest::Url, filled: Filled) -> reqwest::Request {
    let mut request = reqwest::Request::new(filled.method, url);
    for header in filled.headers {
        request.headers_mut().append(header.name, header.value);
    }
    if !filled.body.is_empty() {
        *request.body_mut() = Some(filled.body.into());
    }
    request
}

fn interval(rate: f64) -> Result<Duration, SessionError> {
    let interval = Duration::try_from_secs_f64(1.0 / rate);
    let interval = interval.ok().filter(|_| rate > 0.0);
    interval
        .map(|interval| interval.min(AGES))
        .ok_or(SessionError::BadRate(rate))
}
