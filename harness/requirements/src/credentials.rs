//! Calls that ask for a key, the same calls under other credentials, and what their answers say of the key.

use std::net::IpAddr;

use hubproof_model::call::{Call, Credentials, Template};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::profile::Profile;

use crate::evidence::Evidence;
use crate::judging::{ends_in, is_served, is_throttled, observed};
use crate::site::Site;

/// A key that no hub has issued.
pub(crate) const UNKNOWN_KEY: &str = "hubproof_no_such_key";

/// One call of each face of the hub with the primary key, as controls, with the face's name: of the best read tool, else of a
/// state-changing one, whose execute is a dry run.
///
/// # Errors
/// That the site has no tool for them.
pub(crate) fn faces(site: &Site<'_>) -> Result<Vec<(&'static str, Call)>, Unexercised> {
    let (tool, execute) = site.any_control()?;
    Ok(vec![
        ("listing", Call::listing(None).labelled("control")),
        ("definition", Call::definition(&tool.key).labelled("control")),
        ("execute", execute),
    ])
}

/// An `Authorization` header of this value, key placeholders filled in.
pub(crate) fn authorization(value: impl Into<String>) -> Credentials {
    Credentials::Values(vec![Template(value.into())])
}

/// Whether the primary key may be sent to where it ends up in logs: to a hub on this machine, or with the profile's leave.
pub(crate) fn may_be_logged(profile: &Profile) -> bool {
    profile.keys.disposable || is_loopback(&profile.target.url)
}

fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[').and_then(|address| address.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether the hub took the call's key for valid: it served the call, or refused it for another reason.
fn knows_key(exchange: &Exchange) -> bool {
    match Outcome::of(exchange) {
        Outcome::Error(ErrorCode::Unauthorized | ErrorCode::RateLimited | ErrorCode::Other(_)) => false,
        Outcome::Error(_) => true,
        _ => is_served(exchange),
    }
}

/// That the control's key was taken for valid, so that a refusal beside it is about the credentials.
///
/// # Errors
/// An inconclusive finding where it was not.
pub(crate) fn control_with_known_key(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let control = evidence.answered("control")?;
    if knows_key(control) && !is_throttled(control) {
        return Ok(());
    }
    let why = format!("the key of the control beside it was not taken: {}", observed(control));
    Err(Finding::Inconclusive(why))
}

/// Whether the call of this label ended in UNAUTHORIZED, beside a control whose key was taken for valid.
///
/// # Errors
/// An inconclusive finding where the control's was not, or there is no answer.
pub(crate) fn unauthorized(evidence: &Evidence<'_>, label: &str, summary: &str) -> Result<Finding, Finding> {
    control_with_known_key(evidence)?;
    ends_in(evidence, label, &[ErrorCode::Unauthorized], summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "http://localhost:8080/api/v1",
            "http://LOCALHOST",
            "http://127.0.0.1/api",
            "https://127.9.9.9:1",
            "http://[::1]:8080/api",
            "http://user:word@localhost/api",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://hub.test/api/v1",
            "http://localhost.hub.test",
            "http://localhost@hub.test/localhost",
            "http://127.0.0.1.hub.test",
            "http://[2001:db8::1]/::1",
            "http://hub.test?@localhost",
            "http://10.0.0.1",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn a_disposable_key_may_be_logged_anywhere() {
        let mut profile = Profile::of_url("https://hub.test/api/v1");
        assert!(!may_be_logged(&profile));
        profile.keys.disposable = true;
        assert!(may_be_logged(&profile));
    }
}
