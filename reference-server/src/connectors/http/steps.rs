//! The steps of a call to a vendor that a hub can get wrong, each replaceable: a defect is one of them done wrong.

use std::time::Duration;

use http::HeaderMap;

use super::exchange::{Answer, NoAnswer};
use super::redaction::Credentials;

/// How vendors are called.
#[derive(Clone, Copy)]
pub(crate) struct VendorSteps {
    /// Whether a request is sent once more (UPS-06).
    pub(crate) sends_again: fn(&Attempt<'_>) -> bool,
    /// How long a call may take, from what is to be waited (UPS-04).
    pub(crate) deadline: fn(Duration) -> Duration,
    /// Whether a status is a failure (UPS-01).
    pub(crate) is_failure: fn(u16) -> bool,
    /// Whether an answer of this `Content-Type` is read (UPS-04).
    pub(crate) takes_media_type: fn(Option<&str>) -> bool,
    /// What is passed on of what a vendor says of its failure (UPS-07).
    pub(crate) tell: fn(&Telling<'_>) -> String,
}

/// A request that was sent, and what came of it.
pub(crate) struct Attempt<'a> {
    /// Whether it asks for a change.
    pub(crate) changes_state: bool,
    /// How often it was sent.
    pub(crate) sent: u32,
    pub(crate) outcome: &'a Result<Answer, NoAnswer>,
}

impl Attempt<'_> {
    /// The status that the vendor answered with.
    pub(crate) fn status(&self) -> Option<u16> {
        self.outcome.as_ref().ok().map(Answer::status)
    }
}

/// What a vendor says of its failure.
pub(crate) struct Telling<'a> {
    pub(crate) message: &'a str,
    /// The headers of its answer: secrets are among them.
    #[allow(dead_code, reason = "for defects: a sound hub passes none of them on")]
    pub(crate) headers: &'a HeaderMap,
    pub(crate) credentials: &'a Credentials<'a>,
}

impl Default for VendorSteps {
    /// Every step sound.
    fn default() -> Self {
        Self {
            sends_again,
            deadline: |limit| limit,
            is_failure: |status| !(200..300).contains(&status),
            takes_media_type,
            tell: |telling| telling.credentials.redact(telling.message),
        }
    }
}

/// A read whose connection was dropped: once. What may have changed something is never sent twice.
fn sends_again(attempt: &Attempt<'_>) -> bool {
    !attempt.changes_state && attempt.sent == 1 && matches!(attempt.outcome, Err(NoAnswer::Dropped))
}

/// JSON by whatever name (RFC 6839 §3.1), or nothing declared.
fn takes_media_type(declared: Option<&str>) -> bool {
    let essence = declared.map(|declared| {
        declared
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    });
    essence.is_none_or(|essence| essence == "application/json" || essence.ends_with("+json"))
}
