//! Why a target cannot be tested: what was seen, and what to do about it.

use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::json_body::BodyFault;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;

use super::listing::PLACES;
use crate::tls_advice::advice;

/// A target that cannot be tested.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TargetUnusable {
    /// What was seen, and what to do about it.
    pub message: String,
    /// What was sent; the last exchange shows it.
    pub exchanges: Vec<Exchange>,
}

/// What was wrong with the listing.
#[derive(Debug)]
pub(super) enum Reason {
    NoAnswer(Fault),
    Status(u16),
    TooLarge(usize),
    NotJson(BodyFault),
    NoList,
    PinnedListMissing(String),
}

impl TargetUnusable {
    pub(super) fn of(reason: Reason, exchanges: Vec<Exchange>, profile: &Profile) -> Self {
        let url = url_of(exchanges.last());
        let header = |name: &str| exchanges.last()?.response()?.header(name);
        let message = match reason {
            Reason::NoAnswer(Fault::Connect(why)) => match advice(&why) {
                Some(advice) => format!("{url} cannot be reached safely ({why}): {advice}"),
                None => format!("{url} cannot be reached: {why}. Is the hub running, and is the address right?"),
            },
            Reason::NoAnswer(Fault::TimedOut(after)) => {
                format!(
                    "{url} gave no answer within {after:?}. Is the address right? `[target] timeout` allows more time"
                )
            }
            Reason::NoAnswer(fault) => format!("{url} gave no usable answer: {fault}"),
            Reason::Status(status @ (401 | 403)) => key_message(&url, status, profile),
            Reason::Status(404) => {
                format!(
                    "{url} is not there (404): the base URL ends just before /tools, such as https://hub.example/api/v1"
                )
            }
            Reason::Status(status @ 300..=399) => {
                let to = header("location").unwrap_or("nowhere");
                format!(
                    "{url} redirects ({status}) to {to}: give the address behind it; keys are not sent after redirects"
                )
            }
            Reason::Status(429) => {
                format!("{url} throttles every call (429): try again when the key's rate limit has passed")
            }
            Reason::Status(status) => format!("{url} answered {status}, where a hub lists its tools"),
            Reason::TooLarge(read) => format!(
                "{url} answers a listing of more than {} MiB, and no more of it is read: list the tools in pages (`next_cursor`), and leave \
                 their schemas to the definitions",
                read / (1024 * 1024)
            ),
            Reason::NotJson(BodyFault::Empty) => {
                format!("{url} answered with nothing, where a hub lists its tools: is this the base URL of a hub?")
            }
            Reason::NotJson(fault) => {
                let seen = header("content-type")
                    .map(|seen| format!(" (it says {seen})"))
                    .unwrap_or_default();
                format!(
                    "{url} is no hub's listing{seen}: {fault}. The base URL ends just before /tools, often with /api/v1"
                )
            }
            Reason::NoList => format!(
                "{url} answered JSON without a list of tools; looked at {}. `[dialect] tools_at` pins another place",
                PLACES
                    .map(|place| if place.is_empty() { "the body itself" } else { place })
                    .join(", ")
            ),
            Reason::PinnedListMissing(pointer) => {
                format!("{url} has no list of tools at {pointer}, where `[dialect] tools_at` says that it stands")
            }
        };
        Self { message, exchanges }
    }

    /// A hub that answered without a key: everything else needs one.
    pub(crate) fn without_key(url: &str, exchanges: Vec<Exchange>) -> Self {
        Self {
            message: format!(
                "{url} lists its tools without an API key, against AUTH-01; to prove it, give a key with --key-env VAR, or as [keys] \
                 primary in the profile"
            ),
            exchanges,
        }
    }

    pub(super) fn without_end(pages: usize, tools: usize, exchanges: Vec<Exchange>) -> Self {
        let url = url_of(exchanges.first());
        Self {
            message: format!(
                "{url} lists on and on: after {pages} pages with {tools} different tools there is still a next one. Does its last page \
                 say that it is the last?"
            ),
            exchanges,
        }
    }

    pub(super) fn without_tools(exchanges: Vec<Exchange>) -> Self {
        let url = url_of(exchanges.first());
        Self {
            message: format!(
                "{url} lists no tools with a key: there is nothing to test. Does the key's workspace have connections?"
            ),
            exchanges,
        }
    }
}

fn url_of(exchange: Option<&Exchange>) -> String {
    exchange
        .map(|exchange| exchange.request.url.clone())
        .unwrap_or_default()
}

fn key_message(url: &str, status: u16, profile: &Profile) -> String {
    match profile.keys.get(Role::Primary) {
        None => format!(
            "{url} wants an API key ({status}): give one with --key-env VAR, or as [keys] primary in the profile"
        ),
        Some(key) => match &key.variable {
            Some(variable) => {
                format!("{url} refused the key in ${variable} ({status}): is it a key of this hub, and still valid?")
            }
            None => format!("{url} refused the primary key ({status}): is it a key of this hub, and still valid?"),
        },
    }
}
