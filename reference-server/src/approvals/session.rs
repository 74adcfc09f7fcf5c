//! Signed-in approvers of the web page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::COOKIE;

use crate::catalogue::ApiKey;

/// The cookie that holds a session's token.
pub(super) const COOKIE_NAME: &str = "hub_approvals";
/// How long a person stays signed in.
const LASTS: Duration = Duration::from_secs(60 * 60);
/// How many people can be signed in at once.
const MAX_SESSIONS: usize = 1000;

/// Who is signed in, by token.
#[derive(Default)]
pub(crate) struct Sessions {
    by_token: Mutex<HashMap<String, Session>>,
}

/// A signed-in approver.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) approver: Arc<ApiKey>,
    /// Stands in every form of the page, so that another site's form is not taken for it.
    pub(super) form_token: String,
    began: SystemTime,
}

impl Sessions {
    /// Signs an approver in, and gives the session's token; `None` where the system has no randomness to make one.
    pub(super) fn begin(&self, approver: Arc<ApiKey>, now: SystemTime) -> Option<String> {
        let (token, form_token) = (random_token()?, random_token()?);
        let mut sessions = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| !session.is_over(now));
        if sessions.len() >= MAX_SESSIONS {
            return None;
        }
        let session = Session {
            approver,
            form_token,
            began: now,
        };
        sessions.insert(token.clone(), session);
        Some(token)
    }

    /// The session whose cookie came with the request.
    pub(super) fn of(&self, headers: &HeaderMap, now: SystemTime) -> Option<Session> {
        let sessions = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        sessions
            .get(cookie(headers)?)
            .filter(|session| !session.is_over(now))
            .cloned()
    }

    /// Ends the session whose cookie came with the request.
    pub(super) fn end(&self, headers: &HeaderMap) {
        let mut sessions = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        cookie(headers).and_then(|token| sessions.remove(token));
    }
}

impl Session {
    fn is_over(&self, now: SystemTime) -> bool {
        now.duration_since(self.began).is_ok_and(|age| age > LASTS)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('='));
    values.find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}

fn random_token() -> Option<String> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
